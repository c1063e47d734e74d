"""What the records of a page refer to, read with them: titles of records, names of people.

Only what the actor may read of every record there is; of the rest `labels` asks for each page. And
only where an index gives the order: where the database has to sort, it would look all of it up for
records nobody gets to see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Select, select

from runtime import access
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.infra.users import user_table
from runtime.kinds.families import PEOPLE, SEVERAL
from runtime.query.keyset import SortKey
from runtime.query.labels import shows_titles


@dataclass(frozen=True)
class Alongside:
    """By the code of a field: what records are called, what people are called."""

    titles: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    people: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def joinable(
    act: Act, form: Form, columns: Sequence[Field], keys: Sequence[SortKey]
) -> tuple[Field, ...]:
    """Return the columns whose names can be read with the records."""
    if keys and keys[0].column not in _leading(form):
        return ()
    return tuple(column for column in columns if _is_joinable(act, form, column))


def selected(
    form: Form, columns: tuple[Field, ...], keys: tuple[SortKey, ...], joined: tuple[Field, ...]
) -> Select[Any]:
    """Return what a page is read with, before its conditions: `named_0` is of the first joined."""
    return _selected(form, columns, tuple(each.column for each in keys), joined)


def read_alongside(
    form: Form, joined: Sequence[Field], rows: Sequence[Mapping[Any, Any]]
) -> Alongside:
    """Take the names out of the rows."""
    titles: dict[str, Mapping[int, str]] = {}
    people: dict[str, Mapping[int, str]] = {}
    for place, column in enumerate(joined):
        assert column.column is not None, "listed columns are stored"
        named = {row[column.column.name]: row[f"named_{place}"] for row in rows}
        named.pop(None, None)
        if column.target is None:
            names = {key: name for key, name in named.items() if name is not None}
            people[column.code] = names
        else:
            target = form.target(column)
            title = target.by_code[target.title]
            written = {key: title.format(value) or f"#{key}" for key, value in named.items()}
            titles[column.code] = written
    return Alongside(titles, people)


def _is_joinable(act: Act, form: Form, column: Field) -> bool:
    if column.column is None:
        return False
    if column.target is None:
        return column.stored.kind in PEOPLE - SEVERAL
    target = form.target(column)
    is_whole = access.row_condition(act.actor, target) is None and shows_titles(act, target)
    return is_whole and target.by_code[target.title].column is not None


# Every page of a list begins with the same columns. A field is another one when its app is
# published anew.
@lru_cache(maxsize=512)
def _selected(
    form: Form,
    columns: tuple[Field, ...],
    keys: tuple[Column[Any], ...],
    joined: tuple[Field, ...],
) -> Select[Any]:
    table, title = form.table, form.by_code[form.title].column
    wanted: list[ColumnElement[Any]] = [table.c.id, table.c.version, table.c.status]
    wanted += [column.column for column in columns if column.column is not None]
    wanted += keys
    wanted += [] if title is None else [title]
    source: FromClause = table
    names = []
    for place, column in enumerate(joined):
        there, name = _there(form, column)
        there = there.alias(f"named_{place}")
        source = source.outerjoin(there, there.c.id == column.column)
        names.append(there.c[name].label(f"named_{place}"))
    return select(*dict.fromkeys(wanted), *names).select_from(source)


def _there(form: Form, column: Field) -> tuple[FromClause, str]:
    if column.target is None:
        return user_table, user_table.c.display_name.name
    target = form.target(column)
    title = target.by_code[target.title].column
    assert title is not None, "only stored titles are joined"
    return target.table, title.name


@lru_cache(maxsize=512)
def _leading(form: Form) -> frozenset[Column[Any]]:
    """The columns an index begins with."""
    return frozenset(next(iter(index.columns)) for index in form.table.indexes)
