"""The formulas of a form: names in scope, parsed once, every mistake with its address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from marshmallow import ValidationError

from runtime.compile.field import Field
from runtime.definitions import AggregateDef, Label
from runtime.formula import FieldName, Formula, FormulaError, Scope, parse
from runtime.formula.scope import FormNames
from runtime.formula.types import NUMERIC
from runtime.infra.errors import Problem
from runtime.kinds.bounds import SIDES, is_formula
from runtime.kinds.fields import FIELD_TYPES
from runtime.kinds.functions import FUNCTIONS

# What the formula of a bound may come to, by what formulas see of the field it bounds.
_FITTING: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(NUMERIC, NUMERIC),
    "date": frozenset({"date", "datetime"}),
    "datetime": frozenset({"date", "datetime"}),
    "time": frozenset({"time"}),
}

ScopeOf = Callable[[str | None], Scope]


def form_scope(
    header: Sequence[Field],
    inner: Mapping[str, Sequence[Field]],
    forms: Mapping[str, FormNames] | None = None,
) -> ScopeOf:
    """Return a function from a place (header None, or a line table's code) to its scope.

    Without `forms` its formulas know no other form: references are dead ends then.
    """
    fields = _names(header)
    lines = {code: _names(columns) for code, columns in inner.items()}
    line_names = _line_names(header)

    def scope(row: str | None) -> Scope:
        return Scope(
            fields=fields,
            lines=lines,
            functions=FUNCTIONS,
            row=row,
            line_names=line_names,
            forms=forms or {},
        )

    return scope


def form_names(
    code: str, label: Label, header: Sequence[Field], inner: Mapping[str, Sequence[Field]]
) -> FormNames:
    """A form as the formulas of others know it."""
    return FormNames(
        code=code,
        labels=_texts(label),
        fields=_names(header),
        lines={lines: _names(columns) for lines, columns in inner.items()},
        line_names=_line_names(header),
    )


def aggregate_names(definition: AggregateDef, forms: Mapping[str, FormNames]) -> FormNames:
    """An aggregate table as formulas know it, before it is compiled itself.

    A dimension is what it is in the first source, a month or a year a text.
    """
    dimensions = (
        _dimension(definition, each.code, each.label, forms) for each in definition.dimensions
    )
    measures = (
        FieldName(each.code, each.code, _texts(each.label), FIELD_TYPES[each.result].formula_type)
        for each in definition.measures
        if each.result in FIELD_TYPES
    )
    fields = {name.code: name for name in (*dimensions, *measures)}
    return FormNames(definition.code, _texts(definition.label), fields)


def _dimension(
    definition: AggregateDef, code: str, label: Label, forms: Mapping[str, FormNames]
) -> FieldName:
    for source in definition.sources:
        path, form = source.dimensions.get(code, ""), forms.get(source.form)
        lines, _, column = path.rpartition(".")
        known = form and (form.lines.get(lines, {}) if lines else form.fields).get(column)
        if known:
            return replace(known, id=code, code=code, labels=_texts(label))
    return FieldName(code, code, _texts(label), "text")


def field_formula(field: Field, scope: Scope, pointer: str, problems: list[Problem]) -> Field:
    """Parse a field's formula and its formula default; add what is wrong to `problems`."""
    formula = default = None
    if field.kind.kind == "formula":
        text = str(field.options["formula"])
        formula = _parsed(text, scope, f"{pointer}/options/formula", problems)
    elif field.kind.kind == "rmb":
        # Of no amount there are no words; zero is 零元整.
        amount = f"{{{field.options['field']}}}"
        text = f'=IF(ISBLANK({amount}),"",RMBCAP({amount}))'
        formula = _parsed(text, scope, f"{pointer}/options/field", problems)
    given = field.definition.default
    if isinstance(given, str) and given.startswith("="):
        default = _parsed(given, scope, f"{pointer}/default", problems)
    elif given is not None:
        _check_default(field, f"{pointer}/default", problems)
    limits = limits_of(field, scope, pointer, problems)
    return replace(field, formula=formula, default=default, limits=limits)


def limits_of(
    field: Field, scope: Scope, pointer: str, problems: list[Problem]
) -> dict[str, Formula]:
    """Parse the bounds of a field that are formulas; add what is wrong to `problems`."""
    found: dict[str, Formula] = {}
    for side in SIDES:
        text, at = field.options.get(side), f"{pointer}/options/{side}"
        if not is_formula(text) or field.is_lines:
            continue
        try:
            formula = parse(str(text), scope)
        except FormulaError as error:
            problems.append(Problem(at, error.code, {**error.params, "span": list(error.span)}))
            continue
        fitting = _FITTING.get(field.stored.formula_type, frozenset())
        if formula.type in fitting | {"any", "empty"}:
            found[side] = formula
        else:
            params = {"found": formula.type, "label": field.label.zh}
            problems.append(Problem(at, "bound_type", params))
    return found


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
            labels=_texts(field.label),
            type=field.stored.formula_type,
            form=field.target,
        )
        for field in fields
        if field.stored.formula_type and not field.is_lines and field.drawn_from is None
    }


def _line_names(fields: Sequence[Field]) -> dict[str, FieldName]:
    return {
        field.code: FieldName(field.definition.id, field.code, _texts(field.label), "any")
        for field in fields
        if field.is_lines
    }


def _texts(label: Label) -> tuple[str, ...]:
    return tuple(text for text in (label.zh, label.en) if text)
