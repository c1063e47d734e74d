"""A whole workbook -> forms that refer to each other, with the formulas that were proved.

A column whose formula or reference cannot be said, or that the app's checks refuse, keeps its
values as a plain field, and the reason is told.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from builder.checks import check_app
from builder.workbook import codes, computed, propose
from builder.workbook.naming import CannotSay, Column, Made, Sheets, said
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.exchange.whole import COMPUTED, REFERENCE, SheetPlan, table_key, value_type
from runtime.infra.errors import Problem, ValidationFailed

Json = dict[str, Any]
LINES: Final = "lines"
# How what is asked of a table is told from its columns among what was refused.
CHECK: Final = "!"
ROUNDS: Final = 12
_CHECK: Final = re.compile(r"/forms/(\d+)/checks/(\d+)")
_PLACE: Final = re.compile(r"/forms/(\d+)/fields/(\d+)(?:/options/fields/(\d+))?")
_WORD: Final = re.compile(r"[a-z][a-z0-9_]*")
_LABEL: Final = 60


@dataclass
class Blueprint:
    """The changed definition, what went where, and what could not be kept."""

    source: Json
    forms: Mapping[str, str]
    labels: Mapping[str, str]
    headers: Mapping[str, tuple[str, ...]]
    places: Mapping[str, Mapping[str, str]]
    refused: Mapping[Column, str]
    order: Sequence[str]


@dataclass
class _Sheet:
    """A table on its way to a form."""

    plan: SheetPlan
    table: Json
    columns: list[Json]
    lines: Json = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the inspection calls it."""
        return self.plan.key

    def stands_in(self, col: str) -> str:
        """The line table a column belongs to."""
        return LINES if col in self.lines.get("detail", ()) else ""


def draw(
    source: Json, number: int, inspection: Mapping[str, Any], plans: Sequence[SheetPlan]
) -> Blueprint:
    """Return the app's definition with a form for every table that is wanted, checked."""
    refused: dict[Column, str] = {}
    problems: Sequence[Problem] = ()
    for _ in range(ROUNDS):
        drawn = _Drawing(copy.deepcopy(source), inspection, plans, refused)
        blueprint = drawn.blueprint()
        problems = _problems(blueprint.source, number)
        if not problems:
            return blueprint
        blamed = {at: each.code for each in problems if (at := drawn.blamed(each)) is not None}
        if not blamed.keys() - refused.keys():
            break
        refused |= blamed
    raise ValidationFailed("definition_invalid", problems=problems)


def _problems(source: Json, number: int) -> Sequence[Problem]:
    try:
        definition = load_app(source)
        found = check_app(definition)
        if not found:
            compile_app(definition, number)
    except ValidationFailed as error:
        return error.problems
    return found


