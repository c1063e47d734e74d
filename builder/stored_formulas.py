"""Formulas as they are kept: a field that was written by a label stands there by its id."""

from collections.abc import Mapping
from typing import Any, Final

from builder.formula_places import (
    flow_formula_places,
    formula_at,
    formula_places,
    row_rule_places,
)
from runtime.compile import App
from runtime.formula import Formula
from runtime.formula.tree import Reference, walk

# A name may be written with braces round its parts and spaces between them.
_LOOSE: Final = str.maketrans("", "", "{}｛｝ \t\r\n")


def with_ids(source: Mapping[str, Any], app: App) -> Mapping[str, Any]:
    """The JSON of an app with every formula that a rename could break written by ids.

    `app` is what the JSON was compiled to. A formula that names fields by their ids already is left
    as it is, so what was sent is what is kept.
    """
    changed: Mapping[str, Any] = source
    every = (formula_places, row_rule_places, flow_formula_places)
    for place in (place for places in every for place in places(source)):
        formula = formula_at(app, place)
        if formula is not None and not names_ids(formula):
            changed = place.within(changed, formula.stored)
    return changed


def names_ids(formula: Formula) -> bool:
    """Whether every field in the text is written by its id."""
    return all(
        written(formula, each).translate(_LOOSE) == each.stored for each in references(formula)
    )


def references(formula: Formula) -> tuple[Reference, ...]:
    """The fields a formula names, as often as it names them, in the order of the text."""
    found = (each for each in walk(formula.tree) if isinstance(each, Reference))
    return tuple(sorted(found, key=lambda each: each.span))


def written(formula: Formula, reference: Reference) -> str:
    """How a field is written in the formula."""
    return formula.text[reference.span[0] : reference.span[1]]


def stored_name(reference: Reference) -> str:
    """How a field is written when the formula is kept: `{lines.f12}`."""
    return f"{{{reference.stored}}}"
