"""The proof of a conversion: every row computed again by our own language and compared."""

import resource
import time as clock
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from runtime.exchange.cells import column_letters
from runtime.exchange.formats import GENERAL
from runtime.exchange.formulas.compare import as_text, is_same
from runtime.exchange.formulas.operands import Values, code, fields_of
from runtime.exchange.formulas.ranges import Tree
from runtime.exchange.formulas.render import app_text
from runtime.exchange.formulas.shapes import walk
from runtime.exchange.formulas.tree import NotConverted
from runtime.exchange.found import Found
from runtime.exchange.shown import as_shown
from runtime.formula import CellError, Context, Formula, FormulaError, Scope, evaluate_in, parse
from runtime.infra.messages import message
from runtime.kinds.functions import FUNCTIONS

MOST_DIFFERENCES: Final = 20
_STOPPED: Final = "…"
# Beyond this a proof stops: what is left is offered, not converted.
_MOST_CELLS: Final = 400_000
_SECONDS: Final = 18
_SECONDS_TO_TELL: Final = 4


@dataclass(frozen=True)
class Difference:
    """A row where the formula gives something else than the file holds."""

    cell: str
    file: str
    ours: str


@dataclass(frozen=True)
class Proof:
    """How many rows there were to compare with, how many are equal, and what differs."""

    proved: int
    of: int
    differs: tuple[Difference, ...]
    # Rows where the file has nothing and the formula gives something.
    filled: int

    @property
    def holds(self) -> bool:
        """Whether there was something to compare and all of it is equal."""
        return self.of > 0 and self.proved == self.of


class Prover:
    """Tries formulas on the records of a workbook, within a bounded amount of work."""

    def __init__(self, tables: Sequence[Found], day: date | None) -> None:
        self.values = Values(tables)
        self._forms = self.values.names()
        self._now = datetime.combine(day or date(2000, 1, 1), time(12), UTC)
        self._left = _MOST_CELLS
        self._until = min(clock.process_time() + _SECONDS, _end_of_cage())

    def prove(self, found: Found, column: int, tree: Tree) -> Proof:
        """Compute a column again; NotConverted where our language refuses the formula."""
        formula = self._parsed(found, self._folded(found, tree))
        fields = sorted({each[1] for each in walk(tree) if each[0] == "own"})
        codes = [code(letters) for letters in fields]
        judged = self._judged(found, column, formula, codes)
        proved = of = filled = 0
        differs: list[Difference] = []
        for difference in judged:
            if difference is None:
                proved, of = proved + 1, of + 1
            elif difference.file or difference.ours == _STOPPED:
                of += 1
                differs.append(difference)
            else:
                filled += 1
        return Proof(proved, of, tuple(differs[:MOST_DIFFERENCES]), filled)

    def values_of(self, found: Found, tree: Tree) -> Iterator[tuple[int, Any]]:
        """What a formula gives for each record; it ends early when the work is used up."""
        formula = self._parsed(found, self._folded(found, tree))
        codes = [code(each) for each in sorted({n[1] for n in walk(tree) if n[0] == "own"})]
        for place, row in enumerate(found.table.rows):
            if self._left <= 0 or clock.process_time() > self._until:
                return
            self._left -= 1
            yield row, self._value(formula, self.values.row(found, place, codes))

    def _parsed(self, found: Found, tree: Tree) -> Formula:
        scope = Scope(fields_of(found), {}, FUNCTIONS, forms=self._forms)
        try:
            return parse(f"={app_text(tree, _Codes(self.values))}", scope)
        except FormulaError as error:
            said = message(error.code, error.params)
            raise NotConverted("formula_kept_language", problem=said) from error

    def _judged(
        self, found: Found, column: int, formula: Formula, codes: Sequence[str]
    ) -> Iterator[Difference | None]:
        for place, row in enumerate(found.table.rows):
            cell = found.cell(row, column)
            address = f"{found.sheet.name}!{column_letters(column)}{row}"
            if cell is None and found.formula(row, column) is None and not self._may_look():
                continue
            if self._left <= 0 or clock.process_time() > self._until:
                yield Difference(address, "", _STOPPED)
                return
            self._left -= 1
            ours = self._value(formula, self.values.row(found, place, codes))
            shape = found.grid.style(cell).format if cell is not None else GENERAL
            epoch = found.workbook.epoch_1904
            if cell is None and found.formula(row, column) is None:
                nothing = ours == 0 or isinstance(ours, CellError)
                if not nothing and not is_same(ours, None, shape, epoch_1904=epoch):
                    yield Difference(address, "", as_text(ours))
            elif is_same(ours, cell, shape, epoch_1904=epoch):
                yield None
            else:
                shown = as_shown(cell, shape, epoch_1904=epoch) if cell is not None else ""
                yield Difference(address, shown or " ", as_text(ours))

    def _may_look(self) -> bool:
        return self._left > _MOST_CELLS // 2

    def _value(self, formula: Formula, row: dict[str, Any]) -> Any:
        return evaluate_in(formula, Context(row, {}, self._now, UTC, tables=self.values))

    def _folded(self, found: Found, tree: Tree) -> Tree:
        """Parts that read no field of the row are computed once: a total, a count of a column."""
        if tree[0] == "call" and not any(each[0] == "own" for each in walk(tree)):
            return self._once(found, tree)
        parts = tuple(self._part(found, part) for part in tree[1:])
        return (tree[0], *parts)

    def _part(self, found: Found, part: Any) -> Any:
        if isinstance(part, tuple):
            return self._folded(found, part)
        if isinstance(part, list):
            return [self._folded(found, each) for each in part]
        return part

    def _once(self, found: Found, tree: Tree) -> Tree:
        value = self._value(self._parsed(found, tree), {})
        if isinstance(value, bool):
            return ("b", value)
        if isinstance(value, CellError | date | time | tuple) or value is None:
            return tree
        text = as_text(value)
        return ("t", text) if isinstance(value, str) else ("n", text)


def _end_of_cage() -> float:
    """A little before the child's own seconds are over: what is said then is said in time."""
    soft, _ = resource.getrlimit(resource.RLIMIT_CPU)
    return float("inf") if soft == resource.RLIM_INFINITY else soft - _SECONDS_TO_TELL


class _Codes:
    """The names of fields and tables while a formula is tried."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def own(self, col: str) -> str:
        return code(col)

    def column(self, table: str, col: str) -> str:
        return f"{self._values.codes[table]}.{code(col)}"

    def lookup(self, key: Tree, table: str, keycol: str, valuecol: str) -> str | None:  # noqa: ARG002
        return None
