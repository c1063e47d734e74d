"""The audit trail to take along: all that was found, as CSV, read and sent a little at a time."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from flask import Response

from runtime.infra import strict_json
from runtime.infra.audit import AuditEntry
from runtime.infra.audit_search import Search, all_found
from runtime.infra.db import Database
from runtime.screens.acting import platform
from runtime.screens.audit import asked
from runtime.screens.audit.pages import looked
from runtime.screens.routes import permission

COLUMNS: Final = (
    "id", "at", "user_id", "user_name", "source", "request_id", "action", "form", "record_id",
    "changes",
)  # fmt: skip
# A cell that begins like this would be taken for a formula.
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_BOM: Final = "\ufeff"


@permission("admin")
def export_audit() -> Response:
    """Send everything the page would find."""
    search = asked.search()
    looked({"export": {name: value for name, value in asked.values().items() if value}})
    answer = Response(_lines(platform().database, search), mimetype="text/csv")
    name = f"audit-{platform().clock():%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _lines(database: Database, search: Search) -> Iterator[str]:
    yield _BOM + _written(COLUMNS)
    with database.reading() as connection:
        for entry in all_found(connection, search):
            yield _written(_cells(entry))


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    values = {name: getattr(entry, name) for name in COLUMNS}
    values |= {"at": entry.at.isoformat(), "changes": strict_json.dumps(entry.changes)}
    return tuple(_plain(values[name]) for name in COLUMNS)


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _written(cells: tuple[str, ...]) -> str:
    line = StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue()
