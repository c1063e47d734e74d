"""Every field a flow names is there, and is of a kind that can be what the flow takes it for."""

from collections.abc import Iterator, Mapping
from typing import Final

from builder.flow_places import LINES, PEOPLE, TIME, FieldAt, FlowField, flow_places
from runtime.compile.field import COMPUTED_KINDS
from runtime.definitions import AppDef, FieldDef
from runtime.infra.errors import Problem
from runtime.kinds.layout_field import LAYOUT

# Whoever made a record is asked like somebody a field names.
MAKER: Final = "created_by"
# What a place needs, and why not; a field that is computed may come to anything.
_NEEDED: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    PEOPLE: (frozenset({"user", "users", "department", "departments"}), "flow_field_no_people"),
    TIME: (frozenset({"date", "datetime"}), "flow_field_no_moment"),
    LINES: (frozenset({"lines"}), "flow_field_no_lines"),
}


def flow_fields(definition: AppDef) -> Iterator[Problem]:
    """Yield the fields of flows that are not there, or cannot be what they are taken for."""
    fields = {
        FieldAt(form.code, lines, field.code): field
        for form in definition.forms
        for lines, field in _every_field(form.fields)
    }
    forms = {form.code for form in definition.forms}
    for place in flow_places(definition.source):
        # A form that is not there is a problem of its own.
        if isinstance(place, FlowField) and place.fields[0].form in forms:
            yield from _place(place, fields)


def _place(place: FlowField, fields: Mapping[FieldAt, FieldDef]) -> Iterator[Problem]:
    last = place.fields[-1]
    if place.sort == PEOPLE and last.code == MAKER:
        return
    pointer, params = place.pointer, {"name": place.text.removeprefix("-")}
    if any(each not in fields for each in place.fields):
        yield Problem(pointer, "field_unknown", params)
    elif place.sort in _NEEDED:
        kinds, wrong = _NEEDED[place.sort]
        if fields[last].kind not in kinds | (COMPUTED_KINDS - LAYOUT):
            yield Problem(pointer, wrong, params)


def _every_field(fields: tuple[FieldDef, ...]) -> Iterator[tuple[str | None, FieldDef]]:
    for field in fields:
        yield None, field
        if field.kind == "lines":
            yield from ((field.code, column) for column in field.columns)
