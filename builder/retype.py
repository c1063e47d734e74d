"""What would become of a field's values if it were of another kind: asked first, on the data."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, Table

from builder.conversion import (
    CHUNK,
    Conversion,
    Failed,
    Place,
    Target,
    field_at,
    holding,
    table_at,
)
from runtime.catalogue import active_definition
from runtime.compile import App, Form
from runtime.compile.field import COMPUTED_KINDS
from runtime.definitions import AppDef, FieldDef, read_app
from runtime.definitions.loader import schema_problems
from runtime.infra.act import Act
from runtime.infra.errors import NotFound, Problem, ValidationFailed
from runtime.infra.messages import message
from runtime.kinds.fields import FIELD_TYPES
from runtime.query import labels

EXAMPLES: Final = 5


@dataclass(frozen=True)
class Example:
    """A value as it is read now, and as it would be."""

    before: str
    after: str


@dataclass(frozen=True)
class Failing:
    """A value that cannot be converted: in which record and line, what it says, and why not."""

    record_id: int
    title: str
    line_no: int | None
    text: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def why(self, locale: str = "zh") -> str:
        """The reason in words."""
        return message(self.code, self.params, locale)


@dataclass(frozen=True)
class DryRun:
    """How many values there are, how many of them convert, and how many would be left empty.

    `is_computed`: the new kind is filled by the system, so what is there now is only set aside.
    """

    total: int
    convertible: int
    examples: tuple[Example, ...]
    failing: Callable[[], Iterator[Failing]]
    is_computed: bool = False

    @property
    def empty_after(self) -> int:
        """How many would have no value any more."""
        return self.total - self.convertible


def dry_run(  # noqa: PLR0913 - a field of a form or of its lines, and what it shall be
    act: Act,
    app: App,
    form: str,
    lines: str | None,
    code: str,
    kind: str,
    options: Mapping[str, Any] | None = None,
) -> DryRun:
    """Convert every value of a field to another kind, and write nothing.

    Raises NotFound for a field that is not published, ValidationFailed for a kind or options that
    cannot be.
    """
    place = Place(form, lines, code)
    before = field_at(app, place)
    if before is None:
        raise NotFound
    if before.column is None or kind in COMPUTED_KINDS:
        total = 0
        if before.column is not None:
            total = holding(act.connection, table_at(app, place), before.column)
        return DryRun(total, 0, (), lambda: iter(()), is_computed=True)
    table, column = table_at(app, place), before.column
    conversion = Conversion(act.connection, app, before, _target(act, app, place, kind, options))
    return tried(conversion, table, column, app.forms[form])


def tried(conversion: Conversion, table: Table, column: Column[Any], form: Form) -> DryRun:
    """Go through the values of a column once; those that fail are gone through when asked."""
    total = convertible = 0
    examples: list[Example] = []
    for outcome in conversion.outcomes(table, column):
        total += 1
        convertible += outcome.is_kept
        if outcome.is_kept and len(examples) < EXAMPLES:
            examples.append(Example(outcome.text, conversion.shown(outcome)))

    def failing() -> Iterator[Failing]:
        return _failing(conversion, table, column, form)

    return DryRun(total, convertible, tuple(examples), failing)


def _failing(
    conversion: Conversion, table: Table, column: Column[Any], form: Form
) -> Iterator[Failing]:
    """Every value that fails, in the order of the records."""
    wrong = (each for each in conversion.outcomes(table, column) if not each.is_kept)
    while chunk := list(islice(wrong, CHUNK)):
        ids = {each.row.record_id for each in chunk}
        titles = labels(conversion.connection, form, ids)
        for each in chunk:
            failed, row = each.value, each.row
            assert isinstance(failed, Failed), "only what failed is here"
            title = titles.get(row.record_id, f"#{row.record_id}")
            yield Failing(
                row.record_id, title, row.line_no, failed.text, failed.code, failed.params
            )


def as_table(found: Iterable[Failing], locale: str = "zh") -> Iterator[tuple[str, ...]]:
    """The failing values as rows of a sheet: a heading first."""
    heads = ("record", "line", "value", "why")
    yield tuple(message(f"retype_column_{head}", {}, locale) for head in heads)
    for each in found:
        number = "" if each.line_no is None else str(each.line_no)
        yield each.title, number, each.text, each.why(locale)


def _target(
    act: Act, app: App, place: Place, kind: str, options: Mapping[str, Any] | None
) -> Target:
    """The field as it would be, in the app as it is: read with everything options may name."""
    if kind not in FIELD_TYPES:
        problem = Problem("/kind", "field_kind_unknown", {"kind": kind})
        raise ValidationFailed("definition_invalid", problems=[problem])
    problems = list(schema_problems(FIELD_TYPES[kind].options, options or {}))
    if problems:
        found = [each.under("/options") for each in problems]
        raise ValidationFailed("definition_invalid", problems=found)
    active = active_definition(act.connection, app.code)
    assert active is not None, "the app runs"
    source = copy.deepcopy(active[0])
    changed = _json_of(source, place)
    changed.update(kind=kind, options=dict(options or {}))
    definition = _definition_of(read_app(source), place)
    if kind == "datetime":
        definition = replace(definition, options={**definition.options, "zone": app.zone})
    refers = None
    if kind == "reference":
        refers = app.forms.get(str(definition.options["form"]))
        if refers is None:
            params = {"name": definition.options["form"]}
            problem = Problem("/options/form", "form_unknown", params)
            raise ValidationFailed("definition_invalid", problems=[problem])
    return Target(FIELD_TYPES[kind], definition, refers)


def _json_of(source: Any, place: Place) -> Any:
    form = next(each for each in source["forms"] if each["code"] == place.form)
    fields = form["fields"]
    if place.lines is not None:
        lines = next(each for each in fields if each["code"] == place.lines)
        fields = lines["options"]["fields"]
    return next(each for each in fields if each["code"] == place.code)


def _definition_of(app: AppDef, place: Place) -> FieldDef:
    form = app.form(place.form)
    assert form is not None, "the form runs"
    fields = form.fields
    if place.lines is not None:
        fields = next(each for each in fields if each.code == place.lines).columns
    return next(each for each in fields if each.code == place.code)
