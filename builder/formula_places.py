"""Every place of an app where a formula stands: the one list of them."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from builder.flow_places import FlowFormula, Step, flow_places
from runtime.compile import App, Field, Form
from runtime.compile.feeds import scope_of
from runtime.compile.row_rules import row_scope
from runtime.formula import Formula, FormulaError, Scope, parse
from runtime.kinds.bounds import SIDES, is_formula

Json = Mapping[str, Any]

FORMULA: Final = "formula"
DEFAULT: Final = "default"
WHERE: Final = "where"
CHECK: Final = "check"
SOURCE: Final = "source"
RULE: Final = "rule"
ROWS: Final = "rows"
FLOW: Final = "flow"
# A place that belongs to no field is written so in an address.
NO_FIELD: Final = "-"


@dataclass(frozen=True)
class FormulaPlace:
    """A formula of an app: in which form and line table, of which field, and which part of it.

    `field` is empty for what belongs to the form itself. `number` tells parts of one kind apart,
    `note` is what the definition calls it. `names` are the form and line table whose names it is
    written in; `steps` lead to its text in the JSON of the app.
    """

    form: str
    lines: str | None
    field: str
    part: str
    text: str
    steps: tuple[Step, ...]
    names: tuple[str, str | None]
    number: int = 0
    note: Any = None

    @property
    def path(self) -> str:
        """The field within its form: `total`, or `lines.amount`."""
        field = self.field or NO_FIELD
        return field if self.lines is None else f"{self.lines}.{field}"

    @property
    def name(self) -> str:
        """The part as it is written in an address: `formula`, `check-2`."""
        return f"{self.part}-{self.number}" if self.number else self.part

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from the others: form, path and name of the part."""
        return self.form, self.path, self.name

    def within(self, source: Json, text: str) -> dict[str, Any]:
        """A copy of the app's JSON in which this formula is another."""
        changed: dict[str, Any] = deepcopy(dict(source))
        holder: Any = changed
        for step in self.steps[:-1]:
            holder = holder[step]
        holder[self.steps[-1]] = text
        return changed


def formula_places(source: Json) -> Iterator[FormulaPlace]:
    """Yield every formula in the JSON of an app, in the order it is written."""
    for index, form in enumerate(source["forms"]):
        steps: tuple[Step, ...] = ("forms", index)
        for number, field in enumerate(form["fields"]):
            inner = (*steps, "fields", number)
            yield from _of_field(form["code"], None, field, inner)
            if field["kind"] == "lines":
                for place, column in enumerate(field.get("options", {}).get("fields", ())):
                    path = (*inner, "options", "fields", place)
                    yield from _of_field(form["code"], field["code"], column, path)
        yield from _checks(form, steps)
        yield from _rules(form, steps)
    for index, table in enumerate(source.get("aggregates", ())):
        yield from _of_aggregate(table, ("aggregates", index))


def row_rule_places(source: Json) -> Iterator[FormulaPlace]:
    """Yield the conditions that say which records roles reach; `note` is what the role is called.

    They are written in a language of their own: beside the fields they ask who looks.
    """
    for index, role in enumerate(source.get("roles", ())):
        for place, grant in enumerate(role.get("grants", ())):
            if grant.get("condition"):
                path: tuple[Step, ...] = ("roles", index, "grants", place, "condition")
                form, text = grant["form"], grant["condition"]
                yield FormulaPlace(
                    form, None, "", ROWS, text, path, (form, None), note=role.get("label")
                )


def flow_formula_places(source: Json) -> Iterator[FormulaPlace]:
    """Yield the formulas of flows; `note` is what a formula is for."""
    for each in flow_places(source):
        if isinstance(each, FlowFormula):
            yield in_flow(each)


def in_flow(each: FlowFormula) -> FormulaPlace:
    """A formula of a flow, told like every other one."""
    names = (each.form, each.lines)
    return FormulaPlace(
        each.form, each.lines, "", FLOW, each.text, each.steps, names, note=each.sort
    )


def find_place(source: Json, form: str, path: str, name: str) -> FormulaPlace | None:
    """The formula that stands there, or None."""
    wanted = (form, path, name)
    return next((place for place in formula_places(source) if place.key == wanted), None)