class _Drawing:
    """One attempt; `refused` are columns that keep their values."""

    def __init__(
        self,
        source: Json,
        inspection: Mapping[str, Any],
        plans: Sequence[SheetPlan],
        refused: Mapping[Column, str],
    ) -> None:
        self.source, self.refused = source, dict(refused)
        tables = {table_key(one): one for one in inspection["tables"]}
        wanted = [plan for plan in plans if plan.taken and plan.key in tables]
        self.sheets = [_sheet(plan, tables[plan.key]) for plan in wanted]
        self.names = Sheets()
        self.definitions: list[Json] = source.setdefault("forms", [])
        self.first = len(self.definitions)
        self.known = _known_names(self.definitions)
        self.computing: list[Column] = []
        self.checks: dict[str, dict[str, Json]] = {}

    def blueprint(self) -> Blueprint:
        """Draw every form."""
        self._name_forms()
        for sheet in self.sheets:
            self._plain_fields(sheet)
        for sheet in self.sheets:
            self._references(sheet)
        for sheet in self.sheets:
            self._computed(sheet)
        for sheet in self.sheets:
            self.definitions.append(self._form(sheet))
        self._show_keys()
        return Blueprint(
            self.source,
            dict(self.names.forms),
            {sheet.key: sheet.plan.label for sheet in self.sheets},
            {sheet.key: self._keys(sheet) for sheet in self.sheets},
            {sheet.key: self._places(sheet) for sheet in self.sheets},
            self.refused,
            self._order(),
        )

    def blamed(self, problem: Problem) -> Column | None:
        """The column a problem is about: the field it points at, or a computed one it names."""
        found = self._column_at(problem.pointer) or self._check_at(problem.pointer)
        return found or self._named_in(problem)

    def _check_at(self, pointer: str) -> Column | None:
        """A check of the workbook is left out as a column is, under the sign it has."""
        match = _CHECK.match(pointer)
        if match is None or int(match[1]) < self.first:
            return None
        sheet = self.sheets[int(match[1]) - self.first]
        return sheet.key, list(self.checks[sheet.key])[int(match[2])]

    def _named_in(self, problem: Problem) -> Column | None:
        # A circle is told as a path of codes; giving up one field of it opens it.
        words = set(_WORD.findall(" ".join(str(value) for value in problem.params.values())))
        return next((at for at in self.computing if self.names.made[at].code in words), None)

    def _column_at(self, pointer: str) -> Column | None:
        match = _PLACE.match(pointer)
        if match is None or int(match[1]) < self.first:
            return None
        sheet = self.sheets[int(match[1]) - self.first]
        form = self.definitions[int(match[1])]
        found = form["fields"][int(match[2])]
        if match[3] is not None:
            found = found["options"]["fields"][int(match[3])]
        for at, text in self.names.texts.items():
            if text is found:
                return at
        made = self.names.made
        return next((at for at in made if at[0] == sheet.key and made[at].field is found), None)

    # -- names and plain fields

    def _name_forms(self) -> None:
        taken = [str(form["code"]) for form in self.definitions]
        for sheet in self.sheets:
            code = codes.form_code(sheet.plan.label, taken)
            taken.append(code)
            self.names.forms[sheet.key] = code

    def _plain_fields(self, sheet: _Sheet) -> None:
        # A reference called like a form would hide the form's columns from formulas.
        forms = {*self.names.forms.values(), *(str(form["code"]) for form in self.definitions)}
        used = {"": set(forms), LINES: set(forms)}
        used[""].add(LINES)
        for column in sheet.columns:
            lines = sheet.stands_in(str(column["col"]))
            choice = sheet.plan.choice(column)
            seen = _seen(column)
            field_ = propose.field_definition(seen, choice, used[lines], self.known)
            if not lines and not sheet.lines:
                rows = int(sheet.table["n_rows"])
                field_ |= propose.uniqueness(seen, field_, rows)
            used[lines].add(field_["code"])
            self.names.made[sheet.key, str(column["col"])] = Made(field_, lines)

    # -- references

    def _references(self, sheet: _Sheet) -> None:
        for column in sheet.columns:
            at = (sheet.key, str(column["col"]))
            if sheet.plan.kind(column) != REFERENCE or at in self.refused:
                continue
            to = (str(column.get("to_table", "")), str(column.get("to_col", "")))
            target = self.names.made.get(to)
            if target is None or target.lines or to[0] not in self.names.forms:
                self.refused[at] = "reference"
                continue
            # What others refer to by is a name of the record, whatever it looks like.
            _as_key(target.field)
            made = self.names.made[at]
            made.to = to
            made.field.pop("unique", None)
            made.field |= {"kind": "reference", "options": {"form": self.names.forms[to[0]]}}

    # -- formulas

    def _computed(self, sheet: _Sheet) -> None:
        for column in sheet.columns:
            at = (sheet.key, str(column["col"]))
            if sheet.plan.kind(column) != COMPUTED or at in self.refused:
                continue
            made = self.names.made[at]
            before = dict(made.field)
            for name in ("required", "unique", "options"):
                made.field.pop(name, None)
            try:
                computed.define(column, self.names, at, made)
            except CannotSay:
                made.field.clear()
                made.field.update(before)
                self.refused[at] = "formula"
            else:
                self.computing.append(at)

    # -- forms

    def _form(self, sheet: _Sheet) -> Json:
        own = [self.names.made[sheet.key, str(c["col"])] for c in sheet.columns]
        head = [made.field for made in own if not made.lines]
        inside = [made.field for made in own if made.lines]
        title = self._called_after(sheet, head)
        for (key, col), text in self.names.texts.items():
            if key == sheet.key:
                (inside if self.names.made[key, col].lines else head).append(text)
        if inside:
            line_field: Json = {
                "code": LINES,
                "kind": "lines",
                "label": {"zh": "明细", "en": "Lines"},
                "options": {"fields": inside},
            }
            head.append(line_field)
        label, code = sheet.plan.label[:_LABEL], self.names.forms[sheet.key]
        form = propose.form_definition(label, code, head)
        keys = [
            self.names.made[made.to].code
            for made in self.names.made.values()
            if made.to is not None and made.to[0] == sheet.key
        ]
        form["search"] = list(dict.fromkeys([*keys, *form["search"]]))
        form["list"] = [each for each in form["list"] if each != LINES]
        if title is not None:
            propose.call_after(form, *title)
        self.checks[sheet.key] = dict(self._checks(sheet))
        if self.checks[sheet.key]:
            form["checks"] = list(self.checks[sheet.key].values())
        return form

    def _show_keys(self) -> None:
        """Lists go on showing codes where the sheet did, though records are called by a name."""
        for at, made in self.names.made.items():
            if made.to is None:
                continue
            here, there = (self._definition(key) for key in (at[0], made.to[0]))
            key, title = self.names.key_code(made), str(there["title"])
            if title == key:
                continue
            made.field["options"]["columns"] = [key, title]
            if not made.lines and made.code in here["list"]:
                propose.show_as(here, made.field, self.names.text_of(at, made))

    def _definition(self, key: str) -> Json:
        return next(each for each in self.definitions if each["code"] == self.names.forms[key])

    def _called_after(self, sheet: _Sheet, head: Sequence[Json]) -> tuple[str, str] | None:
        """The text a record is called by, and its reference, where a table has no name of its own.

        One row for each of what it refers to, and no day: the stock of each item is called as
        the item is.
        """
        named = any(each["kind"] == "text" and each.get("required") for each in head)
        if named or any(each["kind"] in {"date", "datetime"} for each in head):
            return None
        for column in sheet.columns:
            at = (sheet.key, str(column["col"]))
            made = self.names.made[at]
            once = column.get("distinct") == sheet.table["n_rows"] > 0
            if made.to is not None and not made.lines and once:
                text = self.names.text_of(at, made)
                text["label"] = made.field["label"]
                return str(text["code"]), made.code
        return None

    def _checks(self, sheet: _Sheet) -> Iterator[tuple[str, Json]]:
        """What the workbook demands, where all its records keep it, and what it marks."""
        for number, told in enumerate(sheet.table.get("checks", ())):
            sign, col = f"{CHECK}{number}", str(told["col"])
            made = self.names.made.get((sheet.key, col))
            broken = bool(told["against"]) and not told["marks"]
            if broken or made is None or (sheet.key, sign) in self.refused:
                continue
            try:
                text = said(told["tree"], self.names, sheet.key, made.lines)
            except CannotSay:
                self.refused[sheet.key, sign] = "formula"
                continue
            yield sign, _check(told, text, made)

    def _places(self, sheet: _Sheet) -> dict[str, str]:
        """Where each column's values go; what is computed takes none."""
        found = {}
        for column in sheet.columns:
            made = self.names.made[sheet.key, str(column["col"])]
            if made.field["kind"] not in {"formula", "lookup", "rollup"}:
                found[str(column["col"])] = made.path
        return found

    def _keys(self, sheet: _Sheet) -> tuple[str, ...]:
        """The fields that tell one record with lines from the next."""
        made = (self.names.made.get((sheet.key, str(col))) for col in sheet.lines.get("key", ()))
        return tuple(each.code for each in made if each is not None and not each.lines)

    def _order(self) -> Sequence[str]:
        """What is referred to comes first."""
        graph: dict[str, set[str]] = {sheet.key: set() for sheet in self.sheets}
        for (key, _), made in self.names.made.items():
            if made.to is not None and made.to[0] != key:
                graph[key].add(made.to[0])
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError:
            return tuple(graph)


