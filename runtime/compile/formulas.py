"""The formulas of a form: names in scope, parsed once, every mistake with its address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from marshmallow import ValidationError

from runtime.compile.model import Field
from runtime.formula import FieldName, Formula, FormulaError, Scope, parse
from runtime.infra.errors import Problem
from runtime.kinds.functions import FUNCTIONS

ScopeOf = Callable[[str | None], Scope]


def form_scope(header: Sequence[Field], inner: Mapping[str, Sequence[Field]]) -> ScopeOf:
    """Return a function from a place (header None, or a line table's code) to its scope."""
    fields = _names(header)
    lines = {code: _names(columns) for code, columns in inner.items()}

    def scope(row: str | None) -> Scope:
        return Scope(fields=fields, lines=lines, functions=FUNCTIONS, row=row)

    return scope


def field_formula(field: Field, scope: Scope, pointer: str, problems: list[Problem]) -> Field:
    """Parse a field's formula and its formula default; add what is wrong to `problems`."""
    formula = default = None
    if field.kind.kind == "formula":
        text = str(field.options["formula"])
        formula = _parsed(text, scope, f"{pointer}/options/formula", problems)
    given = field.definition.default
    if isinstance(given, str) and given.startswith("="):
        default = _parsed(given, scope, f"{pointer}/default", problems)
    elif given is not None:
        _check_default(field, f"{pointer}/default", problems)
    return replace(field, formula=formula, default=default)


def _check_default(field: Field, pointer: str, problems: list[Problem]) -> None:
    try:
        field.kind.schema(field.definition).deserialize(field.definition.default)
    except ValidationError:
        problems.append(Problem(pointer, "default_invalid", {"kind": field.kind.kind}))


def _parsed(text: str, scope: Scope, pointer: str, problems: list[Problem]) -> Formula | None:
    try:
        return parse(text, scope)
    except FormulaError as error:
        problems.append(Problem(pointer, error.code, {**error.params, "span": list(error.span)}))
        return None


def _names(fields: Sequence[Field]) -> dict[str, FieldName]:
    return {
        field.code: FieldName(
            id=field.definition.id,
            code=field.code,
            labels=tuple(text for text in (field.label.zh, field.label.en) if text),
            type=field.stored.formula_type,
        )
        for field in fields
        if field.stored.formula_type and not field.is_lines
    }
