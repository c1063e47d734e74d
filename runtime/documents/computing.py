"""Computing fields of records that are stored, and writing what is different: both ways to do it.

`dependents` follows a single write, `recompute` goes through whole forms; here is what both do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, update

from runtime.compile import compute
from runtime.compile.graph import Node, Place
from runtime.compile.model import Form, Program
from runtime.compile.programs import wanted_references
from runtime.documents import references, save
from runtime.documents.prepare import Prepared, as_values
from runtime.documents.references import Loaded
from runtime.documents.related import far
from runtime.infra.act import Act
from runtime.query import LineRecord, Record

# A record as it was and as it is now.
Change = tuple[Record, Record]


@dataclass(frozen=True)
class Computing:
    """Records of a form with everything their formulas read, loaded once for all of them."""

    act: Act
    form: Form
    loaded: Loaded

    @classmethod
    def of(cls, act: Act, form: Form, records: Sequence[Record]) -> "Computing":
        """Load what the records point to."""
        wanted: dict[str, set[int]] = {}
        for record in records:
            for code, ids in wanted_references(form, as_values(record)).items():
                wanted.setdefault(code, set()).update(ids)
        return cls(act, form, references.load_wanted(act, form, wanted))

    def computed(
        self, records: Sequence[Record], programs: Sequence[Program]
    ) -> Iterator[tuple[Record, Mapping[str, Any]]]:
        """Each record with its values after these programs.

        Raises ValidationFailed, in its turn, for a record with a figure too large to be kept.
        """
        rows = references.rows(self.loaded)
        seen = far(self.act, self.form, self.loaded)
        for record in records:
            values = as_values(record)
            yield record, compute(self.form, values, rows, self.act.now, far=seen, only=programs)

    def search_text(self, record: Record) -> str:
        """What the record is found by."""
        return save.words(self.form, Prepared(as_values(record), self.loaded))


def program_of(form: Form, node: Node) -> Program | None:
    """The program that computes a field; None for what is no formula and no lookup."""
    return next((each for each in form.programs if place_of(each) == node.place), None)


def place_of(program: Program) -> Place:
    """Where a program's field stands."""
    return program.lines, program.field.code


def with_value(record: Record, node: Node, values: Mapping[str, Any]) -> Record:
    """A record with one of its fields as it was computed."""
    code, lines = node.field, node.lines
    if lines is None:
        return replace(record, values={**record.values, code: values[code]})
    rows = tuple(
        LineRecord(line.id, line.line_no, {**line.values, code: row[code]})
        for line, row in zip(record.lines[lines], values[lines], strict=True)
    )
    return replace(record, lines={**record.lines, lines: rows})


def differs(node: Node, before: Record, after: Record) -> bool:
    """Whether a field is different now: in the header, or in any line."""
    if node.lines is None:
        return bool(before.values.get(node.field) != after.values.get(node.field))
    was, now = (
        [line.values.get(node.field) for line in each.lines.get(node.lines, ())]
        for each in (before, after)
    )
    return was != now


def write(act: Act, form: Form, node: Node, changes: Sequence[Change]) -> None:
    """Write one field of records where it is different; version and history stay as they are."""
    rows = [row for before, after in changes for row in _rows(node, before, after)]
    if not rows:
        return
    table = form.table if node.lines is None else form.lines_of(node.lines).table
    column = table.c[f"f_{node.field}"]
    writing = update(table).where(table.c.id == bindparam("this_id"))
    values = {column.name: bindparam("value", type_=column.type)}
    with save.one_of_a_kind():
        act.connection.execute(writing.values(values), rows)


def write_search_texts(act: Act, form: Form, records: Sequence[Record]) -> None:
    """Let records be found by the values they have now."""
    if not records:
        return
    computing = Computing.of(act, form, records)
    rows = [{"this_id": each.id, "value": computing.search_text(each)} for each in records]
    writing = update(form.table).where(form.table.c.id == bindparam("this_id"))
    act.connection.execute(writing.values(search_text=bindparam("value")), rows)


def _rows(node: Node, before: Record, after: Record) -> Iterator[dict[str, Any]]:
    code, lines = node.field, node.lines
    if lines is None:
        yield {"this_id": after.id, "value": after.values[code]}
        return
    for was, line in zip(before.lines[lines], after.lines[lines], strict=True):
        if was.values.get(code) != line.values[code]:
            yield {"this_id": line.id, "value": line.values[code]}
