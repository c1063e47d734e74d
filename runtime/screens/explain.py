"""How a computed value came about: the panel behind the ƒ beside a figure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from flask import Response, request, url_for

from runtime import documents
from runtime.compile import Form
from runtime.compile.edges import field_of
from runtime.documents import Explanation
from runtime.formula import CellError, Derivation
from runtime.infra.messages import message
from runtime.screens.acting import form_of, reading
from runtime.screens.book_room import record_href
from runtime.screens.i18n import _, instant, label, locale
from runtime.screens.render import render
from runtime.screens.routes import permission

SHOWN_ROWS: Final = 20
DEEPEST: Final = 8


@dataclass(frozen=True)
class Row:
    """One part of a derivation, or one record behind a roll-up."""

    depth: int
    text: str
    value: str = ""
    sign: str = ""
    note: str = ""
    href: str = ""
    more: str = ""


@dataclass(frozen=True)
class Panel:
    """What `explain.html` draws; `more` of a row is the explanation of that row."""

    title: str
    value: str
    lead: str
    rows: tuple[Row, ...]
    remark: str
    back: str
    heading: str


@permission("view")
def explain(app_code: str, form_code: str, record_id: int, field_path: str) -> Response:
    """Show where a value comes from: a page of its own, or the inside of a dialog."""
    line = request.args.get("line", type=int)
    with reading() as act:
        form = form_of(act, app_code, form_code)
        found = documents.explain(act, form, record_id, field_path, line)
        panel = Panel(
            title=_title(form, field_path, line),
            value=found.field.format(found.value, locale()) or _("（空）"),
            lead=_lead(found),
            rows=tuple(_rows(form, record_id, found)),
            remark=_remark(found),
            back=record_href(form, record_id),
            heading=label(form.label),
        )
        return render("explain.html", "explanation", p=panel)


def _title(form: Form, path: str, line: int | None) -> str:
    lines, _dot, code = path.rpartition(".")
    field = field_of(form, (lines or None, code))
    name = label(field.label) if field else path
    return name if line is None else _("第 %(number)s 行 · %(name)s", number=line, name=name)


def _lead(found: Explanation) -> str:
    if found.derivation is not None:
        return f"= {found.derivation.text.lstrip('=＝ ')}"
    if found.field.kind.kind == "rollup":
        return _("汇总自引用这条记录的单据和资料")
    return _("带自所引用的记录")


def _remark(found: Explanation) -> str:
    parts = []
    if found.unseen:
        parts.append(_("还有 %(count)s 条记录你没有查看权限，没有列出。", count=found.unseen))
    if not found.is_current:
        parts.append(_("保存之后，它读取的资料有了变化；单据上的值保持当时的样子。"))
    return " ".join(parts)


def _rows(form: Form, record_id: int, found: Explanation) -> Iterator[Row]:
    if found.derivation is not None:
        for part in found.derivation.parts or (found.derivation,):
            yield from _parts(form, record_id, part, 0)
    for each in found.contributions:
        values = [_text(value) for value in each.values if value is not None]
        yield Row(
            0,
            f"{label(each.record.form.label)} {each.record.title}",
            "，".join(values),
            href=record_href(each.record.form, each.record.id),
        )
    if found.source is not None:
        home = found.source
        yield Row(0, f"{label(home.form.label)} {home.title}", href=record_href(home.form, home.id))


def _parts(form: Form, record_id: int, part: Derivation, depth: int) -> Iterator[Row]:
    """A part and what it is made of; numbers written in the formula stand in its text already."""
    if part.kind == "literal":
        return
    yield Row(depth, part.text, _value(form, part), part.sign, _note(part))
    if part.kind == "column" and isinstance(part.value, tuple):
        yield from _items(form, record_id, part, depth + 1)
    if part.is_needed and depth < DEEPEST:
        for each in part.parts:
            yield from _parts(form, record_id, each, depth + 1)


def _items(form: Form, record_id: int, part: Derivation, depth: int) -> Iterator[Row]:
    own = part.reference if part.reference and part.reference.is_own else None
    field = field_of(form, (own.lines, own.code)) if own else None
    for number, value in enumerate(part.value[:SHOWN_ROWS], start=1):
        text = field.format(value, locale()) if field and _plain(value) else _text(value)
        more = ""
        if own and field and field.kind.kind in documents.EXPLAINED:
            more = _address(form, record_id, f"{own.lines}.{own.code}", number)
        yield Row(depth, _("第 %(number)s 行", number=number), text or _("（空）"), more=more)
    rest = (part.rows or 0) - SHOWN_ROWS
    if rest > 0:
        yield Row(depth, _("还有 %(count)s 行", count=rest))


def _address(form: Form, record_id: int, path: str, line: int) -> str:
    return url_for(
        "screens.explain",
        app_code=form.app_code,
        form_code=form.code,
        record_id=record_id,
        field_path=path,
        line=line,
    )


def _value(form: Form, part: Derivation) -> str:
    if not part.is_needed or part.is_hidden or part.kind == "column":
        return ""
    reference = part.reference
    home = form.siblings.get(reference.form, form) if reference and reference.form else form
    if reference is not None and _plain(part.value):
        place = (None if reference.via else reference.lines, reference.code)
        field = field_of(home, place)
        if field is not None and field.stored.kind != "reference":
            return field.format(part.value, locale()) or _("（空）")
    return _text(part.value) or _("（空）")


def _note(part: Derivation) -> str:
    if part.is_hidden:
        return _("你没有查看权限")
    if not part.is_needed:
        return _("没有用到")
    return _("%(count)s 行", count=part.rows) if part.kind == "column" else ""


def _plain(value: Any) -> bool:
    return not isinstance(value, (tuple, CellError))


def _text(value: Any) -> str:
    """A value on the way, as a person reads it."""
    match value:
        case None:
            return ""
        case CellError():
            return f"{value.kind} {message(value.reason, locale=locale())}"
        case bool():
            return _("是") if value else _("否")
        case Decimal():
            return f"{value.normalize():,f}" if value else "0"
        case datetime():
            return instant(value)
        case tuple():
            return "，".join(_text(each) for each in value[:SHOWN_ROWS])
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
