"""Conditions of branches: in a sentence, as rows somebody can fill in, and the fields on offer."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from builder.designer.draft_app import app_of_draft
from builder.designer.formula_words import labelled
from builder.designer.panel_spot import COMPUTED, columns_of
from builder.designer.rules_panel import COMPARABLE
from builder.designer.rules_words import (
    EMPTY,
    FILLED,
    OPERATORS,
    Condition,
    Row,
    field_by_stored,
    operator_words,
    read,
    row_of,
    value_text,
)
from builder.drafts import Draft
from builder.stored_formulas import stored_name
from runtime.compile import App
from runtime.formula import Formula
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, Unary
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
NUMBERS: Final = frozenset({"number", "money", "quantity", "percent", "rating"})
# What one may say of all lines at once.
OVER_LINES: Final = ("MIN", "MAX", "SUM")
# What changes with a flow, and never what its conditions mean.
_BESIDE: Final = ("workflows", "roles", "menus", "tests", "conversions")


def app_of_forms(draft: Draft) -> App | None:
    """The app of a draft as far as formulas go: the same while only a flow is changed."""
    source = {name: each for name, each in draft.source.items() if name not in _BESIDE}
    source["forms"] = [
        {name: each for name, each in form.items() if name != "workflow"}
        for form in draft.source["forms"]
    ]
    return app_of_draft(replace(draft, source=source))


def text_of(app: App | None, form: Json, when: Any) -> tuple[str, bool]:
    """A condition in words, and whether it can be read."""
    if not when:
        return "", False
    compiled = app.forms.get(form["code"]) if app else None
    formula = read(compiled, None, str(when)) if compiled else None
    if compiled is None or formula is None:
        return str(when), False
    found = _rows(formula)
    if found is None:
        return labelled(compiled, formula).removeprefix("="), True
    words = [_said(form, row) for row in found.rows]
    return (_(" 且 ") if found.join == "and" else _(" 或 ")).join(words), True


def rows_of(app: App | None, form: Json, when: Any) -> dict[str, Any] | None:
    """A condition as rows; none for one that says more than rows can, no rows for a new one."""
    if not when:
        return {"join": "and", "rows": []}
    compiled = app.forms.get(form["code"]) if app else None
    formula = read(compiled, None, str(when)) if compiled else None
    found = _rows(formula) if formula else None
    return asdict(found) if found else None


def offered(form: Json) -> Iterator[dict[str, Any]]:
    """The fields a row may compare: those of the header, and figures over all lines."""
    for field in form["fields"]:
        if field["kind"] in COMPARABLE:
            yield _offer(field, label(field["label"]), _stored(field))
    for table in form["fields"]:
        if table["kind"] == "lines":
            yield from _over(table)


def _over(table: Json) -> Iterator[dict[str, Any]]:
    words = {"MIN": _("最低"), "MAX": _("最高"), "SUM": _("合计")}
    group = label(table["label"])
    for column in columns_of(table):
        if _kind(column) not in NUMBERS:
            continue
        path = f"{{{table.get('id') or table['code']}.{column.get('id') or column['code']}}}"
        for name in OVER_LINES:
            text = f"{words[name]} {label(column['label'])}"
            yield {**_offer(column, text, f"{name}({path})"), "group": group}


def _offer(field: Json, text: str, stored: str) -> dict[str, Any]:
    options: Json = field.get("options", {})
    listed = options.get("options", ()) if field["kind"] == "choice" else ()
    return {
        "stored": stored,
        "label": text,
        "kind": _kind(field),
        "group": "",
        "options": [
            {"value": each["code"], "text": label(each.get("label")) or each["code"]}
            for each in listed
        ],
    }


def _kind(field: Json) -> str:
    if field["kind"] in COMPUTED:
        return str(field.get("options", {}).get("result", field["kind"]))
    return str(field["kind"])


def _stored(field: Json) -> str:
    return f"{{{field.get('id') or field['code']}}}"


def _rows(formula: Formula) -> Condition | None:
    tree = formula.tree
    if isinstance(tree, Call) and tree.function.name in {"AND", "OR"}:
        rows = [_row(each) for each in tree.arguments]
        join = tree.function.name.lower()
    else:
        rows, join = [_row(tree)], "and"
    found = tuple(row for row in rows if row is not None)
    return Condition(join, found) if found and len(found) == len(rows) else None


def _row(node: Node) -> Row | None:
    """One comparison: of a field of the document, or of a figure over its lines."""
    if isinstance(node, Binary) and node.operator in OPERATORS and isinstance(node.left, Call):
        over = _figure(node.left)
        value = _number(node.right)
        return Row(over, node.operator, value) if over and value is not None else None
    return row_of(node)


def _figure(call: Call) -> str:
    if call.function.name not in OVER_LINES or len(call.arguments) != 1:
        return ""
    (only,) = call.arguments
    if not isinstance(only, Reference) or not (only.is_own and only.many):
        return ""
    return f"{call.function.name}({stored_name(only)})"


def _number(node: Node) -> str | None:
    if isinstance(node, Literal) and node.value is not None and not isinstance(node.value, bool):
        return f"{node.value:f}" if not isinstance(node.value, str) else None
    if isinstance(node, Unary) and isinstance(node.operand, Literal):
        inner = _number(node.operand)
        return inner and (f"-{inner}" if node.operator == "-" else f"{inner}%")
    return None


def _said(form: Json, row: Row) -> str:
    """One row in words, with signs as on a price list: 价税合计 ≥ 100,000."""
    name = _name(form, row.field)
    if row.operator in (EMPTY, FILLED):
        return f"{name} {operator_words()[row.operator]}"
    if row.value in ("TRUE", "FALSE"):
        is_yes = (row.value == "TRUE") == (row.operator == "=")
        return f"{name} {_('为是') if is_yes else _('为否')}"
    sign = {">=": "≥", "<=": "≤", "<>": "≠"}.get(row.operator, row.operator)
    return f"{name} {sign} {_grouped(value_text(field_by_stored(form, row.field), row.value))}"


def _name(form: Json, stored: str) -> str:
    over, _bracket, path = stored.partition("(")
    known = next((each for each in offered(form) if each["stored"] == stored), None)
    if known:
        return f"{known['group']} {known['label']}".strip()
    return path or over


def _grouped(text: str) -> str:
    """A whole number with its thousands set apart."""
    digits, dot, rest = text.partition(".")
    number = digits.removeprefix("-")
    if not (number.isdecimal() and number.isascii()):
        return text
    return f"{'-' if digits.startswith('-') else ''}{int(number):,}{dot}{rest}"


def labels(form: Json) -> dict[str, str]:
    """What the fields and columns of a form are called, by their paths."""
    found = {str(field["code"]): label(field["label"]) for field in form["fields"]}
    for table in form["fields"]:
        for column in columns_of(table) if table["kind"] == "lines" else ():
            path = f"{table['code']}.{column['code']}"
            found[path] = f"{label(table['label'])} {label(column['label'])}"
    return found
