"""Values that were kept, asked again by what their fields ask today.

Only what is sent is read and checked on its way in. What was kept before a rule was published may
break it; that may stay in a draft, and may not come into force or back out of the bin.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from runtime.compile import validate
from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.compile.rules import States
from runtime.documents.prepare import states_of
from runtime.infra.act import Act
from runtime.infra.errors import ValidationFailed
from runtime.query import Record
from runtime.query.shapes import value_json


def require_as_ruled(act: Act, form: Form, record: Record) -> None:
    """Refuse a record of which a value is not what its field asks; hidden fields ask nothing."""
    said = states_of(act, form, {}, record.id)
    raw = _kept(form.fields, record.values, said, (None, 0))
    for table in form.lines:
        if not said.is_hidden((None, 0, table.code)):
            raw[table.code] = [
                _kept(table.fields, row.values, said, (table.code, index))
                for index, row in enumerate(record.lines.get(table.code, ()))
            ]
    problems = validate(form, raw)[1]
    if problems:
        raise ValidationFailed(problems=problems)


def _kept(
    fields: Sequence[Field],
    values: Mapping[str, Any],
    said: States,
    row: tuple[str | None, int],
) -> dict[str, Any]:
    """What of a row people fill in, as it would be sent."""
    return {
        item.code: value_json(values[item.code])
        for item in fields
        if item.column is not None
        and not (item.is_computed or item.is_lines or item.definition.readonly)
        and not said.is_hidden((*row, item.code))
        and values.get(item.code) is not None
    }
