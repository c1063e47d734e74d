"""The same request twice is one record: the key, who sent it, and the hash of what it said."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update

from runtime.documents.tables import idempotency
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Conflict
from runtime.infra.upsert import insert_into
from runtime.kinds.field_type import Unreadable

LONGEST_KEY: Final = 200
# A handheld may be out of reach for a while, and a page may lie open over a holiday.
KEPT: Final = timedelta(days=30)


@dataclass(frozen=True)
class Request:
    """A write that may arrive twice: which form, and everything that was asked."""

    key: str
    app: str
    form: str
    body_hash: str


def request(key: str, app: str, form: str, verb: str, values: Mapping[str, Any]) -> Request:
    """Describe a request; equal requests have equal hashes."""
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise BadRequest("idempotency_key_invalid", {"limit": LONGEST_KEY})
    body = strict_json.canonical([app, form, verb, _plain(values)])
    return Request(key, app, form, hashlib.sha256(body.encode()).hexdigest())


def first_result(act: Act, asked: Request) -> int | None:
    """Claim the key; returns the record of the first request, or None when this is the first.

    On PostgreSQL a second request with the same key waits here until the first one is through.
    """
    row = {
        "actor_id": _owner(act),
        "key": asked.key,
        "body_hash": asked.body_hash,
        "app": asked.app,
        "form": asked.form,
        "created_at": act.now,
    }
    claiming = insert_into(act.connection, idempotency).values(row).on_conflict_do_nothing()
    if act.connection.execute(claiming.returning(idempotency.c.id)).scalar() is not None:
        return None
    query = select(idempotency.c.body_hash, idempotency.c.record_id).where(*_this(act, asked))
    first = act.connection.execute(query).one()
    if first.body_hash != asked.body_hash or first.record_id is None:
        raise Conflict("idempotency_conflict")
    return int(first.record_id)


def remember(act: Act, asked: Request, record_id: int) -> None:
    """Note what the request made, in the same transaction as the record itself."""
    act.connection.execute(
        update(idempotency).where(*_this(act, asked)).values(record_id=record_id)
    )


def forget(act: Act) -> int:
    """Forget the keys nobody will send again; returns how many."""
    old = delete(idempotency).where(idempotency.c.created_at < act.now - KEPT)
    return act.connection.execute(old).rowcount


def _this(act: Act, asked: Request) -> tuple[Any, ...]:
    return (idempotency.c.actor_id == _owner(act), idempotency.c.key == asked.key)


def _owner(act: Act) -> int:
    return act.actor.user_id or 0


def _plain(value: Any) -> Any:
    if isinstance(value, Unreadable):
        return {"unreadable": value.text}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
