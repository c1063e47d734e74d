"""Where drafts are kept: one row for an app, and a row for each change of it."""

from collections import OrderedDict
from threading import Lock
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    RowMapping,
    Text,
    UniqueConstraint,
    select,
)

from runtime.catalogue import APP, APP_VERSION
from runtime.infra import strict_json
from runtime.infra.columns import Flag, Instant, JsonText, Key
from runtime.infra.db import system_table

# An app as it is being changed. It stays when it was published: what was removed stays with it.
DRAFT: Final = system_table(
    "s_draft",
    Column("id", Key(), primary_key=True, autoincrement=True),
    Column("app", Text, nullable=False, unique=True),
    Column("rev", Integer, nullable=False),
    Column("base_version", Integer, nullable=False),
    # The digest of the published JSON it was made from, so that it need not be read to compare.
    Column("base_digest", Text, nullable=False),
    Column("is_changed", Flag(), nullable=False),
    Column("source", Text, nullable=False),
    # What was deleted, now and when the draft was last the same as what is published.
    Column("removed", Text, nullable=False),
    Column("base_removed", Text, nullable=False),
    # New fields of which nobody has said yet who sees them.
    Column("undecided", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Instant(), nullable=False),
)

# Every change of a draft. `forward` and `back` make the later state of the earlier and the reverse;
# `state` says whether it can be undone (done), done again (undone) or neither (settled).
DRAFT_OP: Final = system_table(
    "s_draft_op",
    Column("id", Key(), primary_key=True, autoincrement=True),
    Column("draft_id", ForeignKey("s_draft.id"), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant(), nullable=False),
    Column("operations", JsonText(), nullable=False),
    Column("said", JsonText(), nullable=False),
    Column("created", JsonText(), nullable=False),
    Column("forward", JsonText()),
    Column("back", JsonText()),
    UniqueConstraint("draft_id", "rev"),
)

_MOST_HELD: Final = 8
_held: OrderedDict[str, Any] = OrderedDict()
_lock: Final = Lock()


def draft_row(connection: Connection, app: str, *, to_change: bool = False) -> RowMapping | None:
    """The stored draft of an app; `to_change` makes a second writer wait for the first."""
    query = select(DRAFT).where(DRAFT.c.app == app)
    if to_change:
        query = query.with_for_update()
    return connection.execute(query).mappings().first()


def active(connection: Connection, app: str) -> tuple[Any, int] | None:
    """The JSON and number of the running version of an app, if it is installed."""
    row = connection.execute(
        select(APP_VERSION.c.definition, APP_VERSION.c.number)
        .join(APP, APP.c.id == APP_VERSION.c.app_id)
        .where(APP.c.code == app, APP_VERSION.c.number == APP.c.active_version)
    ).first()
    return None if row is None else (parsed(row.definition), row.number)


def parsed(text: str) -> Any:
    """The JSON of a text, read once however often it is asked for: nobody changes it in place."""
    with _lock:
        if text in _held:
            _held.move_to_end(text)
            return _held[text]
    value = strict_json.loads(text, max_bytes=64_000_000)
    hold(text, value)
    return value


def hold(text: str, value: Any) -> None:
    """Keep what a text was written from, so that it need not be read again."""
    with _lock:
        _held[text] = value
        while len(_held) > _MOST_HELD:
            _held.popitem(last=False)
