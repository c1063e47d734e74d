"""One expression language: text -> tree -> value, or JSON for the browser.

`parse(text, scope)` refuses with FormulaError; `evaluate(formula, row, lines, now, zone)` answers a
value or a CellError and never raises for what a person wrote or typed.
"""

from runtime.formula.cell_errors import CellError
from runtime.formula.errors import FormulaError, FormulaProblem
from runtime.formula.explain import Derivation, explain
from runtime.formula.formula import Formula, evaluate, evaluate_in, parse
from runtime.formula.graph import Cycle, order
from runtime.formula.reading import Context
from runtime.formula.scope import Callee, FieldName, Parameter, Scope
from runtime.formula.to_json import to_json
from runtime.formula.values import Work

__all__ = [
    "Callee",
    "CellError",
    "Context",
    "Cycle",
    "Derivation",
    "FieldName",
    "Formula",
    "FormulaError",
    "FormulaProblem",
    "Parameter",
    "Scope",
    "Work",
    "evaluate",
    "evaluate_in",
    "explain",
    "order",
    "parse",
    "to_json",
]
