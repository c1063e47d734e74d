"""`${…}` in a template: a name from a closed list and how its value is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

PLACEHOLDER: Final = re.compile(r"\$\{([^{}]{1,120})\}")
# What stands after `|`, by every way to spell it.
FORMATS: Final = {
    "大写": "rmb", "rmb": "rmb",
    "条码": "code128", "barcode": "code128",
    "ean13": "ean13",
    "二维码": "qr", "qr": "qr",
    "图片": "picture", "picture": "picture",
    "合计": "sum", "sum": "sum",
    "文本": "text", "text": "text",
    "年月日": "date_zh", "日期": "date",  "date": "date",
}  # fmt: skip
DRAWN: Final = frozenset({"code128", "ean13", "qr", "picture"})
# What the system knows beside the record, by every way to spell it.
SYSTEM: Final = {
    "公司": "$company", "company": "$company",
    "打印人": "$printed_by", "printedby": "$printed_by",
    "打印时间": "$printed_at", "printedat": "$printed_at",
    "打印日期": "$printed_on", "printedon": "$printed_on",
    "状态": "$status", "status": "$status",
    "页码": "$page", "page": "$page",
    "总页数": "$pages", "pages": "$pages",
}  # fmt: skip
PAGES: Final = frozenset({"$page", "$pages"})
# In a row of lines: which of them it is.
LINE_NO: Final = "$line_no"
LINE_NO_NAMES: Final = frozenset({"序号", "行号", "no", "lineno"})


@dataclass(frozen=True)
class Placeholder:
    """What stands between the braces: `key` is how the template spells it, without spaces."""

    key: str
    name: str
    formats: tuple[str, ...]
    # A word after `|` there is none of.
    unknown: str = ""

    @property
    def is_drawn(self) -> bool:
        """Whether a picture comes in its place."""
        return bool(DRAWN.intersection(self.formats))


def read(inner: str) -> Placeholder:
    """Read what stands between the braces."""
    name, *words = (" ".join(part.split()) for part in inner.split("|"))
    formats = [FORMATS.get(word.lower(), "") for word in words]
    unknown = next((word for word, found in zip(words, formats, strict=True) if not found), "")
    return Placeholder(
        "|".join((name, *words)), name, tuple(each for each in formats if each), unknown
    )


def found_in(text: str) -> Iterator[Placeholder]:
    """The placeholders of a text, from left to right."""
    for match in PLACEHOLDER.finditer(text):
        yield read(match[1])
