"""Search text: what is written on save, and the condition a typed word becomes."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    case,
    column,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import ARRAY

from runtime import access
from runtime.compile import Form
from runtime.infra import grams
from runtime.infra.act import Act
from runtime.infra.statements import at_most
from runtime.kinds.word_field import WORDS

# What is found by its letters.
TEXTS: Final = WORDS
# What stands in a twentieth of the newest records is sooner found by going through them.
_NEWEST: Final = 400
_OFTEN: Final = 20


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
    places = _hidden_from(act, form)
    if places is not None:
        # Of what is hidden from them, not even how long it takes to look tells anything.
        return and_(*(or_(false(), *(_occurs(place, word) for place in places)) for word in words))
    exact = _has_all(form.table.c.search_text, words)
    if form.aggregate is not None or not _is_rare(act.connection, form, words):
        return exact
    return and_(_narrowed(act.connection, form, words), exact)


def _hidden_from(act: Act, form: Form) -> Sequence[ColumnElement[Any]] | None:
    """What is left to look in, if something of the search text is hidden from the actor."""
    visible = {field.code: field for field in access.visible_fields(act.actor, form)}
    if all(code in visible for code in form.search_fields):
        return None
    texts = (visible[code] for code in form.search_fields if code in visible)
    return [
        func.lower(field.column)
        for field in texts
        if field.column is not None and field.stored.kind in TEXTS
    ]


def _is_rare(connection: Connection, form: Form, words: Sequence[str]) -> bool:
    """Say whether the index is worth it: there are many records, and few of the newest match."""
    columns = form.table.c
    texts = select(columns.search_text).order_by(columns.id.desc()).limit(at_most(_NEWEST))
    newest = texts.subquery()
    matching = func.sum(case((_has_all(newest.c.search_text, words), 1), else_=0))
    seen, found = connection.execute(select(func.count(), matching)).one()
    return bool(seen == _NEWEST and found < _OFTEN)


def _narrowed(connection: Connection, form: Form, words: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition by the index of grams: never fewer records than those that match."""
    wanted = [gram for word in words for gram in grams.grams(word)]
    if connection.dialect.name == "sqlite":
        name = grams.index_name(form.table.name)
        # SQLite's way to ask such a table: it has a column that is called as it is.
        index = sql_table(name, column("rowid"), column(name))
        matches = index.c[name].op("MATCH", is_comparison=True)(grams.asked(wanted))
        return form.table.c.id.in_(select(index.c.rowid).where(matches))
    has = func.s_grams(form.table.c.search_text, type_=ARRAY(Text))
    return has.contains(literal(wanted, ARRAY(Text)))


def _has_all(place: ColumnElement[Any], words: Sequence[str]) -> ColumnElement[bool]:
    return and_(*(_occurs(place, word) for word in words))


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
