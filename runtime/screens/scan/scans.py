"""What devices send: scans, each once, and the end of a task."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from flask import Response, jsonify, request

from runtime import query
from runtime.documents import scanning
from runtime.documents.scanning import LARGEST, PLACES, Scan
from runtime.infra import strict_json
from runtime.infra.columns import is_key
from runtime.infra.errors import BadRequest, NotFound
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.routes import permission
from runtime.screens.scan.tasks import task_json

MOST: Final = 200
LONGEST_CODE: Final = 200
BODY: Final = 200_000
DEPTH: Final = 5


@permission("update", body=BODY)
def take_scans(app_code: str, form_code: str, record_id: int) -> Response:
    """Write scans down and answer what became of each, with the draft as it is counted now."""
    sent = _body()
    given = sent.get("scans")
    if not isinstance(given, list) or not 0 < len(given) <= MOST:
        raise BadRequest("scans_unreadable", {"limit": MOST})
    wanted = [_scan(each) for each in given]
    with reading() as act:
        form = form_of(act, app_code, form_code)
    done = carry_out(lambda act: scanning.take(act, form, record_id, wanted))
    with reading() as act:
        draft = query.record(act, form, record_id)
        if draft is None:
            raise NotFound
        goods = scanning.require_goods(act, form)
        return jsonify(
            {
                "outcomes": [
                    {"uuid": each.uuid, "state": each.state, "item": each.item_id} for each in done
                ],
                "task": task_json(act, form, goods, draft),
            }
        )


@permission("update", body=BODY)
def complete_scan(app_code: str, form_code: str, record_id: int) -> Response:
    """Make the draft what was scanned and submit it."""
    sent = _body()
    uuid, version = _uuid(sent.get("uuid")), sent.get("version")
    if not isinstance(version, int) or not is_key(version):
        raise BadRequest("scans_unreadable", {"limit": MOST})
    with reading() as act:
        form = form_of(act, app_code, form_code)
    done = carry_out(
        lambda act: scanning.complete(act, form, record_id, version=version, uuid=uuid)
    )
    return jsonify({"title": done.title, "status": done.status})


def _body() -> dict[str, Any]:
    sent = strict_json.loads(request.get_data(), max_bytes=BODY, max_depth=DEPTH)
    if not isinstance(sent, dict):
        raise BadRequest("scans_unreadable", {"limit": MOST})
    return sent


def _scan(given: Any) -> Scan:
    """Read one scan; what is none refuses the batch: no device of ours has sent it."""
    wrong = BadRequest("scans_unreadable", {"limit": MOST})
    if not isinstance(given, dict):
        raise wrong
    code, line, item = given.get("code", ""), given.get("line"), given.get("item")
    if not isinstance(code, str) or len(code) > LONGEST_CODE or "\0" in code:
        raise wrong
    if any(key is not None and not is_key(key) for key in (line, item)):
        raise wrong
    return Scan(
        _uuid(given.get("uuid")), _qty(given.get("qty")), _at(given.get("at")), line, item, code
    )


def _uuid(given: Any) -> str:
    try:
        return str(UUID(str(given)))
    except ValueError:
        raise BadRequest("scans_unreadable", {"limit": MOST}) from None


def _qty(given: Any) -> Decimal:
    try:
        qty = Decimal(given) if isinstance(given, str) else Decimal("NaN")
    except InvalidOperation:
        qty = Decimal("NaN")
    if not qty.is_finite() or abs(qty) > LARGEST or qty != round(qty, PLACES):
        raise BadRequest("scans_unreadable", {"limit": MOST})
    return qty


def _at(given: Any) -> datetime:
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadRequest("scans_unreadable", {"limit": MOST})
    return at
