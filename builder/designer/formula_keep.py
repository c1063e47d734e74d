"""Where a formula is kept: the operation on the draft that changes it."""

from collections.abc import Mapping
from typing import Any, Final

from builder.formula_places import CHECK, DEFAULT, FORMULA, RULE, WHERE, FormulaPlace

Json = Mapping[str, Any]
# Properties of a field that are formulas.
_OF_FIELD: Final = {FORMULA: "options/formula", WHERE: "options/where", DEFAULT: "default"}
# Lists of a form whose members are formulas.
_OF_FORM: Final = {CHECK: "checks", RULE: "rules"}


def operation(source: Json, place: FormulaPlace, text: str) -> dict[str, Any]:
    """Return what puts another formula in its place."""
    changed = place.within(source, text)
    if place.steps[0] == "aggregates":
        table = changed["aggregates"][place.steps[1]]
        return {"op": "set_part", "part": "aggregates", "code": table["code"], "value": table}
    if place.part in _OF_FORM:
        name = _OF_FORM[place.part]
        form = changed["forms"][place.steps[1]]
        return {"op": "set_form", "form": place.form, "name": name, "value": form[name]}
    lines = {"lines": place.lines} if place.lines else {}
    name = _OF_FIELD[place.part]
    here = {"form": place.form, **lines, "field": place.field}
    return {"op": "set", **here, "name": name, "value": text}
