"""What kinds of fields are called and drawn as in the designer."""

from typing import Final

from runtime.screens.i18n import _

ICONS: Final = {
    "text": "letter-case", "long_text": "align-left", "number": "number",
    "money": "currency-yuan", "quantity": "ruler-measure", "percent": "percentage",
    "date": "calendar", "datetime": "calendar-time", "time": "clock", "duration": "hourglass",
    "boolean": "toggle-right", "choice": "circle-dot", "multi_choice": "checkbox",
    "reference": "link", "lookup": "arrow-autofit-down", "lines": "table",
    "formula": "math-function", "rollup": "sum", "document_number": "hash", "user": "user",
    "users": "users", "department": "sitemap", "departments": "sitemap",
    "attachment": "paperclip", "image": "photo", "signature": "writing-sign",
    "barcode": "barcode", "email": "mail", "phone": "phone", "url": "world", "id_card": "id",
    "rating": "star", "rmb": "currency-yuan", "note": "info-circle",
    "divider": "separator-horizontal", "rich_text": "text-wrap", "region": "map-pin",
    "address": "map-pin", "location": "current-location", "cascade": "list-tree",
    "button": "click", "query": "database-search",
}  # fmt: skip
UNKNOWN: Final = "letter-case"


def kind_icon(kind: str) -> str:
    """Return the icon of a kind of field."""
    return ICONS.get(kind, UNKNOWN)


def kind_name(kind: str) -> str:
    """Return what a kind of field is called; a kind nobody named shows its code."""
    return {**_plain(), **_structured()}.get(kind, kind)


def _plain() -> dict[str, str]:
    return {
        "text": _("单行文本"), "long_text": _("多行文本"), "number": _("数字"),
        "money": _("金额"), "quantity": _("数量"), "percent": _("百分比"), "date": _("日期"),
        "datetime": _("日期时间"), "time": _("时间"), "duration": _("时长"),
        "boolean": _("开关"), "choice": _("单选"), "multi_choice": _("多选"),
        "email": _("邮箱"), "phone": _("电话"), "url": _("网址"), "id_card": _("身份证号"),
        "rating": _("评分"), "rmb": _("人民币大写"), "note": _("说明文字"),
        "divider": _("分割线"), "rich_text": _("富文本"),
    }  # fmt: skip


def _structured() -> dict[str, str]:
    return {
        "reference": _("关联记录"), "lookup": _("引用字段"), "lines": _("明细子表"),
        "formula": _("公式"), "rollup": _("汇总"), "document_number": _("流水号"),
        "user": _("成员"), "users": _("多个成员"), "department": _("部门"),
        "departments": _("多个部门"), "attachment": _("附件"), "image": _("图片"),
        "signature": _("手写签名"), "barcode": _("条码"), "region": _("省市区"),
        "address": _("地址"), "location": _("定位"), "cascade": _("级联选择"),
        "button": _("按钮"), "query": _("查询数据"),
    }  # fmt: skip
