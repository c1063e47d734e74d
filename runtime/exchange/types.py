"""Column -> type: a list of rules, the first that holds decides; each says why and how surely."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from runtime.exchange import cells
from runtime.exchange.evidence import NO, YES, Evidence

# A column is a number or a date when nearly every filled cell is; one stray remark is reported.
NEARLY: Final = Decimal("0.95")
MOST_OPTIONS: Final = 12
_MONEY: Final = re.compile(
    r"金额|单价|价格|售价|进价|进货价|销售价|批发价|会员价|定价|总价|总额|费用|成本|余额|货款|"
    r"应收|应付|实收|实付|工资|薪|税额|价税|报价|标价|补贴|收入|支出|利润|gmv|申报价值|"
    r"price|amount|cost|revenue|sales(?!person)|salary|freight|fee\b|ytd|quota|balance|payment|"
    r"(total|stock) value|元）|元\)|（元|\(元",
    re.IGNORECASE,
)
_PRICE: Final = re.compile(r"单价|价格|售价|进价|price|cost\b", re.IGNORECASE)
_NOT_MONEY: Final = re.compile(
    r"数量|件数|销量|次数|率|比|编号|qty|quantity|count|units?\b", re.IGNORECASE
)
_PERCENT: Final = re.compile(r"率|百分比|占比|比重|折扣|percent|discount|ratio|%", re.IGNORECASE)
_FRACTION: Final = re.compile(r"率|占比|折扣|discount", re.IGNORECASE)
_DURATION: Final = re.compile(r"天|小时|工时|分钟|days|hours", re.IGNORECASE)
_IDENTITY: Final = re.compile(
    r"编码|编号|条码|条形码|货号|单号|料号|件号|代码|卡号|账号|帐号|电话|手机|传真|邮编|身份证|"
    r"学号|工号|isbn|ean|upc|barcode|sku|phone|fax|mobile|zip|postal|(?<![a-z])tel(?![a-z])",
    re.IGNORECASE,
)
_QUANTITY: Final = re.compile(
    r"数量|库存|重量|体积|长度|面积|结存|吨|\bkg\b|qty|weight|stock|[数期天量]$|[上下]限$",
    re.IGNORECASE,
)
# 0.995 and 703 under 规格型号 are names of things, whatever they look like.
_SPECIFICATION: Final = re.compile(
    r"规格|型号|尺码|款号|色号|specification|model|size", re.IGNORECASE
)
_DATE: Final = re.compile(r"日期|时间|年月|(?<![a-z])date|(?<![a-z])day(?![a-z])", re.IGNORECASE)
_IMAGE: Final = re.compile(r"图片|照片|封面|图\d*|picture|photo|image", re.IGNORECASE)
_YES_NO: Final = re.compile(r"^是否|是否$|^is\b|^has\b|\?$|^有无", re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """A type with how sure it is, the reason, and the cells that speak against it."""

    type: str
    confidence: Decimal
    why: str
    params: Mapping[str, object] = field(default_factory=dict)
    against: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """What the rules look at."""

    name: str
    seen: Evidence
    listed: tuple[str, ...] | None
    empty_shape: str

    @property
    def numbers(self) -> int:
        """Cells that hold a number which is no moment."""
        moments = sum(self.seen.shapes[shape] for shape in ("date", "time", "datetime"))
        return self.seen.kinds[cells.NUMBER] + self.seen.kinds[cells.MOMENT] - moments


Rule = Callable[[Column], Guess | None]


def guess(column: Column) -> Guess:
    """Return the first rule's answer; text when no rule holds."""
    for rule in RULES:
        found = rule(column)
        if found is not None:
            return found
    return _text(column)


