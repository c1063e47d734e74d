"""Every column with formulas: converted, offered with the rows that differ, or kept, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from runtime.exchange import cells
from runtime.exchange.formulas.convert import convert
from runtime.exchange.formulas.prove import Proof, Prover
from runtime.exchange.formulas.ranges import At, Tree
from runtime.exchange.formulas.running import Running, running_of
from runtime.exchange.formulas.scene import Scene
from runtime.exchange.formulas.shapes import walk
from runtime.exchange.formulas.tree import NotConverted
from runtime.exchange.found import Found
from runtime.exchange.moving import pattern
from runtime.exchange.reader import Workbook

_MOST_PATTERNS: Final = 6
_TODAY: Final = frozenset({"TODAY()", "NOW()"})


@dataclass(frozen=True)
class Conversion:
    """What became of the formulas of one column."""

    tree: Tree | None = None
    proof: Proof | None = None
    # Why the values are kept: a message code and its parameters.
    why: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    running: Running | None = None
    cells: int = 0

    @property
    def holds(self) -> bool:
        """Whether the column becomes a formula: every row was computed and is equal."""
        return self.tree is not None and self.proof is not None and self.proof.holds


def conversions(
    workbook: Workbook, tables: Sequence[Found]
) -> tuple[dict[tuple[str, int], Conversion], Scene, Prover]:
    """Look at every column that holds formulas; the prover has work left for other questions."""
    scene = Scene(workbook, tables)
    prover = Prover(tables, computed_on(workbook))
    found: dict[tuple[str, int], Conversion] = {}
    for table in tables:
        blank = {column for _, column in table.sheet.facts.blank_formulas}
        for column, looked in table.columns.items():
            if not (looked.seen.formulas or column in blank or column in table.typed):
                continue
            texts = {row: text for row in table.table.rows if (text := table.formula(row, column))}
            if texts:
                found[table.key, column] = _column(scene, prover, table, column, texts)
    return found, scene, prover


def _column(
    scene: Scene, prover: Prover, table: Found, column: int, texts: Mapping[int, str]
) -> Conversion:
    if _is_spilled(table, column, texts):
        return Conversion(why="formula_kept_array", cells=len(texts))
    best: Conversion | None = None
    for at, text in _leaders(scene, table, column, texts):
        tried = _tried(prover, at, text, len(texts))
        if tried.holds:
            return tried
        if best is None or _is_better(tried, best):
            best = tried
    assert best is not None, "a column with formulas has a pattern"
    filled = table.columns[column].seen.filled
    if best.tree is not None and len(texts) * 2 < filled:
        return Conversion(why="formula_kept_few", params={"count": len(texts)}, cells=len(texts))
    return best


def _is_better(tried: Conversion, best: Conversion) -> bool:
    """Whether a rarer formula says more of the column than the commonest: of half its rows."""
    if tried.proof is None or tried.proof.proved * 2 < tried.proof.of:
        return False
    return best.proof is None or tried.proof.proved > best.proof.proved


def _leaders(
    scene: Scene, table: Found, column: int, texts: Mapping[int, str]
) -> Iterator[tuple[At, str]]:
    """A cell for each of the commonest formulas, the rows being counted from their own."""
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for row, text in texts.items():
        shape = pattern(text, row)
        counts[shape] += 1
        first.setdefault(shape, row)
    for shape, _ in counts.most_common(_MOST_PATTERNS):
        yield At(scene, table, first[shape], column), texts[first[shape]]


def _tried(prover: Prover, at: At, text: str, count: int) -> Conversion:
    try:
        tree = convert(text, at)
        _refuse_figures(tree)
        proof = prover.prove(at.found, at.column, tree)
    except NotConverted as error:
        running = running_of(text, at)
        if running is not None:
            params = {"columns": "、".join(_named(at.found, running))}
            return Conversion(
                why="formula_kept_balance", params=params, running=running, cells=count
            )
        return Conversion(why=error.code, params=error.params, cells=count)
    return Conversion(tree, proof, cells=count)


def _refuse_figures(tree: Tree) -> None:
    """12*3 is a figure somebody worked out in the cell, another in each row."""
    kinds = {node[0] for node in walk(tree)}
    clock = any(node[0] == "call" and node[1] in {"TODAY", "NOW"} for node in walk(tree))
    if not kinds & {"own", "col", "look"} and not clock:
        raise NotConverted("formula_kept_figures")


def _named(found: Found, running: Running) -> list[str]:
    plus = [f"+{found.columns[number].name}" for number in running.plus]
    return plus + [f"−{found.columns[number].name}" for number in running.minus]


def _is_spilled(table: Found, column: int, texts: Mapping[int, str]) -> bool:
    """Whether one formula fills several cells: then no row has a formula of its own."""
    row = min(texts)
    return any(
        top <= row <= bottom and left <= column <= right and (top, left) != (bottom, right)
        for top, left, bottom, right in table.sheet.facts.arrays
    )


def computed_on(workbook: Workbook) -> date | None:
    """The day a workbook was last computed: a cell that shows today says it, else its author."""
    for sheet in workbook.sheets:
        for row in sheet.rows.values():
            for cell in row:
                if cell.formula is not None and cell.formula.lstrip("=").upper() in _TODAY:
                    found = cells.moment_of(cell.value, epoch_1904=workbook.epoch_1904)
                    if isinstance(found, date):
                        return found.date() if isinstance(found, datetime) else found
    return workbook.modified
