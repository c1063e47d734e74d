"""What is wrong with a formula as it was written: problems with a place and a code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Span = tuple[int, int]

# The words of the outside format (`formula eval`) for the codes that are not about syntax.
FAMILIES: Final[Mapping[str, str]] = {
    "formula_too_long": "limit",
    "formula_too_many_tokens": "limit",
    "formula_too_deep": "limit",
    "formula_text_too_long": "limit",
    "formula_number_too_long": "limit",
    "formula_name_unknown": "name",
    "formula_name_unknown_near": "name",
    "formula_function_unknown_near": "name",
    "formula_label_ambiguous": "name",
    "formula_function_unknown": "name",
    "formula_arguments": "type",
    "formula_type_number": "type",
    "formula_type_text": "type",
    "formula_type_boolean": "type",
    "formula_type_date": "type",
    "formula_types_differ": "type",
    "formula_list_inside_list": "type",
}


@dataclass(frozen=True)
class FormulaProblem:
    """One problem: its code, where it stands in the text, and what its message needs."""

    code: str
    span: Span
    params: Mapping[str, Any] = field(default_factory=dict)


class FormulaError(Exception):
    """A formula that cannot be saved; `problems` are all of them, the first is the headline."""

    def __init__(self, *problems: FormulaProblem) -> None:
        assert problems, "an error says what is wrong"
        super().__init__(problems[0].code)
        self.problems = problems
        self.code = problems[0].code
        self.span = problems[0].span
        self.params = problems[0].params

    @property
    def family(self) -> str:
        """The word for the outside: parse, name, type or limit."""
        return FAMILIES.get(self.code, "parse")


def refuse(code: str, span: Span, **params: object) -> FormulaError:
    """Make the error for a single problem."""
    return FormulaError(FormulaProblem(code, span, params))
