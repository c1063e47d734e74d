"""Finding the record a person means: by code, number, name, pinyin initials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select

from runtime import access
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.infra.statements import at_most
from runtime.query.labels import CHUNK
from runtime.query.search import TEXTS, search_condition


@dataclass(frozen=True)
class LookupRow:
    """One candidate: `shown` are the lookup's columns as text, `values` what may be filled."""

    id: int
    title: str
    shown: Mapping[str, str]
    values: Mapping[str, Any]


def lookup(
    act: Act,
    form: Form,
    text: str,
    *,
    limit: int = 7,
    columns: Sequence[str] = (),
    fill: Sequence[str] = (),
) -> tuple[LookupRow, ...]:
    """Return the best candidates: exact code first, then prefixes, then whatever contains it."""
    access.require(act.actor, "view", form)
    visible = {item.code: item for item in access.visible_fields(act.actor, form)}
    wanted = _fields(form, visible, columns, fill)
    query = select(form.table.c.id, *(item.column for item in wanted if item.column is not None))
    for condition in _conditions(act, form, text):
        query = query.where(condition)
    rank = _rank(form, visible, text.strip().lower())
    query = (
        query.order_by(rank, form.table.c.id)
        if rank is not None
        else query.order_by(form.table.c.id)
    )
    rows = act.connection.execute(query.limit(at_most(min(limit, 50)))).mappings()
    shown = [visible[code] for code in columns or (form.title,) if code in visible]
    return tuple(_row(form, shown, wanted, row) for row in rows)


def resolve(act: Act, form: Form, texts: Sequence[str]) -> dict[str, int]:
    """Return `{text: id}` for pasted codes, names and barcodes that mean exactly one record."""
    return resolved(act, form, texts)[0]


def resolved(act: Act, form: Form, texts: Sequence[str]) -> tuple[dict[str, int], set[str]]:
    """Return `{text: id}` as `resolve` does, and the texts that mean several records."""
    access.require(act.actor, "view", form)
    wanted = sorted({text.strip() for text in texts if text.strip()})
    visible = {item.code: item for item in access.visible_fields(act.actor, form)}
    searched = [visible[code] for code in form.search_fields if code in visible]
    columns = [f.column for f in searched if f.column is not None and f.stored.kind in TEXTS]
    meant: dict[str, int] = {}
    several: set[str] = set()
    mine = access.row_condition(act.actor, form)
    for column in columns:
        found: dict[str, set[int]] = {}
        for start in range(0, len(wanted), CHUNK):
            query = select(form.table.c.id, column).where(
                column.in_(wanted[start : start + CHUNK]), form.table.c.status != "cancelled"
            )
            if mine is not None:
                query = query.where(mine)
            for key, text in act.connection.execute(query):
                found.setdefault(text, set()).add(key)
        sure = {text: min(keys) for text, keys in found.items() if len(keys) == 1}
        # A code is worth more than a name: what an earlier column found stays.
        meant = sure | meant
        several |= found.keys() - sure.keys()
    return meant, several - meant.keys()


def _fields(
    form: Form, visible: Mapping[str, Field], columns: Sequence[str], fill: Sequence[str]
) -> tuple[Field, ...]:
    codes = dict.fromkeys((*columns, *fill, form.title))
    found = (visible[code] for code in codes if code in visible)
    return tuple(item for item in found if item.column is not None)


def _conditions(act: Act, form: Form, text: str) -> list[ColumnElement[bool]]:
    searched = search_condition(act, form, text)
    mine = access.row_condition(act.actor, form)
    open_records = form.table.c.status.not_in(["cancelled", "rejected", "draft"])
    return [extra for extra in (open_records, searched, mine) if extra is not None]


def _rank(form: Form, visible: Mapping[str, Field], word: str) -> ColumnElement[int] | None:
    if not word:
        return None
    texts = [
        func.lower(visible[code].column)
        for code in form.search_fields
        if code in visible and visible[code].stored.kind in TEXTS
    ]
    if not texts:
        return None
    return case(
        (or_(*(text == word for text in texts)), literal(0)),
        (or_(*(text.startswith(word, autoescape=True) for text in texts)), literal(1)),
        (or_(*(text.endswith(word, autoescape=True) for text in texts)), literal(2)),
        else_=literal(3),
    )


def _row(
    form: Form, shown: Sequence[Field], wanted: Sequence[Field], row: Mapping[Any, Any]
) -> LookupRow:
    values = {item.code: row[item.column.name] for item in wanted if item.column is not None}
    title = form.by_code[form.title]
    return LookupRow(
        id=row["id"],
        title=title.format(values.get(form.title)) or f"#{row['id']}",
        shown={item.code: item.format(values.get(item.code)) for item in shown},
        values=values,
    )
