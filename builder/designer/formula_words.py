"""What fields, types and formulas are called on the formula pages."""

from collections.abc import Iterator
from dataclasses import dataclass

from builder.formula_places import field_at
from builder.stored_formulas import references
from runtime.compile import Field, Form
from runtime.formula import Formula
from runtime.formula.tree import Reference
from runtime.formula.types import is_list, item
from runtime.screens.i18n import _, label


@dataclass(frozen=True)
class Piece:
    """A stretch of a formula: its text, or the name of a field."""

    text: str
    is_field: bool = False


def type_text(kind: str) -> str:
    """Return what a type of the language is called."""
    words = {
        "number": _("数字"), "money": _("金额"), "percent": _("百分比"), "text": _("文字"),
        "date": _("日期"), "datetime": _("日期时间"), "time": _("时间"), "boolean": _("是或否"),
        "choice": _("选项"), "reference": _("关联记录"),
    }  # fmt: skip
    one = words.get(item(kind), _("要看数据"))
    return _("一列%(what)s", what=one) if is_list(kind) else one


def kind_text(kind: str) -> str:
    """Return what the result of a formula field is called."""
    return _("数量") if kind == "quantity" else type_text(kind)


def own_words() -> dict[str, str]:
    """What conditions may name beside the fields of a form."""
    return {"created_by": _("创建人"), "status": _("状态")}


def path_text(form: Form, lines: str | None, code: str) -> str:
    """Return what a field of a form is called, with its line table."""
    found = field_at(form, lines, code)
    name = _name(found, code)
    return name if lines is None else f"{label(form.lines_of(lines).label)}.{name}"


def reference_text(form: Form, reference: Reference) -> str:
    """Return what a field that a formula names is called."""
    if reference.form is not None and reference.via is None:
        other = form.siblings[reference.form]
        return f"{label(other.label)}.{path_text(other, reference.lines, reference.code)}"
    lines = reference.lines
    own = reference.via or reference.code
    name = path_text(form, lines, own) if reference.many else _name(field_at(form, lines, own), own)
    if reference.via is None:
        return name
    target = form.siblings[reference.form or ""]
    return f"{name}.{_name(target.by_code.get(reference.code), reference.code)}"


def pieces(form: Form, formula: Formula) -> Iterator[Piece]:
    """Cut a formula into its text and the fields it names, without the `=` in front."""
    text = formula.text.lstrip("\ufeff").lstrip()
    skipped = len(formula.text) - len(text) + text.startswith(("=", "＝"))
    place = skipped
    for each in references(formula):
        if each.span[0] > place:
            yield Piece(formula.text[place : each.span[0]])
        yield Piece(reference_text(form, each), is_field=True)
        place = each.span[1]
    if formula.text[place:]:
        yield Piece(formula.text[place:])


def labelled(form: Form, formula: Formula) -> str:
    """Return a formula as people read it: every field by its name in braces."""
    return "=" + "".join(
        "{" + each.text.replace(".", "}.{") + "}" if each.is_field else each.text
        for each in pieces(form, formula)
    )


def _name(found: Field | None, code: str) -> str:
    return label(found.label) if found else own_words().get(code, code)
