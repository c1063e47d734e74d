"""Rows of a sheet -> entries: one record each, with a line for every row it goes on in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from runtime.exchange.adoption import ImportPlan
from runtime.exchange.spool import RawRow


@dataclass(frozen=True)
class Entry:
    """The rows that make one record; the first one names it."""

    rows: tuple[RawRow, ...]

    @property
    def row(self) -> int:
        """Where it begins in the sheet."""
        return self.rows[0].row


def entries(plan: ImportPlan, rows: Iterable[RawRow]) -> Iterator[Entry]:
    """Put rows together that belong to one record.

    Without columns of line tables every row is a record. With them a record goes on as long as what
    identifies it stays the same or is blank, as under merged cells.
    """
    if not plan.line_tables:
        for row in rows:
            yield Entry((row,))
        return
    naming = _naming(plan)
    group: list[RawRow] = []
    for row in rows:
        if group and not _goes_on(group[0], row, naming):
            yield Entry(tuple(group))
            group = []
        group.append(row)
    if group:
        yield Entry(tuple(group))


def _naming(plan: ImportPlan) -> Sequence[str]:
    """The columns that tell one record from the next: its key, or all of its own."""
    own = [target.col for target in plan.header if target.place in plan.key]
    return own or [target.col for target in plan.header]


def _goes_on(first: RawRow, row: RawRow, naming: Sequence[str]) -> bool:
    here = ((first.cells.get(col), row.cells.get(col)) for col in naming)
    return all(now is None or (was is not None and was.text == now.text) for was, now in here)
