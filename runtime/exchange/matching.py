"""Columns of a workbook <-> fields of a form: same name, same sound, known other words."""

import re
from collections.abc import Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from runtime.compile import Field, Form, LineTable
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
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_MARKS: Final = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]|[*＊:：\s]|必填")
_GROUP: Final[Mapping[str, int]] = {
    word.replace(" ", ""): number for number, words in enumerate(_SYNONYMS) for word in words
}
NUMBER: Final = "document_number"
PICTURE: Final = "image"


class Place(NamedTuple):
    """A field a column may go into; one of a line table is `lines.qty`."""

    path: str
    field: Field
    table: Field | None = None


def places(form: Form) -> tuple[Place, ...]:
    """Every field that can be imported, the record's own before those of its lines.

    A number the product gives is among them: it finds the document it belongs to.
    """
    own = [Place(item.code, item) for item in form.fields if _is_open(item)]
    lines = [
        Place(f"{table.code}.{item.code}", item, table.field)
        for table in form.lines
        for item in table.fields
        if _is_open(item) and item.kind.kind != NUMBER
    ]
    return (*own, *lines)


def _is_open(item: Field) -> bool:
    if item.kind.kind == NUMBER:
        return True
    if item.kind.kind == PICTURE:
        return True
    return not (item.is_computed or item.is_lines or item.kind.kind in FILES)


def match(
    columns: Sequence[Mapping[str, Any]], form: Form, remembered: Mapping[str, str] = NOTHING
) -> dict[str, str]:
    """Return places by column letters, each at most once, the surest first.

    `remembered` is what columns of the same name went into last time.
    """
    known = places(form)
    found: dict[str, str] = {}
    by_path = {place.path: place for place in known}
    for column in columns:
        path = remembered.get(str(column["name"]), "")
        if path in by_path and path not in found.values() and _is_alike(column, by_path[path]):
            found[column["col"]] = path
    # A column that may mean the record itself does: lines take what is left.
    own, lines = _own(known), _of_lines(known)
    ways = (_same_word, _same_name, _same_sound, _same_meaning)
    for part, same in [(lines, _same_in_table), *product((own, lines), ways)]:
        for column in columns:
            if column["col"] in found or column.get("unnamed"):
                continue
            free = (place for place in part if place.path not in found.values())
            free = (place for place in free if _is_alike(column, place))
            chosen = next((place for place in free if same(column["name"], place)), None)
            if chosen is not None:
                found[column["col"]] = chosen.path
    found = _without_totals(columns, form, found)
    rest = [column for column in columns if column["col"] not in found]
    return found | _by_ending(rest, _own(known), found)


def _is_alike(column: Mapping[str, Any], place: Place) -> bool:
    """A column of pictures goes into a field of pictures, and nothing else does."""
    return (column.get("type") == PICTURE) == (place.field.kind.kind == PICTURE)


def _own(known: Sequence[Place]) -> list[Place]:
    return [place for place in known if "." not in place.path]


def _of_lines(known: Sequence[Place]) -> list[Place]:
    return [place for place in known if "." in place.path]


def _without_totals(
    columns: Sequence[Mapping[str, Any]], form: Form, found: Mapping[str, str]
) -> dict[str, str]:
    """Leave out lines that nothing speaks of but figures the record itself computes."""
    computed = {
        item.label.text(each) for item in form.fields if not _is_open(item) for each in ("zh", "en")
    }
    names = {column["col"]: str(column["name"]).strip() for column in columns}
    lines = [col for col, path in found.items() if "." in path]
    if all(names[col] in computed for col in lines):
        return {col: path for col, path in found.items() if col not in lines}
    return dict(found)


def _by_ending(
    columns: Sequence[Mapping[str, Any]], known: Sequence[Place], found: Mapping[str, str]
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
            place.path
            for place in known
            if place.path not in found.values()
            and place.field.kind.kind != PICTURE
            and group in {_GROUP.get(plain(other)) for other in _names(place.field)}
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


def _same_word(name: str, place: Place) -> bool:
    return name.strip() in {place.field.label.text(locale) for locale in ("zh", "en")}


def _same_in_table(name: str, place: Place) -> bool:
    table = place.table
    return table is not None and name.strip() in {
        _in_table(table, place.field, locale) for locale in ("zh", "en")
    }


def line_heading(form: Form, table: LineTable, item: Field, locale: str) -> str:
    """What an export calls a column of lines: with the table, where the name means more."""
    name = item.label.text(locale)
    meant = match([{"col": "A", "name": name}], form).get("A")
    is_sure = meant in {None, f"{table.code}.{item.code}"}
    shown = [each for each in form.fields if each.label.text(locale) == name]
    return name if is_sure and not shown else _in_table(table.field, item, locale)


def _in_table(table: Field, item: Field, locale: str) -> str:
    return f"{table.label.text(locale)}·{item.label.text(locale)}"


def _same_name(name: str, place: Place) -> bool:
    return plain(name) in {plain(other) for other in _names(place.field) if other}


def _same_sound(name: str, place: Place) -> bool:
    return sound(name) == sound(place.field.label.zh)


def _same_meaning(name: str, place: Place) -> bool:
    group, names = _GROUP.get(plain(name)), _names(place.field)
    return group is not None and group in {_GROUP.get(plain(other)) for other in names}
