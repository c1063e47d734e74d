"""Which line of an earlier document a line continues, returns, invoices or makes dearer.

A person picks the document. Its line is told by its number, or by the item where it stands there
once; a landed cost that names neither is borne by all lines of its receipt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from runtime import kernel
from runtime.compile import Form
from runtime.infra.errors import Problem, Refused
from runtime.posting.columns import Row


@dataclass(frozen=True)
class Source:
    """A posted document: where its lines begin in the books, and the item of each."""

    posting: int
    first_line: int
    items: tuple[int | None, ...]

    def ref(self, place: int) -> kernel.LineRef:
        """One of its lines as the kernel knows it."""
        return kernel.LineRef(self.posting, self.first_line + place)


class Sources:
    """Finds source lines; collects what is wrong with them until all lines were looked at."""

    def __init__(self, connection: Connection, company: int) -> None:
        self.connection, self.company = connection, company
        self.problems: list[Problem] = []
        self._known: dict[tuple[str, int], Source | None] = {}

    def one(self, row: Row) -> kernel.LineRef | None:
        """The line a row means; None where it means none or cannot be told."""
        found = self.several(row, is_every=False)
        return found[0] if found else None

    def several(self, row: Row, *, is_every: bool = True) -> Sequence[kernel.LineRef]:
        """The lines a row means: all of its document where it names neither number nor item."""
        number = row.value("source")
        if number is None:
            return ()
        source = self.find(row.target("source"), int(number))
        if source is None:
            self._problem(row, "source", "source_not_posted")
            return ()
        if is_every and row.value("source_line") is None and row.value("item") is None:
            return [source.ref(place) for place in range(len(source.items))]
        place = self._place(row, source)
        return () if place is None else (source.ref(place),)

    def settle(self) -> None:
        """Raise what was found wrong."""
        if self.problems:
            first = self.problems[0]
            raise Refused(first.code, first.params, problems=self.problems)

    def _place(self, row: Row, source: Source) -> int | None:
        number, item = row.number("source_line"), row.value("item")
        if number is not None:
            return self._numbered(row, source, number, item)
        if item is None:
            if len(source.items) == 1:
                return 0
            self._problem(row, "source_line", "source_line_needed", count=len(source.items))
            return None
        places = [place for place, one in enumerate(source.items) if one == item]
        if len(places) == 1:
            return places[0]
        if not places:
            self._problem(row, "item", "source_item_unknown")
        else:
            numbers = "、".join(str(place + 1) for place in places)
            self._problem(row, "source_line", "source_line_ambiguous", numbers=numbers)
        return None

    def _numbered(self, row: Row, source: Source, number: Decimal, item: int | None) -> int | None:
        count = len(source.items)
        if number != int(number) or not 1 <= number <= count:
            self._problem(row, "source_line", "source_line_unknown", number=number, count=count)
            return None
        place = int(number) - 1
        if item is not None and source.items[place] != item:
            self._problem(row, "source_line", "source_item_differs", number=number)
            return None
        return place

    def _problem(self, row: Row, name: str, code: str, **params: Any) -> None:
        said = {
            "line": "" if row.index is None else row.index + 1,
            "source": row.label("source"),
            "item": row.label("item"),
            **{name: str(value) for name, value in params.items()},
        }
        self.problems.append(Problem(row.pointer(name), code, said))

    def find(self, form: Form, number: int) -> Source | None:
        """A document's posting and lines, if it is posted."""
        place = (form.code, number)
        if place not in self._known:
            self._known[place] = self._read(form, number)
        return self._known[place]

    def _read(self, form: Form, number: int) -> Source | None:
        ref = kernel.DocumentRef(form.code, str(number))
        posted = kernel.find_posted(self.connection, self.company, ref)
        rule = form.posting
        if posted is None or rule is None:
            return None
        table, _, code = rule.item.rpartition(".")
        lines = form.lines_of(table).table
        rows = self.connection.execute(
            select(lines.c[f"f_{code}"])
            .where(lines.c.parent_id == number)
            .order_by(lines.c.line_no)
        ).scalars()
        return Source(posted.posting, posted.first_line, tuple(rows))
