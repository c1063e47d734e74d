"""Which properties a field, a section, a tab, a line table or a form has, in groups."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from builder.designer.panel_controls import (
    Choice,
    Control,
    Group,
    field_choice,
    is_limit,
    option_controls,
)
from builder.designer.panel_special import (
    SPECIAL,
    UNTOLD,
    linked_defaults,
    linked_from,
    named_option,
)
from builder.designer.panel_spot import COMPUTED, LAYOUT, Spot
from runtime.kinds.fields import FIELD_TYPES
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
WIDTHS: Final = {2: "⅙", 3: "¼", 4: "⅓", 6: "½", 8: "⅔", 9: "¾"}
USUAL: Final = (3, 4, 6, 8, 12)
TYPED: Final = frozenset(
    {"text", "long_text", "number", "money", "quantity", "percent", "date", "datetime", "email",
     "phone", "url", "id_card", "reference", "user", "choice"}
)  # fmt: skip
# What two records can be kept from sharing, and what is worth an index.
TELLING: Final = frozenset(
    {"text", "number", "money", "quantity", "date", "datetime", "choice", "reference", "user",
     "email", "phone", "url", "id_card", "document_number", "percent", "time", "department"}
)  # fmt: skip
ICONS: Final = (
    "file-text", "file-invoice", "clipboard-list", "clipboard-text", "package-import", "packages",
    "truck-delivery", "truck-return", "shopping-cart", "building-store", "building-warehouse",
    "users", "user", "box", "category", "ruler-measure", "calendar", "book-2", "barcode",
    "send", "arrows-transfer-down", "list-check", "home", "settings",
)  # fmt: skip


def groups_of(source: Json, spot: Spot) -> tuple[Group, ...]:
    """Return the groups of what is selected, those without controls left out."""
    made = {
        "field": _field, "lines": _field, "section": _section, "tab": _tab, "form": _form,
    }[spot.what](source, spot)  # fmt: skip
    return tuple(group for group in made if group.controls)


def _field(source: Json, spot: Spot) -> Iterator[Group]:
    limits: list[Control] = []
    kept: list[Control] = []
    for control in _options(source, spot):
        (limits if is_limit(control) else kept).append(control)
    yield Group("basic", "", tuple(_basic(spot)))
    formulas = tuple(each for each in kept if each.type == "formula" and spot.kind == "formula")
    yield Group("formula", _("公式"), formulas)
    rest = tuple(each for each in kept if each not in formulas)
    yield Group("options", _options_title(spot.kind), rest)
    yield Group("default", _("默认值"), tuple(_default(source, spot)))
    yield Group("limits", _("校验"), (*_rights_of_value(spot), *limits))
    yield Group("show", _("显示"), tuple(_shown(spot)))


def _options_title(kind: str) -> str:
    words = {
        "choice": _("选项"), "multi_choice": _("选项"), "reference": _("关联"),
        "lookup": _("引用"), "rollup": _("汇总"), "document_number": _("编号规则"),
        "lines": _("明细"), "money": _("格式"), "number": _("格式"), "quantity": _("格式"),
        "percent": _("格式"), "formula": _("结果"),
    }  # fmt: skip
    return words.get(kind, _("设置"))


def _options(source: Json, spot: Spot) -> Iterator[Control]:
    editor, without = SPECIAL.get(spot.kind, (None, frozenset[str]()))
    if editor is not None:
        yield from editor(source, spot)
    schema = FIELD_TYPES[spot.kind].options if spot.kind in FIELD_TYPES else {}
    for control in option_controls(schema, spot.options, without):
        name = control.name.removeprefix("options/")
        yield named_option(source, spot, name, schema["properties"][name]) or control


def _basic(spot: Spot) -> Iterator[Control]:
    item = spot.item
    yield Control("label", _("标题"), "label", item.get("label"), required=True)
    yield Control("help", _("说明"), "label", item.get("help"), placeholder=_("显示在字段下方"))
    if spot.kind in TYPED:
        yield Control("placeholder", _("占位提示"), "label", item.get("placeholder"))
    if spot.lines is None and spot.what == "field":
        width = int(item.get("width") or 0)
        shown = sorted({*USUAL, *([width] if width in WIDTHS else [])})
        choices = tuple(Choice(each, WIDTHS.get(each, _("整行"))) for each in shown)
        yield Control("width", _("宽度"), "seg", width or None, choices)


def _default(source: Json, spot: Spot) -> Iterator[Control]:
    if spot.kind in COMPUTED | LAYOUT | UNTOLD:
        return
    links = tuple(linked_defaults(source, spot))
    yield Control(
        "default",
        _("默认值"),
        "default",
        default_of(spot),
        tuple(_modes(spot, links)),
        others=links,
    )


def default_of(spot: Spot) -> dict[str, Any]:
    """How a field starts: the mode, and what belongs to it."""
    given, link = spot.item.get("default"), linked_from(spot)
    if spot.options.get("current"):
        return {"mode": "current", "value": None}
    if given in ("=TODAY()", "=NOW()"):
        return {"mode": given, "value": None}
    if isinstance(given, str) and given.startswith("="):
        return {"mode": "formula", "value": given}
    if given is not None:
        return {"mode": "fixed", "value": given}
    return {"mode": "link", "value": link} if link else {"mode": "none", "value": None}


def _modes(spot: Spot, links: tuple[Choice, ...]) -> Iterator[Choice]:
    kind = spot.kind
    yield Choice("none", _("没有"))
    if kind not in ("reference", "user", "department", "users", "departments"):
        yield Choice("fixed", _("固定值"))
        yield Choice("formula", _("公式"))
    if kind == "date":
        yield Choice("=TODAY()", _("今天"))
    if kind == "datetime":
        yield Choice("=NOW()", _("现在"))
    if kind == "user":
        yield Choice("current", _("当前用户"))
    if kind == "department":
        yield Choice("current", _("本人部门"))
    if links:
        yield Choice("link", _("数据联动"))


def fixed_choices(spot: Spot) -> tuple[Choice, ...]:
    """What a fixed default may be, where that is a list."""
    if spot.kind == "boolean":
        return (Choice("true", _("是")), Choice("false", _("否")))
    if spot.kind in ("choice", "multi_choice"):
        options = spot.options.get("options", ())
        return tuple(
            Choice(each["code"], label(each.get("label")) or each["code"]) for each in options
        )
    return ()


def _rights_of_value(spot: Spot) -> Iterator[Control]:
    item, kind = spot.item, spot.kind
    if kind in LAYOUT:
        return
    if kind not in COMPUTED:
        yield Control("required", _("必填"), "switch", item.get("required"))
        if spot.what == "field":
            yield Control("readonly", _("只读"), "switch", item.get("readonly"))
    if kind in TELLING and spot.lines is None and kind != "document_number":
        yield Control(
            "unique", _("不能重复"), "switch", item.get("unique"),
            help=_("两条记录不能有同样的值"),
        )  # fmt: skip


def _shown(spot: Spot) -> Iterator[Control]:
    yield Control(
        "phone", _("手机上"), "seg", spot.item.get("phone", "show"),
        (Choice("show", _("显示")), Choice("hide", _("隐藏"))),
    )  # fmt: skip
    if spot.kind in TELLING and spot.lines is None:
        yield Control(
            "index", _("加快筛选"), "switch", spot.item.get("index"),
            help=_("经常按它筛选或排序时打开：数据库为它建索引"),
        )  # fmt: skip


def _section(_source: Json, spot: Spot) -> Iterator[Group]:
    tabs = spot.form.get("tabs", ())
    words = tuple(Choice(each["code"], label(each["label"])) for each in tabs)
    yield Group("basic", "", (Control("label", _("标题"), "label", spot.item.get("label")),))
    place = (
        (Control("tab", _("所在标签页"), "choose", spot.item.get("tab"), words),) if words else ()
    )
    phone = Control(
        "phone", _("手机上"), "seg", spot.item.get("phone", "open"),
        (Choice("open", _("展开")), Choice("folded", _("折叠"))),
    )  # fmt: skip
    yield Group("show", _("显示"), (*place, phone))


def _tab(_source: Json, spot: Spot) -> Iterator[Group]:
    title = Control("label", _("标题"), "label", spot.item.get("label"), required=True)
    yield Group("basic", "", (title,))


def _form(source: Json, spot: Spot) -> Iterator[Group]:
    form = spot.form
    icons = tuple(Choice(name, name) for name in ICONS)
    yield Group(
        "basic", "",
        (
            Control("label", _("标题"), "label", form.get("label"), required=True),
            Control("icon", _("图标"), "icon", form.get("icon", "file-text"), icons),
        ),
    )  # fmt: skip
    titles = tuple(
        field_choice(each) for each in form["fields"] if each["kind"] not in UNTOLD | LAYOUT
    )
    title = Control(
        "title", _("用哪个字段称呼一条记录"), "choose", form.get("title"), titles,
        help=_("列表、关联和搜索结果里显示它"),
    )  # fmt: skip
    yield Group("record", _("记录"), (title, *_flow(source, form), *_together(form)))


def _flow(source: Json, form: Json) -> Iterator[Control]:
    flows = tuple(
        Choice(each["code"], label(each.get("label")) or each["code"])
        for each in source.get("workflows", ())
        if each.get("form") == form["code"]
    )
    if form.get("type") == "document" and flows:
        yield Control("workflow", _("审批流程"), "choose", form.get("workflow"), flows)


def _together(form: Json) -> Iterator[Control]:
    fields = tuple(field_choice(each) for each in form["fields"] if each["kind"] in TELLING)
    yield Control(
        "unique_together", _("组合不能重复"), "together", form.get("unique_together", ()), fields,
        help=_("这些字段合在一起，只能出现在一条记录里"),
    )  # fmt: skip
