"""Looking things up in the audit trail: who, when, what, on which record, which field."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, Text, select, type_coerce
from sqlalchemy.sql import and_, true

from runtime.infra import strict_json
from runtime.infra.audit import AuditEntry, audit_table, entry_of
from runtime.infra.errors import NotFound

# What is read at once when all that was found is written out.
STEP: Final = 500
LONGEST_TEXT: Final = 200


@dataclass(frozen=True)
class Search:
    """What is looked for; what is None or empty does not narrow it."""

    user_id: int | None = None
    is_system: bool = False
    since: datetime | None = None
    until: datetime | None = None
    source: str = ""
    action: str = ""
    form: str = ""
    record_id: int | None = None
    field: str = ""
    text: str = ""


def found(
    connection: Connection, search: Search, *, before: int | None = None, limit: int
) -> tuple[AuditEntry, ...]:
    """Return what fits, the latest first, from before an entry on."""
    query = _query(search)
    if before is not None:
        query = query.where(audit_table.c.id < before)
    return tuple(map(entry_of, connection.execute(query.limit(limit)).mappings()))


def all_found(connection: Connection, search: Search) -> Iterator[AuditEntry]:
    """Yield everything that fits, the latest first, a few at a time."""
    before: int | None = None
    while some := found(connection, search, before=before, limit=STEP):
        yield from some
        before = some[-1].id


def get(connection: Connection, entry_id: int) -> AuditEntry:
    """Return one entry."""
    query = select(audit_table).where(audit_table.c.id == entry_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return entry_of(row)


def _query(search: Search) -> Select[tuple[object, ...]]:
    return select(audit_table).where(and_(*_conditions(search))).order_by(audit_table.c.id.desc())


def _conditions(search: Search) -> Iterator[ColumnElement[bool]]:
    columns = audit_table.c
    yield true()
    equal = ("user_id", "record_id", "source", "action", "form")
    yield from (columns[name] == getattr(search, name) for name in equal if getattr(search, name))
    if search.is_system:
        yield columns.user_id.is_(None)
    if search.since is not None:
        yield columns.at >= search.since
    if search.until is not None:
        yield columns.at < search.until
    if search.field:
        yield _holds(f"{strict_json.dumps(search.field)}:")
    if search.text:
        # As it stands in the stored text: quotes and backslashes are spelled as JSON spells them.
        yield _holds(strict_json.dumps(search.text[:LONGEST_TEXT])[1:-1])


def _holds(text: str) -> ColumnElement[bool]:
    return type_coerce(audit_table.c.changes, Text).contains(text, autoescape=True)
