"""Fields of many records computed by the database itself, where it says exactly what Python says.

That is so for formulas over a record and its lines; what reads other records, or is searched for,
is computed record by record. See `runtime.formula.sql`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select, true

from runtime.compile.graph import Node
from runtime.compile.model import CHANGEABLE, Form, LineTable, Program
from runtime.compile.programs import places_read, stored_value
from runtime.documents.computing import program_of
from runtime.formula import Formula
from runtime.formula.formula import FieldKey
from runtime.formula.sql import Clock, Lines, Source, Task, recompute
from runtime.infra.act import Act

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Range:
    """Records of a form by their ids, and which of their fields are computed in which of them.

    `anywhere` are the fields that go on changing when a document is decided, `new` those it never
    had, `posted` those that are in the books once it is posted.
    """

    form: Form
    after: int
    last: int
    new: frozenset[Node]
    anywhere: frozenset[Node]
    posted: frozenset[Node]


def suits(form: Form, nodes: Sequence[Node]) -> bool:
    """Whether the database may know how to compute all of these fields."""
    return all(_formula(form, node) is not None for node in nodes)


def compute(act: Act, rows: Range, nodes: Sequence[Node]) -> int:
    """Compute fields in the order of the form's programs; returns how many values were written.

    Raises TooLargeError for a figure that its column cannot hold.
    """
    clock = Clock(act.now, ZoneInfo(rows.form.zone))
    order = {(each.lines, each.field.code): at for at, each in enumerate(rows.form.programs)}
    written = 0
    for node in sorted(nodes, key=lambda node: order[node.place]):
        found = recompute(act.connection, _task(rows, node), clock)
        written += found.by_sql + found.by_python
    return written


def _formula(form: Form, node: Node) -> Formula | None:
    program = program_of(form, node)
    formula = None if program is None else program.field.formula
    if formula is None or formula.far or (node.lines is None and node.field in form.search_fields):
        return None
    if node.lines is not None and any(lines != node.lines for lines, _ in places_read(formula)):
        return None
    return formula


def _task(rows: Range, node: Node) -> Task:
    form, program = rows.form, program_of(rows.form, node)
    assert program is not None, "only what suits is computed here"
    formula, column = program.field.formula, program.field.column
    assert formula is not None, "only what suits is computed here"
    assert column is not None, "a computed field is kept"
    table = form.table if node.lines is None else form.lines_of(node.lines).table
    return Task(
        formula=formula,
        table=table,
        key=table.c.id,
        target=column,
        source=_source(form, node.lines),
        store=_storing(program),
        row=node.lines,
        where=_where(rows, node, column),
        only_changed=True,
    )


def _storing(program: Program) -> Any:
    return lambda value: stored_value(program.field, value)


def _source(form: Form, lines: str | None) -> Source:
    """Where the fields stand that a formula of a header, or of a line, reads."""
    if lines is not None:
        columns = _columns(form.lines_of(lines))
        return Source({(lines, code): column for code, column in columns})
    own: dict[FieldKey, ColumnElement[Any]] = {
        (None, field.code): field.column for field in form.fields if field.column is not None
    }
    return Source(own, {table.code: _lines(form, table) for table in form.lines})


def _lines(form: Form, table: LineTable) -> Lines:
    columns = table.table.c
    belongs = columns.parent_id == form.table.c.id
    return Lines(table.table, dict(_columns(table)), belongs, (columns.line_no,))


def _columns(table: LineTable) -> Iterator[tuple[str, ColumnElement[Any]]]:
    for field in table.fields:
        if field.column is not None:
            yield field.code, field.column


def _where(rows: Range, node: Node, column: ColumnElement[Any]) -> Condition:
    head = rows.form.table.c
    may: Condition = head.status.in_(sorted(CHANGEABLE)) if rows.form.is_document else true()
    between = and_(head.id > rows.after, head.id <= rows.last)
    if node in rows.anywhere:
        may = true()
    if node in rows.posted:
        between = and_(between, head.status != "posted")
    if node.lines is None:
        return and_(between, or_(may, column.is_(None)) if node in rows.new else may)
    parent = rows.form.lines_of(node.lines).table.c.parent_id
    mine = parent.in_(select(head.id).where(between, may))
    if node not in rows.new:
        return mine
    return or_(mine, and_(parent.in_(select(head.id).where(between)), column.is_(None)))
