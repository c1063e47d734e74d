"""Small choices of a person beyond theme, density and language: one name, one word each."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Column, Connection, ForeignKey, Select, Text, delete, select

from runtime.infra.act import Act
from runtime.infra.columns import Key
from runtime.infra.db import system_table
from runtime.infra.upsert import insert_into

preference_table: Final = system_table(
    "s_preference",
    Column("user_id", Key(), ForeignKey("s_user.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
_columns: Final = preference_table.c


def chosen(act: Act) -> Mapping[str, str]:
    """Return what the actor has chosen; what stands nowhere is as the product has it."""
    return of(act, act.actor.user_id)


def one(user_id: Any, name: str) -> Select[tuple[str]]:
    """Return one choice of somebody, as a query."""
    return select(_columns.value).where(_columns.user_id == user_id, _columns.name == name)


def of(act: Act, user_id: int | None) -> Mapping[str, str]:
    """Return what is kept of somebody."""
    query = select(_columns.name, _columns.value).where(_columns.user_id == user_id)
    return {row.name: row.value for row in act.connection.execute(query)}


def who_chose(
    connection: Connection, user_ids: Collection[int], name: str, value: str
) -> frozenset[int]:
    """Return those of the people who have chosen this."""
    query = select(_columns.user_id).where(
        _columns.user_id.in_(sorted(user_ids)), _columns.name == name, _columns.value == value
    )
    return frozenset(connection.execute(query).scalars()) if user_ids else frozenset()


def who_has(connection: Connection, user_ids: Collection[int], name: str) -> frozenset[int]:
    """Return those of the people of whom something is kept under this name."""
    query = select(_columns.user_id).where(
        _columns.user_id.in_(sorted(user_ids)), _columns.name == name
    )
    return frozenset(connection.execute(query).scalars()) if user_ids else frozenset()


def choose(act: Act, name: str, value: str | None) -> None:
    """Remember a choice of the acting person; None is as the product has it."""
    assert act.actor.user_id is not None, "only a person has preferences"
    keep(act, act.actor.user_id, name, value)


def keep(act: Act, user_id: int, name: str, value: str | None) -> None:
    """Keep a word under a name of somebody; None keeps nothing."""
    key = {"user_id": user_id, "name": name}
    if value is None:
        mine = (_columns.user_id == user_id) & (_columns.name == name)
        act.connection.execute(delete(preference_table).where(mine))
        return
    kept = insert_into(act.connection, preference_table).values(**key, value=value)
    act.connection.execute(
        kept.on_conflict_do_update(index_elements=["user_id", "name"], set_={"value": value})
    )