def field_at(form: Form, lines: str | None, code: str) -> Field | None:
    """The field of a compiled form, in its header or in a line table."""
    if lines is None:
        return form.by_code.get(code)
    table = next((table for table in form.lines if table.code == lines), None)
    return table.by_code.get(code) if table else None


def formula_at(app: App, place: FormulaPlace) -> Formula | None:
    """The compiled formula of a place; None where the app has no such place."""
    form = app.forms.get(place.names[0])
    if form is None:
        return None
    if place.part in (FORMULA, DEFAULT):
        field = field_at(form, place.lines, place.field)
        found = field and (field.default if place.part == DEFAULT else field.formula)
        if found and found.text == place.text:
            return found
    if place.part == ROWS:
        return _row_rule(form, place.text)
    return _parsed(form, place.names[1], place.text)


@lru_cache(maxsize=64)
def names_of(form: Form, lines: str | None) -> Scope:
    """The names a formula over a form (`lines` None) or over a line of it may use."""
    return scope_of(form)(lines)


@lru_cache(maxsize=512)
def _parsed(form: Form, lines: str | None, text: str) -> Formula | None:
    try:
        return parse(text, names_of(form, lines))
    except FormulaError:
        return None


@lru_cache(maxsize=64)
def _row_rule(form: Form, text: str) -> Formula | None:
    try:
        return parse(text, row_scope(form))
    except FormulaError:
        return None


def _of_field(
    form: str, lines: str | None, field: Json, steps: tuple[Step, ...]
) -> Iterator[FormulaPlace]:
    code, options, own = str(field["code"]), field.get("options", {}), (form, lines)
    # A draft may lack what its author has not written yet.
    if field["kind"] == "formula" and FORMULA in options:
        path = (*steps, "options", FORMULA)
        yield FormulaPlace(form, lines, code, FORMULA, options[FORMULA], path, own)
    if field["kind"] == "rollup" and options.get(WHERE) and {"reference", "form"} <= options.keys():
        counted, _, _code = options["reference"].rpartition(".")
        names, path = (options["form"], counted or None), (*steps, "options", WHERE)
        yield FormulaPlace(form, lines, code, WHERE, options[WHERE], path, names)
    for side in SIDES:
        if is_formula(options.get(side)):
            yield FormulaPlace(
                form, lines, code, side, options[side], (*steps, "options", side), own
            )
    default = field.get(DEFAULT)
    if isinstance(default, str) and default.startswith("="):
        yield FormulaPlace(form, lines, code, DEFAULT, default, (*steps, DEFAULT), own)


def _checks(holder: Json, steps: tuple[Step, ...]) -> Iterator[FormulaPlace]:
    for place, check in enumerate(holder.get("checks", ())):
        names, path = (holder["code"], check.get("lines")), (*steps, "checks", place, FORMULA)
        yield FormulaPlace(
            holder["code"], check.get("lines"), "", CHECK, check[FORMULA], path, names,
            number=place + 1, note=check["message"],
        )  # fmt: skip


def _rules(form: Json, steps: tuple[Step, ...]) -> Iterator[FormulaPlace]:
    for place, rule in enumerate(form.get("rules", ())):
        names, path = (form["code"], rule.get("lines")), (*steps, "rules", place, "when")
        yield FormulaPlace(
            form["code"], rule.get("lines"), "", RULE, rule["when"], path, names,
            number=place + 1, note=rule.get("label"),
        )  # fmt: skip


def _of_aggregate(table: Json, steps: tuple[Step, ...]) -> Iterator[FormulaPlace]:
    code = table["code"]
    for place, measure in enumerate(table["measures"]):
        if measure.get(FORMULA):
            path = (*steps, "measures", place, FORMULA)
            text, own = measure[FORMULA], (code, None)
            yield FormulaPlace(code, None, measure["code"], FORMULA, text, path, own)
    for place, source in enumerate(table["sources"]):
        names, path = (source["form"], source.get("lines")), (*steps, "sources", place)
        if source.get(WHERE):
            text, where = source[WHERE], (*path, WHERE)
            yield FormulaPlace(code, None, "", WHERE, text, where, names, place + 1)
        for name, share in source["measures"].items():
            if share.get("of"):
                of = (*path, "measures", name, "of")
                yield FormulaPlace(code, None, name, SOURCE, share["of"], of, names, place + 1)
    yield from _checks(table, steps)
