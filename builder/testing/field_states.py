"""How a field of a record stands for somebody: hidden, locked, required, by rules and by rights."""

from collections.abc import Mapping

from runtime import access, documents
from runtime.compile.field import Field
from runtime.infra.act import Act
from runtime.query import Record


def states_at(act: Act, record: Record, place: str) -> Mapping[str, bool] | None:
    """Return the state of `reason`, or of `lines/0/price`; None where there is no such field."""
    form = record.form
    table, row, code = _parts(place)
    lines = next((each for each in form.lines if each.code == table), None)
    fields = form.fields if table is None else () if lines is None else lines.fields
    found = next((each for each in fields if each.code == code), None)
    if found is None:
        return None
    shown = _shown(act, record, table)
    said = documents.states_of(act, form, {}, record.id)
    at = (table, row, code)
    fixed = access.fixed_fields(act.actor, form, "update")
    paths = {code} if table is None else {table, f"{table}.{code}"}
    hidden = said.is_hidden(at) or found not in shown
    locked = said.is_locked(at) or found.definition.readonly or found.is_computed
    return {
        "hidden": hidden,
        "readonly": locked or not fixed.isdisjoint(paths),
        "required": not hidden and (found.required or at in said.required),
    }


def _parts(place: str) -> tuple[str | None, int, str]:
    parts = place.split("/")
    if len(parts) == 1:
        return None, 0, parts[0]
    return parts[0], int(parts[1]), parts[2]


def _shown(act: Act, record: Record, table: str | None) -> tuple[Field, ...]:
    form = record.form
    if table is None:
        return access.visible_fields(act.actor, form)
    return access.visible_line_fields(act.actor, form, form.lines_of(table))
