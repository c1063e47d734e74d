"""What people call a record: the value of its form's title field."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select

from runtime import access
from runtime.compile import Form
from runtime.infra.act import Act

CHUNK = 500


def titles(act: Act, form: Form, ids: Iterable[int]) -> dict[int, str]:
    """Return `{id: title}` for those of the records whose title the actor may read."""
    if not shows_titles(act, form):
        return {}
    return labels(act.connection, form, ids, access.row_condition(act.actor, form))


def shows_titles(act: Act, form: Form) -> bool:
    """Say whether the actor may read the title of any record of a form at all."""
    if not access.may(act.actor, "view", form):
        return False
    return any(field.code == form.title for field in access.visible_fields(act.actor, form))


def labels(
    connection: Connection,
    form: Form,
    ids: Iterable[int],
    condition: ColumnElement[bool] | None = None,
) -> dict[int, str]:
    """Return `{id: title}` for records of a form; a record without a title shows its id.

    Whoever it is for: what people see goes through `titles`.
    """
    wanted = sorted(set(ids))
    title = form.by_code[form.title]
    query = _titled(form) if condition is None else _titled(form).where(condition)
    found: dict[int, str] = {}
    for start in range(0, len(wanted), CHUNK):
        asked = {"titled": wanted[start : start + CHUNK]}
        for key, value in connection.execute(query, asked):
            found[key] = title.format(value) or f"#{key}"
    return found


# Every page of a list asks for the titles of what its records refer to.
@lru_cache(maxsize=512)
def _titled(form: Form) -> Select[Any]:
    column, key = form.by_code[form.title].column, form.table.c.id
    query = select(key, key if column is None else column)
    return query.where(key.in_(bindparam("titled", expanding=True)))
