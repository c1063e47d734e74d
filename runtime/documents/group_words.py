"""What the groups of an aggregate table are called: the words of their dimensions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.query.called import NAMED, called
from runtime.query.labels import labels


def group_words(
    connection: Connection, table: Form, rows: Sequence[Mapping[str, Any]]
) -> list[list[str]]:
    """What the dimensions of each group are called."""
    assert table.aggregate is not None, f"{table.code} is no aggregate table"
    told: list[list[str]] = [[] for _ in rows]
    for item in table.aggregate.dimensions:
        values = [row[f"f_{item.code}"] for row in rows]
        named = _called(connection, table, item, values)
        for words, value in zip(told, values, strict=True):
            words.append(named.get(value) or item.format(value))
    return told


def _called(
    connection: Connection, table: Form, item: Field, values: Iterable[Any]
) -> Mapping[Any, str]:
    if item.target is not None:
        return labels(connection, table.target(item), values)
    kind = item.stored.kind
    return called(connection, kind, set(values) - {None}) if kind in NAMED else {}
