"""Columns of a workbook <-> fields of a form: same name, same sound, known other words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from runtime.compile import Field, Form
from runtime.kinds.families import FILES

# Words people use for one thing; the first that both sides mean decides.
_SYNONYMS: Final = (
    ("编码", "编号", "代码", "货号", "料号", "商品编码", "商品编号", "产品编号", "产品代码",
     "物料件号", "code", "item no", "item code", "sku"),
    ("名称", "品名", "商品名称", "产品名称", "货品名称", "存货品名", "物料名称", "商品", "name",
     "item name", "product name", "product"),
    ("规格", "规格型号", "型号", "商品规格", "产品型号", "specification", "spec", "model"),
    ("单位", "主单位", "计量单位", "基本单位", "核算单位", "unit", "uom", "base unit"),
    ("条码", "条形码", "商品条码", "产品条码", "barcode", "ean", "isbn"),
    ("进价", "进货价", "采购价", "参考进价", "采购单价", "cost price", "purchase price"),
    ("售价", "销售价", "零售价", "参考售价", "单价", "价格", "sales price", "price", "unit price"),
    ("分类", "类别", "品类", "品种", "商品分类", "产品分类", "大类名称", "category", "type"),
    ("备注", "说明", "补充说明", "note", "notes", "remark", "remarks"),
    ("安全库存", "最低存量", "库存下限", "最低库存", "safety stock"),
    ("联系人", "负责人", "客户方负责人", "contact", "contact name"),
    ("电话", "联系电话", "手机", "phone", "telephone", "phone number"),
    ("地址", "客户地址", "联系地址", "address"),
    ("客户", "客户名称", "customer", "company name"),
    ("供应商", "供应商名称", "供货商", "供货单位", "supplier", "vendor"),
    ("数量", "qty", "quantity"),
    ("日期", "单据日期", "date"),
)  # fmt: skip
_MARKS: Final = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]|[*＊:：\s]|必填")
_GROUP: Final[Mapping[str, int]] = {
    word.replace(" ", ""): number for number, words in enumerate(_SYNONYMS) for word in words
}
_SKIPPED: Final = frozenset({"lines", "formula", "lookup", "rollup", "document_number"} | FILES)


def match(columns: Sequence[Mapping[str, Any]], form: Form) -> dict[str, str]:
    """Return field codes by column letters, each field at most once, the surest first."""
    fields = [f for f in form.fields if not f.is_computed and f.kind.kind not in _SKIPPED]
    found: dict[str, str] = {}
    for same in (_same_name, _same_sound, _same_meaning):
        for column in columns:
            if column["col"] in found or column.get("unnamed"):
                continue
            free = [field for field in fields if field.code not in found.values()]
            chosen = next((field for field in free if same(column["name"], field)), None)
            if chosen is not None:
                found[column["col"]] = chosen.code
    return found | _by_ending([c for c in columns if c["col"] not in found], fields, found)


def _by_ending(
    columns: Sequence[Mapping[str, Any]], fields: Sequence[Field], found: Mapping[str, str]
) -> dict[str, str]:
    """Match `刀具编号` to the item's code: one column whose name ends in a word for one field."""
    ends: dict[int, list[str]] = {}
    for column in columns:
        group = _ending(plain(column["name"]))
        if group is not None and not column.get("unnamed"):
            ends.setdefault(group, []).append(column["col"])
    matched: dict[str, str] = {}
    for group, letters in ends.items():
        meant = [
            field.code
            for field in fields
            if field.code not in found.values()
            and group in {_GROUP.get(plain(other)) for other in _names(field)}
        ]
        # Two candidates on either side are a guess, and a guess is worse than a question.
        if len(letters) == 1 and len(meant) == 1:
            matched[letters[0]] = meant[0]
    return matched


def _ending(name: str) -> int | None:
    """Return what the end of a name means, unless its beginning means something else."""
    if name in _GROUP:
        return None
    for start in range(1, len(name) - 1):
        if name[start:] in _GROUP:
            return None if name[:start] in _GROUP else _GROUP[name[start:]]
    return None


def plain(name: str) -> str:
    """Return a name without units in brackets, stars and blanks."""
    return _MARKS.sub("", name).casefold()


def sound(name: str) -> str:
    """Return how a name is pronounced, for names written with other characters."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its dictionary is large

    return "".join(lazy_pinyin(plain(name)))


def _names(field: Field) -> tuple[str, ...]:
    return (field.label.zh, field.label.en, field.code.replace("_", " "))


def _same_name(name: str, field: Field) -> bool:
    return plain(name) in {plain(other) for other in _names(field) if other}


def _same_sound(name: str, field: Field) -> bool:
    return sound(name) == sound(field.label.zh)


def _same_meaning(name: str, field: Field) -> bool:
    group = _GROUP.get(plain(name))
    return group is not None and group in {_GROUP.get(plain(other)) for other in _names(field)}
