"""Where a field is used: asked before it is changed or removed."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from runtime.catalogue import APP, DEPENDENCY
from runtime.compile import App
from runtime.compile.graph import Node


@dataclass(frozen=True, order=True)
class Use:
    """A field that is computed from another, or filled from it, and how it reads it."""

    form: str
    lines: str | None
    field: str
    how: str

    @property
    def node(self) -> Node:
        """The field that uses."""
        return Node(self.form, self.lines, self.field)


def uses_of(connection: Connection, app: App, form: str, field: str) -> tuple[Use, ...]:
    """Return what uses a field of a form; `lines.qty` is one of a line table."""
    lines, _, code = field.rpartition(".")
    return tuple(sorted(_kept(connection, app, Node(form, lines or None, code)), key=_place))


def _kept(connection: Connection, app: App, node: Node) -> Iterator[Use]:
    columns = DEPENDENCY.c
    query = select(columns.form, columns.lines, columns.field, columns.how).join(
        APP, APP.c.id == columns.app_id
    )
    query = query.where(APP.c.code == app.code, columns.version == app.version)
    if connection.execute(query.limit(1)).first() is None:
        # Published before uses were written down; the app itself knows the same.
        found = {(edge.node, edge.how) for edge in app.forms.graph.edges if edge.reads == node}
        yield from (Use(*used, how) for used, how in found)
        return
    wanted = query.where(
        columns.reads_form == node.form,
        columns.reads_lines == (node.lines or ""),
        columns.reads_field == node.field,
    )
    for row in connection.execute(wanted):
        yield Use(row.form, row.lines or None, row.field, row.how)


def _place(use: Use) -> tuple[str, str, str, str]:
    return use.form, use.lines or "", use.field, use.how
