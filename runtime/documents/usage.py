"""Whether a record is pointed to: asked of the foreign keys of the app's own tables."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table, select

from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.query import titles

NAMED = 5


def require_unused(act: Act, form: Form, record_id: int) -> None:
    """Refuse when other records point to this one; the first few are named."""
    named: list[str] = []
    for other, column in _referring(form):
        owner = column.table.c.parent_id if "parent_id" in column.table.c else column.table.c.id
        query = select(owner).where(column == record_id).distinct().limit(NAMED)
        ids = act.connection.execute(query).scalars().all()
        known = titles(act, other, ids)
        # That something points here is said; what it is called only to those who may view it.
        named += [f"{other.label.zh} {known.get(key, '')}".rstrip() for key in ids]
    if named:
        raise Conflict("in_use", {"where": "、".join(named[:NAMED])})


def _referring(form: Form) -> Iterator[tuple[Form, Column[Any]]]:
    for other in form.siblings.values():
        for table in (other.table, *(lines.table for lines in other.lines)):
            for column in _pointing(table, form.table):
                yield other, column


def _pointing(table: Table, target: Table) -> Iterator[Column[Any]]:
    for key in table.foreign_keys:
        if key.column is target.c.id and key.parent.name != "parent_id":
            yield key.parent
