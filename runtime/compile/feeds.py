"""What roll-ups and aggregate tables take from: rows of a form, values in them, steady formulas."""

from dataclasses import replace
from typing import Any, Final

from runtime.compile.field import Field
from runtime.compile.figures import Path
from runtime.compile.formulas import ScopeOf, form_names, form_scope
from runtime.compile.model import Form, LineTable
from runtime.definitions import FieldDef
from runtime.formula import Formula, FormulaError, parse
from runtime.formula.tree import Reference, walk
from runtime.infra.columns import ExactDecimal
from runtime.infra.errors import Problem
from runtime.kinds.families import SEVERAL
from runtime.kinds.field_type import FieldType
from runtime.kinds.fields import FIELD_TYPES

# Kinds of results that are figures; the others are moments, which can only be compared.
FIGURES: Final = frozenset({"money", "quantity", "number", "percent"})
# What is too long, or too many at once, to be one value among others.
_UNTOLD: Final = frozenset({"lines", "long_text", "rich_text"}) | SEVERAL


def read_path(text: str) -> Path:
    """Read `field`, `lines.field`, `month(field)` or `year(lines.field)`."""
    part, _, inner = text.removesuffix(")").rpartition("(")
    lines, _, code = inner.rpartition(".")
    return Path(lines or None, code, part)


def field_at(form: Form, path: Path) -> Field | None:
    """The field a path leads to, if there is one."""
    if path.lines is None:
        return form.by_code.get(path.code)
    table = table_at(form, path.lines)
    return None if table is None else table.by_code.get(path.code)


def table_at(form: Form, lines: str | None) -> LineTable | None:
    """The line table of that code, if there is one."""
    return next((table for table in form.lines if table.code == lines), None)


def is_telling(field: Field) -> bool:
    """Whether values of a field can be told apart, compared and kept in an index."""
    is_free_text = field.kind.kind == "formula" and field.stored.kind == "text"
    return field.column is not None and field.stored.kind not in _UNTOLD and not is_free_text


def scale_of(field: Field) -> int | None:
    """How many places a figure's column keeps; None for anything that is no figure."""
    kept = [column.type for column in field.stored.columns(field.stored_as)]
    return kept[0].scale if kept and isinstance(kept[0], ExactDecimal) else None


def kept_as(
    definition: FieldDef, result: str, places: int | None, zone: str
) -> tuple[FieldType, FieldDef]:
    """The kind and definition by which a result is kept."""
    options: dict[str, Any] = {} if places is None else {"places": places}
    if result == "datetime":
        options["zone"] = zone
    kept = replace(definition, kind=result, options=options, required=False, unique=False)
    return FIELD_TYPES[result], kept


def scope_of(form: Form) -> ScopeOf:
    """The names of a form; other forms are known too, so that the refusal can say they are."""
    names = {
        code: form_names(code, each.label, each.fields, _inner(each))
        for code, each in form.siblings.items()
    }
    return form_scope(form.fields, _inner(form), names)


def _inner(form: Form) -> dict[str, tuple[Field, ...]]:
    return {table.code: table.fields for table in form.lines}


def steady_formula(
    text: str, form: Form, lines: str | None, pointer: str, problems: list[Problem]
) -> Formula | None:
    """Parse a formula over a row whose value changes only when the row's own record changes.

    What looked at the clock or at other records would be true of a row today and not tomorrow,
    without any act on it that could be followed.
    """
    try:
        formula = parse(text, scope_of(form)(lines))
    except FormulaError as error:
        problems.append(Problem(pointer, error.code, {**error.params, "span": list(error.span)}))
        return None
    names = (node for node in walk(formula.tree) if isinstance(node, Reference))
    if formula.volatile or not all(name.is_own for name in names):
        problems.append(Problem(pointer, "formula_not_steady"))
        return None
    return formula


def condition(
    text: str, form: Form, lines: str | None, pointer: str, problems: list[Problem]
) -> Formula | None:
    """The same for a formula that must be TRUE or FALSE."""
    formula = steady_formula(text, form, lines, pointer, problems)
    if formula is not None and formula.type not in {"boolean", "any"}:
        problems.append(Problem(pointer, "formula_not_a_condition", {"found": formula.type}))
        return None
    return formula
