"""What people and departments are called, whichever kind of field names them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from runtime.compile import Field
from runtime.infra import departments, users
from runtime.kinds.families import DEPARTMENTS, PEOPLE

NAMED = PEOPLE | DEPARTMENTS


def ids_in(value: Any) -> Iterator[int]:
    """The ids a field of one or of several holds."""
    if isinstance(value, (tuple, list)):
        yield from value
    elif value is not None:
        yield value


def called(connection: Connection, kind: str, ids: Collection[int]) -> Mapping[int, str]:
    """Return the names of people or departments by id; who is gone is left out."""
    if not ids:
        return {}
    known = departments.names if kind in DEPARTMENTS else users.names
    return known(connection, ids)


def names_of(
    connection: Connection, fields: Iterable[Field], rows: Sequence[Mapping[str, Any]]
) -> Mapping[str, Mapping[int, str]]:
    """Return the names that rows need, by the code of the field: one query a family."""
    wanted = [field for field in fields if field.stored.kind in NAMED]
    found: dict[str, Mapping[int, str]] = {}
    for family in (PEOPLE, DEPARTMENTS):
        own = [field for field in wanted if field.stored.kind in family]
        ids = {key for field in own for row in rows for key in ids_in(row.get(field.code))}
        names = called(connection, min(family), ids)
        found |= {field.code: names for field in own}
    return found


def written(value: Any, names: Mapping[int, str]) -> str:
    """Write the names of one or of several; who is gone is a number."""
    return "，".join(names.get(key, f"#{key}") for key in ids_in(value))
