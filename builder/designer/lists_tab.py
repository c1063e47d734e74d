"""The list of a form: its columns, what a record is found by and called, its place in the menu."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response

from builder import drafts
from builder.designer.panel_controls import Choice, Control, field_choice
from builder.designer.panel_special import UNTOLD
from builder.designer.panel_spot import LAYOUT
from builder.designer.studio_frame import form_in, frame_of
from builder.designer.studio_texts import studio_texts
from builder.designer.views_tab import view_cards
from runtime.screens.acting import reading
from runtime.screens.i18n import _, label
from runtime.screens.render import render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
# Read as text by the search box.
FOUND: Final = frozenset(
    {"text", "long_text", "document_number", "reference", "lookup", "formula", "choice", "email",
     "phone", "id_card", "url", "user", "number", "date"}
)  # fmt: skip


@dataclass(frozen=True)
class MenuItem:
    """One line of a menu group."""

    key: str
    label: str
    is_here: bool


@dataclass(frozen=True)
class MenuGroup:
    """A menu group with its lines."""

    label: str
    items: tuple[MenuItem, ...]
    is_here: bool


@permission("admin")
def form_lists(app_code: str, form_code: str) -> Response:
    """Show how the records of a form are listed, searched, called and reached."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        form = form_in(draft, form_code)
        frame = frame_of(draft, form_code, "lists")
        shown = tuple(_choices(form))
        return render(
            "designer/lists.html",
            None,
            frame=frame,
            v=None,
            texts=studio_texts(),
            model={"base": frame.base, "form": form_code, "app": app_code},
            form=form,
            columns=_pick("list", _("列表的列"), form, shown),
            search=_pick("search", _("搜索的字段"), form, tuple(_found(form))),
            title=Control(
                "title", _("用哪个字段称呼一条记录"), "choose", form.get("title"), shown,
                help=_("列表、关联和搜索结果里显示它"),
            ),
            preview=tuple(_preview(form, shown)),
            views=tuple(view_cards(draft, form)),
            groups=tuple(_groups(draft.source, form_code)),
            menus=draft.source.get("menus", []),
        )  # fmt: skip


def _pick(name: str, text: str, form: Json, choices: tuple[Choice, ...]) -> Control:
    words = {
        "list": _("从左到右。空着时，按表单的顺序显示前 8 个字段。"),
        "search": _("列表上的搜索框在这些字段里找，也认拼音首字母。"),
    }
    return Control(name, text, "pick", tuple(form.get(name, ())), choices, help=words[name])


def _choices(form: Json) -> Iterator[Choice]:
    for field in form["fields"]:
        if field["kind"] not in UNTOLD | LAYOUT:
            yield field_choice(field)


def _found(form: Json) -> Iterator[Choice]:
    for field in form["fields"]:
        if field["kind"] in FOUND:
            yield field_choice(field)


def _preview(form: Json, choices: tuple[Choice, ...]) -> Iterator[Choice]:
    """The columns as the list will have them: those chosen, else the first of the form."""
    known = {choice.value: choice for choice in choices}
    chosen = form.get("list") or [c.value for c in choices if c.kind != "long_text"][:8]
    yield from (known[code] for code in chosen if code in known)


def _groups(source: Json, form_code: str) -> Iterator[MenuGroup]:
    names = {form["code"]: label(form["label"]) for form in source.get("forms", ())}
    names |= {each["code"]: label(each["label"]) for each in source.get("aggregates", ())}
    for group in source.get("menus", ()):
        items = tuple(_item(each, names, form_code) for each in group["items"])
        here = any(item.is_here for item in items)
        yield MenuGroup(label(group["label"]), items, here)


def _item(item: Json, names: Mapping[str, str], form_code: str) -> MenuItem:
    if "page" in item:
        return MenuItem(f"page:{item['page']}", _("库存"), is_here=False)
    code = item["form"]
    return MenuItem(code, names.get(code, code), code == form_code)
