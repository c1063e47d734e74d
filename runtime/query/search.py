"""Search text: what is written on save, and the condition a typed word becomes."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, or_

from runtime import access
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.kinds.word_field import WORDS

# What is found by its letters.
TEXTS: Final = WORDS


def search_text(parts: Iterable[str | None]) -> str:
    """Return what a record is found by: its texts and the pinyin initials of each, lower case."""
    words = [part.strip().lower() for part in parts if part and part.strip()]
    initials = [_initials(word) for word in words]
    return " ".join([*words, *(i for w, i in zip(words, initials, strict=True) if i != w)])


def search_condition(act: Act, form: Form, text: str) -> ColumnElement[bool] | None:
    """Return the condition that every word of `text` occurs in what the actor may see.

    None when there is no word.
    """
    words = [word.lower() for word in text.split()][:8]
    if not words:
        return None
    places = _places(act, form)
    return and_(*(or_(false(), *(_occurs(place, word) for place in places)) for word in words))


def _places(act: Act, form: Form) -> Sequence[ColumnElement[Any]]:
    """Where to look: the search text, unless something stands in it that is hidden from them."""
    visible = {field.code: field for field in access.visible_fields(act.actor, form)}
    if all(code in visible for code in form.search_fields):
        return (form.table.c.search_text,)
    texts = (visible[code] for code in form.search_fields if code in visible)
    return [
        func.lower(field.column)
        for field in texts
        if field.column is not None and field.stored.kind in TEXTS
    ]


def _occurs(place: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    return place.like(f"%{_escaped(word)}%", escape="\\")


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