def _sure(part: int, whole: int, *, most: str = "0.99") -> Decimal:
    share = (
        (Decimal(part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP) if whole else Decimal(0)
    )
    return min(share, Decimal(most))


def _examples(seen: Evidence, *sorts: str) -> tuple[str, ...]:
    return tuple(text for sort in sorts for text in seen.examples.get(sort, ()))[:3]


def _nearly(part: int, whole: int) -> bool:
    return whole > 0 and part >= whole * NEARLY


def _empty(column: Column) -> Guess | None:
    if column.seen.filled:
        return None
    if column.listed:
        return Guess("select", Decimal("0.90"), "type_list", options=column.listed)
    if _IMAGE.search(column.name):
        return Guess("image", Decimal("0.50"), "type_image_name")
    if column.empty_shape in {"date", "datetime", "percent", "money"}:
        return Guess(column.empty_shape, Decimal("0.60"), "type_empty_format")
    if column.empty_shape == "number":
        kind = "money" if _is_money(column) else "decimal"
        return Guess(kind, Decimal("0.50"), "type_empty_format")
    return Guess("text", Decimal("0.50"), "type_empty")


def _boolean(column: Column) -> Guess | None:
    seen = column.seen
    if seen.kinds[cells.BOOLEAN] and _nearly(seen.kinds[cells.BOOLEAN], seen.filled):
        return _counted("boolean", seen.kinds[cells.BOOLEAN], column, "type_boolean", "text")
    words = {text.lower() for text in seen.values}
    if words and words <= YES | NO and (words & YES or _YES_NO.search(column.name)):
        return _counted("boolean", seen.filled, column, "type_yes_no")
    if words <= {"0", "1"} and words and _YES_NO.search(column.name):
        return _counted("boolean", seen.filled, column, "type_yes_no")
    return None


def _listed(column: Column) -> Guess | None:
    if not column.listed or column.numbers or _IDENTITY.search(column.name):
        return None
    if column.seen.formulas * 2 > column.seen.filled:
        return None
    inside = sum(count for text, count in column.seen.values.items() if text in column.listed)
    if inside * 5 < column.seen.filled * 4:
        return None
    if set(column.listed) <= {"是", "否"}:
        return _counted("boolean", inside, column, "type_yes_no")
    outside = tuple(text for text in column.seen.values if text not in column.listed)
    return Guess(
        "select",
        Decimal("0.97"),
        "type_list",
        {"count": len(column.listed)},
        outside[:3],
        column.listed + outside[:20],
    )


def _long_code(column: Column) -> Guess | None:
    seen = column.seen
    if seen.long_digits:
        return Guess("text", Decimal("0.99"), "type_long_digits", {"count": seen.long_digits})
    if seen.leading_zeros:
        return Guess("text", Decimal("0.99"), "type_leading_zeros", {"count": seen.leading_zeros})
    if seen.shapes["code"]:
        return Guess("text", Decimal("0.95"), "type_code_format", {"count": seen.shapes["code"]})
    return None


def _moment(column: Column) -> Guess | None:
    seen = column.seen
    formatted = sum(seen.shapes[shape] for shape in ("date", "time", "datetime"))
    spelled = sum(seen.moments[f"text_{sort}"] for sort in ("date", "datetime", "time"))
    if not _nearly(formatted + spelled, seen.filled) or _looks_like_codes(column, formatted):
        return None
    kind = _which_moment(seen)
    why = "type_date_format" if formatted >= spelled else "type_date_text"
    return _counted(kind, formatted + spelled, column, why, "text", "number", "amount")


def _looks_like_codes(column: Column, formatted: int) -> bool:
    # Eight digits that happen to be a day are a date only where the header says so.
    digits = all(text.isdigit() for text in column.seen.values)
    return not formatted and digits and _DATE.search(column.name) is None


def _which_moment(seen: Evidence) -> str:
    count = {
        sort: seen.moments[sort] + seen.moments[f"text_{sort}"]
        for sort in ("date", "datetime", "time")
    }
    if count["time"] > count["date"] + count["datetime"]:
        return "time"
    return "datetime" if count["datetime"] * 10 > count["date"] else "date"


def _serial_date(column: Column) -> Guess | None:
    """Bare serials under a header that speaks of a date: only the header tells."""
    seen = column.seen
    if not _DATE.search(column.name) or not _nearly(column.numbers, seen.filled):
        return None
    if _DURATION.search(column.name):
        return None
    if seen.shapes["general"] + seen.shapes["number"] < seen.filled:
        return None
    if seen.smallest > 20_000 and seen.largest < 70_000:
        kind = "datetime" if seen.whole < column.numbers else "date"
        return Guess(kind, Decimal("0.80"), "type_serial_date", {"count": seen.filled})
    return None


def _number(column: Column) -> Guess | None:
    seen = column.seen
    amounts = column.numbers + seen.amounts
    if not _nearly(amounts, seen.filled):
        return None
    if _SPECIFICATION.search(column.name) and not seen.signs and not column.seen.shapes["money"]:
        return Guess("text", Decimal("0.80"), "type_specification_name", {"name": column.name[:40]})
    mostly_text = seen.amounts * 2 > amounts
    if _IDENTITY.search(column.name) and seen.whole == amounts and not seen.signs:
        return Guess("text", Decimal("0.85"), "type_identity_name", {"name": column.name[:40]})
    if mostly_text and not seen.signs and not _names_amount(column.name):
        return None
    return _counted(_which_number(column, amounts), amounts, column, _number_why(column), "text")


def _names_amount(name: str) -> bool:
    return bool(_MONEY.search(name) or _QUANTITY.search(name) or _PERCENT.search(name))


def _number_why(column: Column) -> str:
    shapes = column.seen.shapes
    if column.seen.amounts * 2 > column.seen.filled:
        return "type_number_text"
    if shapes["percent"] * 2 > column.numbers or shapes["money"] * 2 > column.numbers:
        return "type_number_format"
    return "type_money_name" if _is_money(column) else "type_number"


def _which_number(column: Column, amounts: int) -> str:
    seen = column.seen
    if seen.shapes["percent"] * 2 > column.numbers or seen.text_percents * 2 > amounts:
        return "percent"
    if seen.shapes["money"] * 2 > amounts or seen.signs * 2 > amounts or _is_money(column):
        return "money"
    if seen.whole == amounts:
        return "integer"
    small = Decimal(0) <= seen.smallest and seen.largest <= 1
    return "percent" if small and _FRACTION.search(column.name) else "decimal"


def _is_money(column: Column) -> bool:
    if _PRICE.search(column.name):
        return _PERCENT.search(column.name) is None
    return bool(_MONEY.search(column.name)) and not _NOT_MONEY.search(column.name)


def _url(column: Column) -> Guess | None:
    if column.seen.urls and _nearly(column.seen.urls, column.seen.filled):
        return _counted("url", column.seen.urls, column, "type_url", "text")
    return None


def _few_values(column: Column) -> Guess | None:
    seen = column.seen
    distinct = len(seen.values)
    short = seen.chars <= seen.filled * 12
    if not short or distinct > MOST_OPTIONS or seen.kinds[cells.NUMBER] or seen.amounts:
        return None
    repeated = seen.filled >= max(8, distinct * 3) and distinct > 1
    if not repeated or seen.formulas * 2 > seen.filled or _IDENTITY.search(column.name):
        return None
    options = tuple(text for text, _ in seen.values.most_common())
    params = {"count": distinct, "of": seen.filled}
    return Guess("select", Decimal("0.80"), "type_few_values", params, (), options)


def _text(column: Column) -> Guess:
    seen = column.seen
    against = _examples(seen, "number") if column.numbers else ()
    return Guess("text", Decimal("0.95"), "type_text", {"count": seen.filled}, against)


def _counted(kind: str, part: int, column: Column, why: str, *against: str) -> Guess:
    params = {"count": part, "of": column.seen.filled}
    return Guess(
        kind, _sure(part, column.seen.filled), why, params, _examples(column.seen, *against)
    )


RULES: Final[Sequence[Rule]] = (
    _empty,
    _boolean,
    _listed,
    _long_code,
    _moment,
    _serial_date,
    _number,
    _url,
    _few_values,
)
