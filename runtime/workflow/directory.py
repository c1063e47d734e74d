"""Who is who: people by role, department and rank, as the directory has them today."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from sqlalchemy import Connection, false, select, true

from runtime.infra import departments, users
from runtime.infra.departments import Department, department_table
from runtime.infra.users import user_table

HIGHEST = departments.DEEPEST
# Whether who or what is called so can be asked, could be once, or never was.
Called = Literal["here", "gone", "unknown"]
# By whether it is disabled; None where there is nothing of that name.
_CALLED: Final[Mapping[bool | None, Called]] = {None: "unknown", True: "gone", False: "here"}


def with_roles(connection: Connection, roles: Iterable[str]) -> list[int]:
    """The people who hold one of these roles, in the order of the roles."""
    found: dict[int, None] = {}
    for role in roles:
        found.update(dict.fromkeys(users.with_role(connection, role)))
    return list(found)


def by_name(connection: Connection, names: Iterable[str]) -> list[int]:
    """The people of these sign-in names who may sign in, in that order."""
    keys = [users.name_key(name) for name in names]
    query = select(user_table.c.name_key, user_table.c.id).where(
        user_table.c.name_key.in_(keys), user_table.c.is_disabled == false()
    )
    ids = {row.name_key: row.id for row in connection.execute(query)}
    return [ids[key] for key in keys if key in ids]


def people_called(connection: Connection, names: Iterable[str]) -> Mapping[str, Called]:
    """Of each sign-in name, whether its person may sign in, may no longer, or never was."""
    keys = {name: users.name_key(name) for name in names}
    query = select(user_table.c.name_key, user_table.c.is_disabled).where(
        user_table.c.name_key.in_(set(keys.values()))
    )
    gone = {row.name_key: row.is_disabled for row in connection.execute(query)}
    return {name: _CALLED[gone.get(key)] for name, key in keys.items()}


def departments_known(connection: Connection, names: Iterable[str]) -> Mapping[str, Called]:
    """Of each name, whether its department is there, was closed, or never was."""
    columns = department_table.c
    wanted = set(names)
    query = select(columns.name, columns.is_disabled).where(columns.name.in_(wanted))
    # Of several of one name it is enough that one is open.
    gone: dict[str, bool] = {}
    for row in connection.execute(query):
        gone[row.name] = gone.get(row.name, True) and row.is_disabled
    return {name: _CALLED[gone.get(name)] for name in wanted}


def administrators(connection: Connection) -> list[int]:
    """Everybody who may do everything."""
    query = select(user_table.c.id).where(
        user_table.c.is_admin == true(), user_table.c.is_disabled == false()
    )
    return list(connection.execute(query.order_by(user_table.c.id)).scalars())


def working(connection: Connection, user_ids: Iterable[int]) -> list[int]:
    """Those of the people who may sign in, in the order in which they are named."""
    wanted = list(dict.fromkeys(user_ids))
    query = select(user_table.c.id).where(
        user_table.c.id.in_(wanted), user_table.c.is_disabled == false()
    )
    here = set(connection.execute(query).scalars())
    return [user_id for user_id in wanted if user_id in here]


def department_people(
    connection: Connection, department_ids: Iterable[int], *, heads: bool
) -> list[int]:
    """Who leads these departments, or who belongs to them."""
    found: list[int] = []
    for department_id in department_ids:
        department = _department(connection, department_id)
        if department is None or department.is_disabled:
            continue
        if heads:
            found += [] if department.head_id is None else [department.head_id]
        else:
            found += departments.members(connection, department_id)
    return working(connection, found)


def departments_called(connection: Connection, names: Sequence[str]) -> list[int]:
    """The departments of these names."""
    columns = department_table.c
    query = select(columns.id).where(columns.name.in_(names), columns.is_disabled == false())
    return list(connection.execute(query.order_by(columns.id)).scalars())


def managers(connection: Connection, user_id: int) -> Iterator[int]:
    """Who leads a person, from their own head upwards.

    Somebody who leads a department answers to whoever leads the one above it; departments nobody
    leads are passed over.
    """
    own = departments.of_user(connection, user_id)
    department = _department(connection, own[0]) if own else None
    seen = {user_id}
    for _ in range(HIGHEST + 1):
        if department is None:
            return
        head = department.head_id
        if head is not None and head not in seen and not department.is_disabled:
            seen.add(head)
            yield head
        parent = department.parent_id
        department = None if parent is None else _department(connection, parent)


def _department(connection: Connection, department_id: int) -> Department | None:
    columns = department_table.c
    query = select(
        columns.id, columns.name, columns.parent_id, columns.path, columns.head_id,
        columns.is_disabled,
    ).where(columns.id == department_id)  # fmt: skip
    row = connection.execute(query).mappings().first()
    return None if row is None else Department(**row)
