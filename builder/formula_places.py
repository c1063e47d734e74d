"""Every place of an app where a formula stands: the one list of them."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from runtime.compile import App, Field, Form
from runtime.formula import Formula

Json = Mapping[str, Any]
Step = str | int

# The options of a field that hold a formula over the form's own names, by kind.
OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {"formula": ("formula",)}
DEFAULT: Final = "default"


@dataclass(frozen=True)
class FormulaPlace:
    """A formula of an app: in which form and line table, of which field, and which part of it.

    `steps` lead to its text in the JSON of the app.
    """

    form: str
    lines: str | None
    field: str
    part: str
    text: str
    steps: tuple[Step, ...]

    @property
    def path(self) -> str:
        """The field within its form: `total`, or `lines.amount`."""
        return self.field if self.lines is None else f"{self.lines}.{self.field}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from the others: form, path and part."""
        return self.form, self.path, self.part

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
        for number, field in enumerate(form["fields"]):
            steps: tuple[Step, ...] = ("forms", index, "fields", number)
            yield from _of_field(form["code"], None, field, steps)
            if field["kind"] == "lines":
                for place, column in enumerate(field["options"]["fields"]):
                    inner = (*steps, "options", "fields", place)
                    yield from _of_field(form["code"], field["code"], column, inner)


def find_place(source: Json, form: str, path: str, part: str) -> FormulaPlace | None:
    """The formula that stands there, or None."""
    wanted = (form, path, part)
    return next((place for place in formula_places(source) if place.key == wanted), None)


def field_at(form: Form, lines: str | None, code: str) -> Field | None:
    """The field of a compiled form, in its header or in a line table."""
    if lines is None:
        return form.by_code.get(code)
    table = next((table for table in form.lines if table.code == lines), None)
    return table.by_code.get(code) if table else None


def formula_at(app: App, place: FormulaPlace) -> Formula | None:
    """The compiled formula of a place in the app that runs."""
    form = app.forms.get(place.form)
    field = field_at(form, place.lines, place.field) if form else None
    if field is None:
        return None
    return field.default if place.part == DEFAULT else field.formula


def _of_field(
    form: str, lines: str | None, field: Json, steps: tuple[Step, ...]
) -> Iterator[FormulaPlace]:
    code = str(field["code"])
    for option in OPTIONS.get(field["kind"], ()):
        text = field["options"].get(option)
        if text:
            yield FormulaPlace(form, lines, code, option, text, (*steps, "options", option))
    default = field.get(DEFAULT)
    if isinstance(default, str) and default.startswith("="):
        yield FormulaPlace(form, lines, code, DEFAULT, default, (*steps, DEFAULT))
