"""Goods scanned for a draft: each scan once, whoever sends it how often; then the draft as counted.

A scan is a fact beside the document, like a tick on a picking list. Only `complete` changes the
document, by the same `update` and `submit` as everybody else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Column, ForeignKey, Index, Text, func, insert, select

from runtime import access, query
from runtime.compile.model import Form, LineTable
from runtime.documents import lifecycle, stored
from runtime.documents.conditions import require_editable
from runtime.infra.act import Act
from runtime.infra.columns import ExactDecimal, Instant, Key
from runtime.infra.db import system_table
from runtime.infra.errors import Conflict, Forbidden, NotFound
from runtime.infra.upsert import insert_into
from runtime.query import Record

COMMANDS: Final = frozenset({"receive", "issue", "stocktake", "transfer"})
# A count may find nothing: what was looked for and is not there is counted, too.
COUNTING: Final = "stocktake"
PLACES: Final = 6
LARGEST: Final = Decimal(10**9)
COUNTED: Final = "counted"
UNKNOWN: Final = "unknown"
COMPLETED: Final = "completed"

scan_table: Final = system_table(
    "s_scan",
    Column("id", Key(), primary_key=True),
    # Given by the device that scanned, so that sending twice is scanning once.
    Column("uuid", Text, nullable=False, unique=True),
    Column("user_id", Key(), ForeignKey("s_user.id"), nullable=False),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("record_id", Key(), nullable=False),
    Column("line_id", Key()),
    Column("item_id", Key()),
    Column("code", Text, nullable=False),
    Column("qty", ExactDecimal(PLACES), nullable=False),
    Column("state", Text, nullable=False),
    Column("scanned_at", Instant(), nullable=False),
    Column("at", Instant(), nullable=False),
    Index("ix_s_scan_record", "app", "form", "record_id"),
)


@dataclass(frozen=True)
class Scan:
    """One scan as a device tells of it: of a line, of an item, or of a code nobody knew offline."""

    uuid: str
    qty: Decimal
    at: datetime
    line_id: int | None = None
    item_id: int | None = None
    code: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a scan; `item_id` is what its code meant."""

    uuid: str
    state: str
    item_id: int | None


@dataclass(frozen=True)
class Tally:
    """What was scanned so far: for each line, and for items the draft does not name."""

    lines: Mapping[int, Decimal]
    items: Mapping[int, Decimal]


@dataclass(frozen=True)
class Goods:
    """Where a form keeps what is scanned."""

    table: LineTable
    item: str
    qty: str


def goods_of(form: Form) -> Goods | None:
    """Return where a form's goods stand, None where nothing can be scanned."""
    posting = form.posting
    if not form.is_document or posting is None or posting.command not in COMMANDS:
        return None
    lines, prefix = posting.lines, f"{posting.lines}."
    if not lines or not (posting.item.startswith(prefix) and posting.qty.startswith(prefix)):
        return None
    item, qty = posting.item.removeprefix(prefix), posting.qty.removeprefix(prefix)
    return Goods(form.lines_of(lines), item, qty)


def require_goods(act: Act, form: Form) -> Goods:
    """Return where a form's goods stand; the actor must see item and quantity."""
    goods = goods_of(form)
    if goods is None:
        raise NotFound
    seen = {field.code for field in access.visible_line_fields(act.actor, form, goods.table)}
    if not {goods.item, goods.qty} <= seen:
        raise Forbidden("form_forbidden", {"verb": "update", "form": form.label.zh})
    return goods


def take(act: Act, form: Form, record_id: int, scans: Sequence[Scan]) -> tuple[Outcome, ...]:
    """Write scans down, each once; says for every one what became of it."""
    goods = require_goods(act, form)
    access.require(act.actor, "update", form)
    draft = stored.lock(act, form, record_id, "update")
    require_editable(act, form, draft)
    lines = {line.id: line.values.get(goods.item) for line in draft.lines[goods.table.code]}
    asked = [scan.code for scan in scans if scan.line_id not in lines and scan.item_id is None]
    target = form.target(goods.table.by_code[goods.item])
    known = query.resolve(act, target, asked) if asked else {}
    real = _real_items(act, form, goods, [scan.item_id for scan in scans if scan.item_id])
    done = []
    for scan in scans:
        line_id = scan.line_id if scan.line_id in lines else None
        item = lines[line_id] if line_id else _item_of(scan, real, known)
        if item is None:
            done.append(Outcome(scan.uuid, UNKNOWN, None))
            continue
        _write(act, form, record_id, scan, (line_id, item, COUNTED))
        done.append(Outcome(scan.uuid, COUNTED, item))
    return tuple(done)


