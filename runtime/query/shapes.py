"""How a record looks in JSON: exact numbers as strings, dates in ISO, references as ids."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from runtime.infra.strict_json import Json
from runtime.query.page import Page
from runtime.query.record import LineRecord, Record


def record_json(record: Record) -> Json:
    """Return a record; `values` is what a create or update takes, `titles` what references say."""
    lines = {code: [line_json(line) for line in rows] for code, rows in record.lines.items()}
    titles = {
        code if lines_code is None else f"{lines_code}.{code}": {
            str(key): title for key, title in known.items()
        }
        for (lines_code, code), known in record.labels.items()
        if code in (record.values if lines_code is None else _shown_fields(record, lines_code))
    }
    return {
        "id": record.id,
        "version": record.version,
        "status": record.status,
        "title": record.title,
        "values": {**_values(record.values), **lines},
        "titles": titles,
        "created_by": record.created_by,
        "created_at": instant(record.created_at),
        "updated_by": record.updated_by,
        "updated_at": instant(record.updated_at),
    }


def line_json(line: LineRecord) -> dict[str, Json]:
    """Return one line with its id."""
    return {"id": line.id, **_values(line.values)}


def page_json(page: Page) -> list[Json]:
    """Return the rows of a page; `shown` are the values as people read them."""
    return [
        {
            "id": row.id,
            "version": row.version,
            "status": row.status,
            "values": _values(row.values),
            "shown": dict(row.shown),
        }
        for row in page.rows
    ]


def value_json(value: Any) -> Json:
    """Return one value as JSON."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return instant(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value


def instant(value: datetime | None) -> str | None:
    """Return an instant in UTC."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _values(values: Mapping[str, Any]) -> dict[str, Json]:
    return {code: value_json(value) for code, value in values.items()}


def _shown_fields(record: Record, lines: str) -> frozenset[str]:
    return frozenset(code for line in record.lines.get(lines, ()) for code in line.values)
