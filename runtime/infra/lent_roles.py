"""Roles people have by their department: as long as they belong to it and it is in use."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    ForeignKey,
    ScalarSelect,
    Select,
    Text,
    delete,
    false,
    func,
    insert,
    select,
)

from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.columns import Key
from runtime.infra.db import system_table
from runtime.infra.departments import department_table, get, member_table

department_role_table: Final = system_table(
    "s_department_role",
    Column("department_id", Key(), ForeignKey("s_department.id"), primary_key=True),
    Column("role", Text, primary_key=True),
)


def of_user(connection: Connection, user_id: int) -> frozenset[str]:
    """Return the roles somebody has by departments."""
    return frozenset(connection.execute(of(user_id)).scalars())


def of(user_id: int | BindParameter[int] | Column[int]) -> Select[Any]:
    """The roles somebody has by departments, as a query."""
    lent = _lent().where(member_table.c.user_id == user_id)
    return lent.with_only_columns(department_role_table.c.role).distinct()


def listed(user_id: Column[int], separator: str) -> ScalarSelect[str]:
    """The same of the person a row is about, as one text with the row; empty is None."""
    roles = func.aggregate_strings(department_role_table.c.role, separator)
    lent = _lent().where(member_table.c.user_id == user_id).with_only_columns(roles)
    return lent.correlate(user_id.table).scalar_subquery()


def holders(role: str) -> Select[tuple[int]]:
    """The ids of the people who have a role by a department, as a query for conditions."""
    lent = _lent().where(department_role_table.c.role == role)
    return lent.with_only_columns(member_table.c.user_id).distinct()


def of_department(connection: Connection, department_id: int) -> frozenset[str]:
    """Return the roles a department lends to its people."""
    columns = department_role_table.c
    query = select(columns.role).where(columns.department_id == department_id)
    return frozenset(connection.execute(query).scalars())


def set_of_department(act: Act, department_id: int, roles: Collection[str]) -> None:
    """Let a department lend exactly these roles."""
    get(act.connection, department_id)
    before = of_department(act.connection, department_id)
    if before == frozenset(roles):
        return
    columns = department_role_table.c
    act.connection.execute(
        delete(department_role_table).where(columns.department_id == department_id)
    )
    rows = [{"department_id": department_id, "role": role} for role in sorted(set(roles))]
    if rows:
        act.connection.execute(insert(department_role_table), rows)
    changes = {"roles": [sorted(before), sorted(set(roles))]}
    audit.write(act, "update", "department", department_id, changes)


def _lent() -> Select[tuple[str, int]]:
    own, lent, places = member_table, department_role_table, department_table
    return (
        select(lent.c.role, own.c.user_id)
        .join_from(lent, own, own.c.department_id == lent.c.department_id)
        .join(places, places.c.id == lent.c.department_id)
        .where(places.c.is_disabled == false())
    )