def _sheet(plan: SheetPlan, table: Json) -> _Sheet:
    columns = [column for column in table["columns"] if plan.takes(column)]
    lines = dict(table.get("lines") or {}) if plan.with_lines else {}
    return _Sheet(plan, table, columns, lines)


def _check(told: Json, text: str, made: Made) -> Json:
    message = str(told["message"]) or f"请检查{told['name']}"
    found: Json = {"formula": text, "message": {"zh": message[:200]}, "field": made.code}
    if made.lines:
        found["lines"] = made.lines
    return {**found, "level": "warning"} if told["marks"] else found


def _seen(column: Json) -> Json:
    """A column as its values are: what a field of them would be."""
    return {**column, "type": value_type(column)}


def _as_key(field_: Json) -> None:
    field_["kind"] = "text"
    field_.pop("options", None)
    field_ |= {"required": True, "unique": True}


def _known_names(forms: Sequence[Json]) -> dict[str, str]:
    return dict(_labels(forms))


def _labels(forms: Sequence[Json]) -> Iterator[tuple[str, str]]:
    for form in reversed(forms):
        for field_ in form["fields"]:
            label = field_.get("label")
            name = label.get("zh", "") if isinstance(label, dict) else str(label or "")
            if name and field_["kind"] not in {"lines", "reference", "formula", "lookup", "rollup"}:
                yield name, str(field_["code"])
