"""The library of fields beside the canvas: groups of kinds, found by name or pinyin initials."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from builder.designer.canvas_fields import kind_text
from builder.designer.kind_words import kind_icon
from runtime.kinds.fields import FIELD_TYPES
from runtime.query.search import search_text
from runtime.screens.i18n import _

# What stands where; a kind that is in neither group stands with the business ones.
PLAIN: Final = (
    "text", "long_text", "number", "money", "quantity", "percent", "date", "datetime", "time",
    "duration", "choice", "multi_choice", "boolean", "attachment", "image", "phone", "email",
    "url", "id_card", "rating", "rich_text",
)  # fmt: skip
BUSINESS: Final = (
    "reference", "lines", "formula", "rollup", "lookup", "document_number", "user", "users",
    "department", "departments", "rmb", "barcode", "region", "address", "location", "signature",
    "cascade", "query", "button",
)  # fmt: skip
LAYOUT: Final = ("note", "divider")
# What is no field: the scripts add a section or a tab instead.
SECTION: Final = "@section"
TAB: Final = "@tab"
# A line table holds no other line table and no layout of its own.
HEADER_ONLY: Final = frozenset({"lines", "document_number", "note", "divider", "button", "query"})
# Other words people look for a kind by.
ALSO: Final = {
    "text": "文本 字符串 短文本", "long_text": "备注 描述 文本", "number": "数值",
    "money": "价格 钱",
    "choice": "下拉 单选框 选项", "multi_choice": "复选 标签 选项", "boolean": "开关 是否 勾选",
    "reference": "关联 引用 选择数据", "lines": "子表 子表单 表格 明细", "lookup": "引用 带出",
    "document_number": "编号 单号 自动编号", "user": "人员 用户 成员", "attachment": "文件 上传",
    "formula": "计算", "rollup": "统计 求和 计数", "date": "日期", "percent": "比例 税率 折扣",
}  # fmt: skip


@dataclass(frozen=True)
class Chip:
    """One kind that can be added."""

    kind: str
    label: str
    icon: str
    found_by: str
    is_header_only: bool = False


@dataclass(frozen=True)
class Shelf:
    """A titled group of kinds."""

    label: str
    chips: tuple[Chip, ...]


def shelves() -> tuple[Shelf, ...]:
    """Return everything a form can be made of, in groups."""
    known = (*PLAIN, *BUSINESS, *LAYOUT)
    others = tuple(kind for kind in FIELD_TYPES if kind not in known)
    layout = (
        _chip(SECTION, _("分组"), "layout-rows", "section 区块"),
        _chip(TAB, _("标签页"), "layout-navbar", "tab 页签"),
        *_chips(LAYOUT),
    )
    return (
        Shelf(_("基础"), tuple(_chips(PLAIN))),
        Shelf(_("业务"), tuple(_chips((*BUSINESS, *others)))),
        Shelf(_("布局"), layout),
    )


def _chips(kinds: tuple[str, ...]) -> Iterator[Chip]:
    for kind in kinds:
        if kind in FIELD_TYPES:
            yield _chip(kind, kind_text(kind), kind_icon(kind), ALSO.get(kind, ""))


def _chip(kind: str, name: str, icon: str, also: str) -> Chip:
    found_by = search_text((name, *also.split(), kind.strip("@")))
    return Chip(kind, name, icon, found_by, kind in HEADER_ONLY or kind in {SECTION, TAB})
