"""Which records a change reaches: those that point to it, and those that ask for its key."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Column, Connection, Select, or_, select

from runtime.compile.edges import field_of
from runtime.compile.field import Field
from runtime.compile.graph import Edge, Narrow, Place
from runtime.compile.model import CHANGEABLE, Form
from runtime.documents.related import TEXTS, Condition, column_of, may_equal
from runtime.infra.columns import ExactDecimal
from runtime.query import Record

# A text that is a criterion and no plain value: it may ask for more than what is equal to it.
_PATTERNS: Final = ("%*%", "%?%", "%~%", "<%", ">%", "=%")


class TooManyError(Exception):
    """More records follow from one change than can in the act itself."""


def pointing(
    connection: Connection, form: Form, edge: Edge, ids: Iterable[int], most: int
) -> set[int]:
    """The records of a form that may change and point to one of `ids` where the edge goes through.

    Raises TooManyError for more than `most`.
    """
    assert edge.through is not None, "a field that is read afar is read through a reference"
    column = column_of(form, *edge.through)
    query = _owners(form, edge.through[0]).where(column.in_(sorted(ids)))
    return _found(connection, query, most)


def asking(
    connection: Connection, form: Form, edge: Edge, changes: Sequence[Record], most: int
) -> set[int]:
    """The records of a form that may change and read rows with a key of `changes`; else all.

    Raises TooManyError for more than `most`.
    """
    for narrow in edge.narrow:
        condition = _asked(connection, form, edge, narrow, changes)
        if condition is not None:
            return _found(connection, _owners(form, narrow.own[0]).where(condition), most)
    return _found(connection, _owners(form, None), most)


def keys(place: Place, record: Record) -> Iterator[Any]:
    """The values that stand at a place of a record: one of the header, one of each line."""
    lines, code = place
    if lines is None:
        yield record.values.get(code)
    else:
        yield from (line.values.get(code) for line in record.lines.get(lines, ()))


def _owners(form: Form, lines: str | None) -> Select[Any]:
    """The ids of records that may change, or of those that lines belong to."""
    head = form.table.c
    query = select(head.id)
    if lines is not None:
        own = form.lines_of(lines).table
        query = query.join_from(form.table, own, own.c.parent_id == head.id).distinct()
    return query.where(head.status.in_(sorted(CHANGEABLE))) if form.is_document else query


def _found(connection: Connection, query: Select[Any], most: int) -> set[int]:
    found = connection.execute(query.limit(most + 1)).scalars().all()
    if len(found) > most:
        raise TooManyError
    return set(found)


def _asked(
    connection: Connection,
    form: Form,
    edge: Edge,
    narrow: Narrow,
    changes: Sequence[Record],
) -> Condition | None:
    """The condition on the asking field: some key of the changed rows may satisfy it."""
    own = field_of(form, narrow.own)
    place = edge.reads.lines, narrow.column
    column = field_of(changes[0].form, place)
    if changes[0].form.aggregate is not None and narrow.column not in changes[0].values:
        return None  # a figure of a group: what it was before is not known
    if own is None or column is None or own.column is None or _family(own) != _family(column):
        return None
    conditions: list[Condition] = []
    for key in {each for change in changes for each in keys(place, change)}:
        condition = _may_ask(own, own.column, key, connection.dialect.name)
        if condition is None:
            return None
        conditions.append(condition)
    if own.stored.kind in TEXTS:
        conditions += [own.column.like(pattern) for pattern in _PATTERNS]
    return or_(*conditions) if conditions else None


def _may_ask(own: Field, column: Column[Any], key: Any, dialect: str) -> Condition | None:
    """Whoever asks for nothing may be given what is empty, and the other way round."""
    if key is None or key == "":
        # What is empty may be meant by nothing, by 0 and by FALSE.
        return _empty(own, column)
    condition = may_equal(own, key, dialect)
    if condition is None or key:
        return condition
    return or_(condition, column.is_(None))


def _empty(own: Field, column: Column[Any]) -> Condition:
    if isinstance(column.type, ExactDecimal):
        return or_(column.is_(None), column == 0)
    if own.stored.kind == "boolean":
        return or_(column.is_(None), column.is_(False))
    return or_(column.is_(None), column == "") if own.stored.kind in TEXTS else column.is_(None)


def _family(item: Field) -> str:
    """What can be equal at all: figures among each other, texts, references to one form."""
    if item.stored.kind in TEXTS:
        return "text"
    if item.column is not None and isinstance(item.column.type, ExactDecimal):
        return "figure"
    return f"{item.stored.kind} {item.target or ''}"
