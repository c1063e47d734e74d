"""Rules and checks in sentences, and conditions as rows somebody can fill in without a formula."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from builder.designer.formula_words import labelled
from builder.designer.panel_spot import every_field, path_of
from builder.formula_places import names_of
from builder.stored_formulas import stored_name
from runtime.compile import App, Form
from runtime.formula import Formula, FormulaError, parse
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, Unary
from runtime.screens.i18n import _, joined, label

Json = Mapping[str, Any]
OPERATORS: Final = ("=", "<>", ">", ">=", "<", "<=")
# What a row compares a text with that begins or contains is a function; these stay formulas.
EMPTY: Final = "empty"
FILLED: Final = "filled"


@dataclass(frozen=True)
class Row:
    """One comparison: a field by its stored name, an operator, and what it is compared with."""

    field: str
    operator: str
    value: str = ""


@dataclass(frozen=True)
class Condition:
    """A condition as rows, all of which hold (`and`) or one of which does (`or`)."""

    join: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Sentence:
    """A rule or a check as somebody says it."""

    at: int
    sort: str
    condition: str
    effect: str
    targets: str
    label: str
    is_fine: bool
    is_here: bool = True
    is_warning: bool = False


def effect_words() -> dict[str, str]:
    """What a rule may do."""
    return {
        "show": _("才显示"), "hide": _("隐藏"), "readonly": _("只读"), "require": _("必填"),
    }  # fmt: skip


def level_words() -> dict[str, str]:
    """What a check does where its condition does not hold."""
    return {"error": _("拦住，改好再交"), "warning": _("只提醒")}


def operator_words() -> dict[str, str]:
    """How a row compares."""
    return {
        "=": _("等于"), "<>": _("不等于"), ">": _("大于"), ">=": _("大于等于"),
        "<": _("小于"), "<=": _("小于等于"), EMPTY: _("为空"), FILLED: _("不为空"),
    }  # fmt: skip


def read(form: Form, lines: str | None, text: str) -> Formula | None:
    """A condition over a form or a line table, or None where it cannot be read."""
    try:
        return parse(text, names_of(form, lines))
    except FormulaError:
        return None


def condition_of(formula: Formula) -> Condition | None:
    """A formula as rows; None for one that says more than rows can."""
    tree = formula.tree
    if isinstance(tree, Call) and tree.function.name in ("AND", "OR"):
        rows = [row_of(each) for each in tree.arguments]
        join = tree.function.name.lower()
    else:
        rows, join = [row_of(tree)], "and"
    found = tuple(row for row in rows if row is not None)
    return Condition(join, found) if len(found) == len(rows) else None


def condition_text(app: App, form_json: Json, lines: str | None, text: str) -> tuple[str, bool]:
    """A condition in words, and whether it can be read at all."""
    form = app.forms.get(form_json["code"])
    formula = read(form, lines, text) if form else None
    if form is None or formula is None:
        return text, False
    found = condition_of(formula)
    if found is None:
        return labelled(form, formula).removeprefix("="), True
    words = [_row_text(form_json, row) for row in found.rows]
    return (_(" 且 ") if found.join == "and" else _(" 或 ")).join(words), True


def sentences(app: App | None, form: Json, path: str = "") -> Iterator[Sentence]:
    """Yield the rules of a form, then its checks; those about `path` are `is_here`."""
    for at, rule in enumerate(form.get("rules", ())):
        words, fine = _said(app, form, rule.get("lines"), rule["when"])
        targets = tuple(_targets(form, rule))
        yield Sentence(
            at, "rule", words, effect_words()[rule["effect"]],
            joined(text for _path, text in targets), label(rule.get("label")), fine,
            not path or path in {each for each, _text in targets},
        )  # fmt: skip
    for at, check in enumerate(form.get("checks", ())):
        words, fine = _said(app, form, check.get("lines"), check["formula"])
        own = f"{check['lines']}.{check.get('field')}" if check.get("lines") else check.get("field")
        yield Sentence(
            at, "check", words, "", label(check["message"]), "", fine, not path or own == path,
            check.get("level") == "warning",
        )  # fmt: skip


def _said(app: App | None, form: Json, lines: str | None, text: str) -> tuple[str, bool]:
    return condition_text(app, form, lines, text) if app else (text, False)


def _targets(form: Json, rule: Json) -> Iterator[tuple[str, str]]:
    named = {section["code"]: section for section in form.get("sections", ())}
    for code in rule.get("sections", ()):
        yield f"§{code}", label(named.get(code, {}).get("label")) or code
    texts = {path_of(table, field): label(field["label"]) for table, field in every_field(form)}
    for code in rule.get("fields", ()):
        path = f"{rule['lines']}.{code}" if rule.get("lines") else code
        yield path, texts.get(path) or code


def row_of(node: Node) -> Row | None:
    """One comparison of a field of the record with something fixed, or with being empty."""
    if isinstance(node, Reference) and node.is_own and not node.many:
        return Row(stored_name(node), "=", "TRUE")
    if isinstance(node, Call):
        return _emptiness(node)
    if not isinstance(node, Binary) or node.operator not in OPERATORS:
        return None
    left, right = node.left, node.right
    if not isinstance(left, Reference) or not left.is_own or left.many:
        return None
    value = _fixed(right)
    return None if value is None else Row(stored_name(left), node.operator, value)


def _fixed(node: Node) -> str | None:
    """What a row compares with: a number, a text, TRUE or FALSE, a percentage, a day."""
    if isinstance(node, Literal) and node.value is not None:
        return _written(node.value)
    if isinstance(node, Unary) and isinstance(node.operand, Literal):
        number = _written(node.operand.value)
        return f"-{number}" if node.operator == "-" else f"{number}%"
    if isinstance(node, Call) and node.function.name == "DATE":
        parts = [each.value for each in node.arguments if isinstance(each, Literal)]
        if len(parts) == 3 and all(isinstance(part, Decimal) for part in parts):
            year, month, day = (int(part) for part in parts if isinstance(part, Decimal))
            return f"{year:04d}-{month:02d}-{day:02d}"
    return None


def _emptiness(call: Call) -> Row | None:
    if call.function.name == "NOT" and len(call.arguments) == 1:
        inner = row_of(call.arguments[0])
        return Row(inner.field, FILLED) if inner and inner.operator == EMPTY else None
    arguments: Sequence[Node] = call.arguments
    if call.function.name != "ISBLANK" or len(arguments) != 1:
        return None
    (only,) = arguments
    if not isinstance(only, Reference) or not only.is_own or only.many:
        return None
    return Row(stored_name(only), EMPTY)


def _written(value: Any) -> str:
    """A fixed value as it stands in a row."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _row_text(form: Json, row: Row) -> str:
    field = field_by_stored(form, row.field)
    name = label(field["label"]) if field else row.field
    if row.operator in (EMPTY, FILLED):
        return f"{name} {operator_words()[row.operator]}"
    if row.value in ("TRUE", "FALSE"):
        is_yes = (row.value == "TRUE") == (row.operator == "=")
        return f"{name} {_('为是') if is_yes else _('为否')}"
    return f"{name} {operator_words()[row.operator]} {value_text(field, row.value)}"


def value_text(field: Json | None, value: str) -> str:
    """An option by its label, anything else as it is written."""
    for option in (field or {}).get("options", {}).get("options", ()):
        if option["code"] == value:
            return label(option.get("label")) or value
    return value


def field_by_stored(form: Json, stored: str) -> Json | None:
    """The field of a form's JSON that a stored name (`{f12}`, `{lines.f3}`) means."""
    name = stored.strip("{}").rpartition(".")[2]
    fields = (field for _lines, field in every_field(form))
    return next((each for each in fields if (each.get("id") or each["code"]) == name), None)
