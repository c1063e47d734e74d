"""Formulas of flows: conditions, people, checks and values that can be read over their form."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from builder.flow_places import FlowFormula, flow_places
from builder.formula_places import names_of
from runtime.compile import App
from runtime.compile.model import Form
from runtime.formula import FormulaError, parse
from runtime.infra.errors import Problem


def flow_formulas(app: App, source: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield formulas of flows that cannot be read, each where it stands."""
    for place in flow_places(source):
        form = app.forms.get(place.form)
        if form is None or not isinstance(place, FlowFormula):
            continue
        error = _error(form, place.text, place.lines)
        if error is not None:
            yield Problem(place.pointer, error.code, error.params)


@lru_cache(maxsize=512)
def _error(form: Form, text: str, lines: str | None) -> FormulaError | None:
    try:
        parse(text, names_of(form, lines))
    except FormulaError as error:
        return error
    return None
