"""Departments: the tree, who belongs where, who leads; and whom a person's rights reach by it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Select,
    Text,
    delete,
    insert,
    select,
    update,
)

from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.columns import Flag, Instant, Key
from runtime.infra.db import system_table
from runtime.infra.errors import NotFound, Problem, ValidationFailed
from runtime.infra.upsert import insert_row

LONGEST_NAME: Final = 60
DEEPEST: Final = 20

department_table: Final = system_table(
    "s_department",
    Column("id", Key(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("parent_id", Key(), ForeignKey("s_department.id")),
    # The ids from the top down to this one, each between slashes: /1/4/ stands below /1/.
    Column("path", Text, nullable=False),
    Column("head_id", Key(), ForeignKey("s_user.id")),
    Column("is_disabled", Flag(), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Index("ix_s_department_parent_id", "parent_id"),
)
member_table: Final = system_table(
    "s_user_department",
    Column("user_id", Key(), ForeignKey("s_user.id"), primary_key=True),
    Column("department_id", Key(), ForeignKey("s_department.id"), primary_key=True),
    Index("ix_s_user_department_department_id", "department_id"),
)


@dataclass(frozen=True)
class Department:
    """One department; `path` leads from the top down to it."""

    id: int
    name: str
    parent_id: int | None
    path: str
    head_id: int | None
    is_disabled: bool

    @property
    def depth(self) -> int:
        """How many stand above it."""
        return self.path.count("/") - 2


def create(act: Act, name: str, parent_id: int | None = None) -> Department:
    """Make a department, at the top or below another."""
    above = _above(act.connection, parent_id)
    values = {
        "name": _checked_name(act.connection, name, parent_id),
        "parent_id": parent_id,
        "path": "",
        "is_disabled": False,
        "created_at": act.now,
    }
    made = insert_row(act.connection, department_table, values)
    _set(act.connection, made, {"path": f"{above}{made}/"})
    audit.write(act, "create", "department", made, {"name": name, "parent": parent_id})
    return get(act.connection, made)


def change(
    act: Act, department_id: int, *, name: str, parent_id: int | None, head_id: int | None
) -> Department:
    """Rename a department, move it with all below it, say who leads it."""
    before = get(act.connection, department_id)
    above = _above(act.connection, parent_id)
    if above.startswith(before.path):
        raise ValidationFailed(problems=[Problem("/parent", "department_below_itself")])
    values = {
        "name": _checked_name(act.connection, name, parent_id, but=department_id),
        "parent_id": parent_id,
        "head_id": head_id,
    }
    _set(act.connection, department_id, values)
    if parent_id != before.parent_id:
        _move(act.connection, before, f"{above}{department_id}/")
    after = get(act.connection, department_id)
    changes = {
        key: [getattr(before, key), getattr(after, key)]
        for key in ("name", "parent_id", "head_id")
        if getattr(before, key) != getattr(after, key)
    }
    audit.write(act, "update", "department", department_id, changes)
    return after


def set_disabled(act: Act, department_id: int, *, is_disabled: bool) -> None:
    """Take a department out of new choices, or put it back; what names it keeps it."""
    _set(act.connection, department_id, {"is_disabled": is_disabled})
    changes = {"is_disabled": [not is_disabled, is_disabled]}
    audit.write(act, "update", "department", department_id, changes)


def set_members(act: Act, department_id: int, user_ids: Collection[int]) -> None:
    """Let exactly these people belong to a department; each may belong to several."""
    get(act.connection, department_id)
    before = members(act.connection, department_id)
    after = sorted(set(user_ids))
    own = member_table.c.department_id == department_id
    act.connection.execute(delete(member_table).where(own))
    if after:
        rows = [{"user_id": user_id, "department_id": department_id} for user_id in after]
        act.connection.execute(insert(member_table), rows)
    audit.write(act, "update", "department", department_id, {"members": [list(before), after]})


def everyone(connection: Connection) -> tuple[Department, ...]:
    """Return all departments, each after the one above it, siblings by name."""
    rows = connection.execute(select(*_COLUMNS).order_by(department_table.c.name)).all()
    below: dict[int | None, list[Department]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(Department(**row._mapping))
    found: list[Department] = []

    def walk(parent: int | None) -> None:
        for each in below.get(parent, ()):
            found.append(each)
            walk(each.id)

    walk(None)
    return tuple(found)


def get(connection: Connection, department_id: int) -> Department:
    """Return a department that exists."""
    query = select(*_COLUMNS).where(department_table.c.id == department_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return Department(**row)


def names(connection: Connection, ids: Collection[int]) -> Mapping[int, str]:
    """Return what each of these departments is called."""
    columns = department_table.c
    query = select(columns.id, columns.name).where(columns.id.in_(sorted(set(ids))))
    return {row.id: row.name for row in connection.execute(query)}


def members(connection: Connection, department_id: int) -> tuple[int, ...]:
    """Return the ids of the people of a department itself, not of those below it."""
    columns = member_table.c
    query = select(columns.user_id).where(columns.department_id == department_id)
    return tuple(connection.execute(query.order_by(columns.user_id)).scalars())


def of_user(connection: Connection, user_id: int) -> tuple[int, ...]:
    """Return the departments a person belongs to, the first one joined first."""
    columns = member_table.c
    query = select(columns.department_id).where(columns.user_id == user_id)
    return tuple(connection.execute(query.order_by(columns.department_id)).scalars())


def reached(user_id: int, scope: str) -> Select[tuple[int]]:
    """The ids of the departments a person's rights reach, as a query for conditions.

    `department` is their own, `department_tree` also what stands below it, `subordinates` what
    they lead with all below it.
    """
    mine = member_table.alias("mine")
    if scope == "department":
        return select(mine.c.department_id).where(mine.c.user_id == user_id)
    top, low = department_table.alias("top"), department_table.alias("low")
    query = select(low.c.id).join_from(low, top, low.c.path.like(top.c.path + "%"))
    if scope == "subordinates":
        return query.where(top.c.head_id == user_id)
    assert scope == "department_tree", f"there is no scope called {scope!r}"
    return query.join(mine, mine.c.department_id == top.c.id).where(mine.c.user_id == user_id)


def people(user_id: int, scope: str) -> Select[tuple[int]]:
    """The ids of the people in the departments a person's rights reach, as a query."""
    theirs = member_table.alias("theirs")
    wanted = theirs.c.department_id.in_(reached(user_id, scope))
    return select(theirs.c.user_id).where(wanted)


