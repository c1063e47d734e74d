"""What a record can be found by: its words, its codes and the pinyin initials of its words."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_CHINESE: Final = re.compile(r"[\u3400-\u9fff]+")
LONGEST: Final = 2000


def fold(text: str) -> str:
    """The form in which words are compared: NFKC, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def initials(text: str) -> str:
    """The first letters of a text as it is said: `重庆银行 A1` is `cqyh a1`."""
    # Loading the readings takes a third of a second, so only a process that writes does it.
    from pypinyin import Style, lazy_pinyin

    letters = lazy_pinyin(text, style=Style.FIRST_LETTER, strict=False)
    return fold("".join(letters))


def search_text(words: Iterable[str]) -> str:
    """The text a record is searched in, made of the words of its search fields."""
    folded = [fold(word) for word in words if word]
    spoken = [initials(word) for word in folded if _CHINESE.search(word)]
    return " ".join(dict.fromkeys(folded + spoken))[:LONGEST]
