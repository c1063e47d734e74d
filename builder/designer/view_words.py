"""A view of a draft in words: what it shows, which records, in what order, for whom."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from builder.designer.view_fields import Asked
from runtime.query.spans import COUNTED
from runtime.screens.i18n import _, joined, label
from runtime.screens.lists.words import operator_text, span_words

Json = Mapping[str, Any]
ICONS: Final = {
    "list": "layout-list", "calendar": "calendar", "kanban": "columns", "gallery": "photo",
}  # fmt: skip


def type_words() -> dict[str, str]:
    """The kinds of views."""
    return {
        "list": _("列表"), "calendar": _("日历"), "kanban": _("看板"), "gallery": _("图库"),
    }  # fmt: skip


def fn_words() -> dict[str, str]:
    """What a total may be."""
    return {
        "sum": _("求和"), "avg": _("平均"), "min": _("最小"), "max": _("最大"), "count": _("计数"),
    }  # fmt: skip


def facts(source: Json, view: Json, known: Mapping[str, Asked]) -> Iterator[str]:
    """Yield what is worth knowing of a view, a sentence each."""
    if view.get("columns"):
        yield _("%(n)s 列", n=len(view["columns"]))
    if view.get("where"):
        yield _("只看 %(what)s", what=where_words(view["where"], known))
    if view.get("sort"):
        yield _("按%(what)s排", what=joined(_sort_words(each, known) for each in view["sort"]))
    if view.get("group"):
        yield _("按%(what)s分组", what=joined(_name(code, known) for code in view["group"]))
    if view.get("totals"):
        yield _("%(n)s 个合计", n=len(view["totals"]))
    if view.get("roles"):
        names = {each["code"]: label(each.get("label")) for each in source.get("roles", ())}
        yield _("只给%(roles)s", roles=joined(names.get(code) or code for code in view["roles"]))


def where_words(where: Json, known: Mapping[str, Asked]) -> str:
    """Return conditions as one sentence."""
    if "field" in where:
        return _leaf_words(where, known)
    if "not" in where:
        return _("并非（%(what)s）", what=where_words(where["not"], known))
    join, parts = next(iter(where.items()), ("all", ()))
    inner = [_bracketed(part, known) for part in parts]
    return (_(" 或 ") if join == "any" else _(" 且 ")).join(inner)


def _bracketed(part: Json, known: Mapping[str, Asked]) -> str:
    words = where_words(part, known)
    return words if "field" in part or "not" in part else f"（{words}）"


def _leaf_words(leaf: Json, known: Mapping[str, Asked]) -> str:
    values: Sequence[str] = leaf.get("values", ())
    found = known.get(leaf["field"])
    texts = dict(found.options) if found else {}
    if leaf.get("op") == "relative":
        said = _span(values)
    elif leaf.get("op") == "between" and len(values) > 1:
        said = _("%(low)s 到 %(high)s", low=values[0], high=values[1])
    else:
        said = joined(texts.get(value, value) for value in values)
    name = _name(leaf["field"], known)
    return " ".join(filter(None, (name, operator_text(leaf.get("op", "")), said)))


def _span(values: Sequence[str]) -> str:
    word, days = (*values, "", "")[:2]
    if word not in COUNTED:
        return span_words().get(word, word)
    is_last = word == "last_days"
    return _("近 %(n)s 天", n=days) if is_last else _("未来 %(n)s 天", n=days)


def _sort_words(key: Json, known: Mapping[str, Asked]) -> str:
    name = _name(key["field"], known)
    return _("%(what)s从大到小", what=name) if key.get("descending") else name


def _name(path: str, known: Mapping[str, Asked]) -> str:
    found = known.get(path)
    if found is None:
        return path
    return f"{found.group} · {found.label}" if "." in path else found.label