_COLUMNS: Final = (
    department_table.c.id,
    department_table.c.name,
    department_table.c.parent_id,
    department_table.c.path,
    department_table.c.head_id,
    department_table.c.is_disabled,
)


def _above(connection: Connection, parent_id: int | None) -> str:
    if parent_id is None:
        return "/"
    above = get(connection, parent_id)
    if above.depth >= DEEPEST:
        raise ValidationFailed(
            problems=[Problem("/parent", "department_too_deep", {"limit": DEEPEST})]
        )
    return above.path


def _checked_name(
    connection: Connection, name: str, parent_id: int | None, *, but: int | None = None
) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        problem = Problem("/name", "department_name_invalid", {"limit": LONGEST_NAME})
        raise ValidationFailed(problems=[problem])
    columns = department_table.c
    same = select(columns.id).where(columns.name == clean, columns.parent_id == parent_id)
    taken = connection.execute(same).scalars().all()
    if any(found != but for found in taken):
        raise ValidationFailed(problems=[Problem("/name", "department_name_taken", {"name": name})])
    return clean


def _move(connection: Connection, before: Department, path: str) -> None:
    """Let the paths of a department and of all below it begin anew."""
    columns = department_table.c
    query = select(columns.id, columns.path).where(columns.path.like(f"{before.path}%"))
    rows: Iterable[Any] = connection.execute(query).all()
    for row in rows:
        _set(connection, row.id, {"path": path + row.path.removeprefix(before.path)})


def _set(connection: Connection, department_id: int, values: Mapping[str, object]) -> None:
    own = department_table.c.id == department_id
    done = connection.execute(update(department_table).where(own).values(dict(values)))
    if done.rowcount == 0:
        raise NotFound
