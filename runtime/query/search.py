"""Search text: what is written on save, and the condition a typed word becomes."""

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import ColumnElement, and_

from runtime.compile import Form


def search_text(parts: Iterable[str | None]) -> str:
    """Return what a record is found by: its texts and the pinyin initials of each, lower case."""
    words = [part.strip().lower() for part in parts if part and part.strip()]
    initials = [_initials(word) for word in words]
    return " ".join([*words, *(i for w, i in zip(words, initials, strict=True) if i != w)])


def search_condition(form: Form, text: str) -> ColumnElement[bool] | None:
    """Return the condition that every word of `text` occurs; None when there is no word."""
    words = [word.lower() for word in text.split()][:8]
    if not words:
        return None
    column = form.table.c.search_text
    return and_(*(column.like(f"%{_escaped(word)}%", escape="\\") for word in words))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@lru_cache(maxsize=20_000)
def _initials(word: str) -> str:
    if word.isascii():
        return word
    # Loaded when first needed: the dictionary takes time and memory to load.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    letters = lazy_pinyin(word[:60], style=Style.FIRST_LETTER, errors="default")
    return "".join(letters).replace(" ", "").lower()