def tally(act: Act, form: Form, draft: Record) -> Tally:
    """Add up what was scanned for a draft; for a line that is gone it goes by its item."""
    goods = goods_of(form)
    assert goods is not None, "asked of a form with goods"
    known = {line.id for line in draft.lines.get(goods.table.code, ())}
    columns = scan_table.c
    found = act.connection.execute(
        select(columns.line_id, columns.item_id, func.sum(columns.qty).label("qty"))
        .where(*_of(form, draft.id), columns.state == COUNTED)
        .group_by(columns.line_id, columns.item_id)
    )
    lines: dict[int, Decimal] = defaultdict(Decimal)
    items: dict[int, Decimal] = defaultdict(Decimal)
    for row in found:
        place, key = (lines, row.line_id) if row.line_id in known else (items, row.item_id)
        place[key] += row.qty
    return Tally(lines, items)


def complete(act: Act, form: Form, record_id: int, *, version: int, uuid: str) -> Record:
    """Make the draft what was scanned and submit it, once for a uuid.

    Lines nobody scanned leave the draft; items it did not name come in as lines of their own.
    """
    goods = require_goods(act, form)
    access.require(act.actor, "update", form)
    if _was_completed(act, form, record_id, uuid):
        return _seen(act, form, record_id)
    draft = stored.lock(act, form, record_id, "update")
    if _was_completed(act, form, record_id, uuid):
        return _seen(act, form, record_id)
    found = tally(act, form, draft)
    if not found.lines and not found.items:
        raise Conflict("nothing_scanned")
    values = {goods.table.code: _rows(form, goods, draft, found)}
    changed = lifecycle.update(act, form, record_id, values, version=version)
    end = Scan(uuid, Decimal(0), act.now)
    _write(act, form, record_id, end, (None, None, COMPLETED))
    if not access.may(act.actor, "submit", form):
        return changed
    return lifecycle.submit(act, form, record_id, version=changed.version)


def _rows(form: Form, goods: Goods, draft: Record, found: Tally) -> list[dict[str, Any]]:
    """The lines as they were counted, in their order, then what came besides."""
    assert form.posting is not None, "goods are posted"
    keeps_none = form.posting.command == COUNTING
    rows: list[dict[str, Any]] = [
        {"id": line.id, goods.qty: text_of(found.lines[line.id])}
        for line in draft.lines[goods.table.code]
        if line.id in found.lines and (found.lines[line.id] > 0 or keeps_none)
    ]
    extra = ((item, qty) for item, qty in found.items.items() if qty > 0 or keeps_none)
    return rows + [{goods.item: item, goods.qty: text_of(qty)} for item, qty in extra]


def text_of(qty: Decimal) -> str:
    """Return a quantity with no more places than it has."""
    text = f"{qty:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _item_of(scan: Scan, real: frozenset[int], known: Mapping[str, int]) -> int | None:
    if scan.item_id is not None:
        return scan.item_id if scan.item_id in real else None
    return known.get(scan.code.strip())


def _real_items(act: Act, form: Form, goods: Goods, ids: Iterable[int]) -> frozenset[int]:
    """Those of the items that are there and that the actor may view."""
    wanted = set(ids)
    target = form.target(goods.table.by_code[goods.item])
    if not wanted or not access.may(act.actor, "view", target):
        return frozenset()
    asked = select(target.table.c.id).where(target.table.c.id.in_(sorted(wanted)))
    mine = access.row_condition(act.actor, target)
    return frozenset(act.connection.execute(asked if mine is None else asked.where(mine)).scalars())


def _write(
    act: Act, form: Form, record_id: int, scan: Scan, what: tuple[int | None, int | None, str]
) -> None:
    line_id, item_id, state = what
    row = {
        "uuid": scan.uuid,
        "user_id": act.actor.user_id,
        "app": form.app_code,
        "form": form.code,
        "record_id": record_id,
        "line_id": line_id,
        "item_id": item_id,
        "code": scan.code,
        "qty": scan.qty,
        "state": state,
        "scanned_at": scan.at,
        "at": act.now,
    }
    if state == COMPLETED:
        act.connection.execute(insert(scan_table).values(row))
        return
    act.connection.execute(
        insert_into(act.connection, scan_table).values(row).on_conflict_do_nothing()
    )


def _was_completed(act: Act, form: Form, record_id: int, uuid: str) -> bool:
    asked = select(scan_table.c.id).where(
        *_of(form, record_id), scan_table.c.uuid == uuid, scan_table.c.state == COMPLETED
    )
    return act.connection.execute(asked).first() is not None


def _seen(act: Act, form: Form, record_id: int) -> Record:
    found = query.record(act, form, record_id)
    if found is None:
        raise NotFound
    return found


def _of(form: Form, record_id: int) -> tuple[Any, ...]:
    columns = scan_table.c
    return (columns.app == form.app_code, columns.form == form.code, columns.record_id == record_id)
