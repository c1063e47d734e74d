"""What people call a record: the value of its form's title field."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from runtime.compile import Form

CHUNK = 500


def labels(connection: Connection, form: Form, ids: Iterable[int]) -> dict[int, str]:
    """Return `{id: title}` for records of a form; a record without a title shows its id."""
    wanted = sorted(set(ids))
    title = form.by_code[form.title]
    column = title.column if title.column is not None else form.table.c.id
    found: dict[int, str] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = connection.execute(
            select(form.table.c.id, column).where(
                form.table.c.id.in_(wanted[start : start + CHUNK])
            )
        )
        for key, value in rows:
            found[key] = title.format(value) or f"#{key}"
    return found
