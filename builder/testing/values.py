"""Values of a test: what is sent by it, and whether a value is the one that was expected."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from builder.testing.outcome import BrokenTestError
from builder.testing.world import World
from runtime.compile import Form
from runtime.compile.field import Field
from runtime.infra.strict_json import Json
from runtime.kinds.families import PEOPLE
from runtime.query import Record, labels
from runtime.query.shapes import value_json

# A row of a change names the row it is about by its number; people count from one.
LINE: Final = "line"
Row = Mapping[str, Any]


def sent(world: World, form: Form, values: Row, before: Record | None = None) -> dict[str, Any]:
    """Return values as a program sends them: names of records and people become their ids."""
    tables = {table.code: table for table in form.lines}
    found: dict[str, Any] = {}
    for code, value in values.items():
        if code in tables and isinstance(value, list):
            fields = tables[code].by_code
            ids = [line.id for line in before.lines.get(code, ())] if before else []
            found[code] = [_row(world, form, fields, row, ids) for row in value]
        else:
            found[code] = _sent(world, form, form.by_code.get(code), value)
    return found


def _row(
    world: World, form: Form, fields: Mapping[str, Field], row: Any, ids: list[int]
) -> dict[str, Any] | Any:
    if not isinstance(row, Mapping):
        return row
    values = {k: _sent(world, form, fields.get(k), v) for k, v in row.items() if k != LINE}
    number = row.get(LINE)
    if number is None:
        return values
    if not isinstance(number, int) or not 0 < number <= len(ids):
        raise BrokenTestError("test_line_unknown", {"line": str(number)})
    return {"id": ids[number - 1], **values}


def _sent(world: World, form: Form, field: Field | None, value: Any) -> Any:
    if field is None or field.is_lines or field.is_computed:
        return value
    if isinstance(value, list):
        return [_sent(world, form, field, each) for each in value]
    target = target_of(form, field)
    is_person = field.kind.kind in PEOPLE and isinstance(value, str) and value.startswith("@")
    if not isinstance(value, str) or (target is None and not is_person):
        return value
    key = world.key(target, value)
    if key is None:
        raise BrokenTestError("test_reference_unknown", {"text": value, "field": field.code})
    return key


def is_same(world: World, target: Form | None, expected: Json, actual: Any) -> bool:
    """Say whether a value is what a test expects: numbers by their worth, records by any name."""
    if isinstance(actual, (list, tuple)):
        return (
            isinstance(expected, list)
            and len(expected) == len(actual)
            and all(is_same(world, target, *pair) for pair in zip(expected, actual, strict=True))
        )
    if isinstance(expected, str) and world.is_name(expected) and expected != actual:
        return str(world.key(target, expected)) == str(actual)
    if target is not None and isinstance(expected, str):
        return bool(world.key(target, expected) == actual)
    if isinstance(actual, Decimal):
        return _number(expected) == actual
    if isinstance(actual, date):
        return bool(expected == value_json(actual))
    return type(expected) is type(actual) and bool(expected == actual)


def _number(expected: Json) -> Decimal | None:
    if isinstance(expected, bool) or not isinstance(expected, (str, int, Decimal)):
        return None
    try:
        return Decimal(expected)
    except InvalidOperation:
        return None


def told(world: World, target: Form | None, actual: Any) -> Json:
    """A value as a report says it: records by their title, numbers exactly."""
    if isinstance(actual, (list, tuple)):
        return [told(world, target, each) for each in actual]
    if target is not None and isinstance(actual, int):
        return labels(world.connection, target, [actual]).get(actual, f"#{actual}")
    return value_json(actual)


def target_of(form: Form, field: Field | None) -> Form | None:
    """The form a field points to, if it points anywhere."""
    return form.target(field) if field is not None and field.target is not None else None


def targets(form: Form, fields: Iterable[Field]) -> dict[str, Form]:
    """The forms that fields point to, by the code of the field."""
    return {f.code: form.target(f) for f in fields if f.target is not None}
