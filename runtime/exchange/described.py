"""A found table as the JSON of `dajian workbook inspect`: where it is, what its columns mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from runtime.exchange import cells
from runtime.exchange.cells import column_letters, split_range
from runtime.exchange.evidence import Evidence
from runtime.exchange.formulas.columns import Conversion
from runtime.exchange.formulas.render import Contract, app_text
from runtime.exchange.formulas.shapes import kind_of
from runtime.exchange.found import Found, Looked
from runtime.exchange.links import Link
from runtime.exchange.refusals import FileRefused
from runtime.exchange.shown import as_shown
from runtime.infra.messages import message

Json = dict[str, Any]
_MOST_VALUES: Final = 50
_MOST_HELP: Final = 500


@dataclass(frozen=True)
class Described:
    """All that was learnt of the workbook, for writing it down in a language."""

    tables: Sequence[Found]
    conversions: Mapping[tuple[str, int], Conversion]
    links: Mapping[tuple[str, int], Link]
    locale: str

    def name(self, key: str, column: int) -> str:
        """A column with its table, as relations and formulas name it."""
        found = next(found for found in self.tables if found.key == key)
        return f"{key.strip()}.{found.columns[column].name}"

    def names(self) -> dict[tuple[str, str], str]:
        """Every column of every table by key and letters."""
        return {
            (found.key, column_letters(number)): f"{found.key.strip()}.{looked.name}"
            for found in self.tables
            for number, looked in found.columns.items()
        }


def table_json(known: Described, found: Found, names: Contract) -> Json:
    """Return one table."""
    table = found.table
    return {
        "key": found.key,
        "label": table.label,
        "sheet": table.sheet,
        "state": found.sheet.state,
        "range": table.range,
        "header_rows": list(table.header.rows),
        "header_why": message(table.header.why, table.header.params, known.locale),
        "first_row": table.first_row,
        "last_row": table.last_row,
        "n_rows": len(table.rows),
        "total_rows": list(table.totals),
        "skip_rows": list(table.skipped),
        "columns": [
            _column(known, found, number, looked, names) for number, looked in found.columns.items()
        ],
    }


def contract_names(known: Described, found: Found) -> Contract:
    """The names in the formulas of one table."""
    own = {column_letters(number): looked.name for number, looked in found.columns.items()}
    here = {(found.key, col): f"{{{name}}}" for col, name in own.items()}
    return Contract(own, known.names() | here)


def _column(known: Described, found: Found, number: int, looked: Looked, names: Contract) -> Json:
    seen, guess = looked.seen, looked.guess
    told: Json = {
        "col": column_letters(number),
        "name": looked.name,
        "type": guess.type,
        "confidence": str(guess.confidence),
        "why": message(guess.why, guess.params, known.locale),
        "filled": seen.filled,
        "distinct": len(seen.values),
        "samples": _samples(found, number, guess.type),
    }
    if looked.invented:
        told["unnamed"] = True
    _add_choices(told, looked)
    if seen.formulas:
        told["formula_cells"] = seen.formulas
    if seen.bad:
        told["bad_cells"] = seen.bad
    if is_key(found, seen):
        told["unique"] = True
    _add_help(told, found, number)
    _add_places(told, seen, guess.type)
    _add_link(told, known, found, number)
    _add_formula(told, known, found, number, names)
    return told


def _samples(found: Found, number: int, kind: str) -> list[str]:
    """A few of its values; days as a person reads them, not as Excel counts them."""
    if kind not in {"date", "datetime", "time"}:
        seen = found.columns[number].seen
        return [_without_noise(text)[:60] for text in list(seen.values)[:3]]
    epoch = found.workbook.epoch_1904
    first = (found.cell(row, number) for row in found.table.rows[:200])
    shown = (
        as_shown(cell, found.grid.style(cell).format, epoch_1904=epoch)[:60]
        for cell in first
        if cell is not None
    )
    return list(islice(dict.fromkeys(text for text in shown if text), 3))


def is_key(found: Found, seen: Evidence) -> bool:
    """Whether every record has a value of its own there."""
    rows = len(found.table.rows)
    return 0 < rows == seen.filled == len(seen.values)


def _add_choices(told: Json, looked: Looked) -> None:
    seen, guess = looked.seen, looked.guess
    if guess.against:
        told["against"] = list(guess.against)
    if guess.options:
        told["options"] = list(guess.options)
    elif guess.type == "text" and 0 < len(seen.values) <= _MOST_VALUES:
        # What a person may still make a closed list of.
        told["values"] = [text[:80] for text, _ in seen.values.most_common()]


def _add_help(told: Json, found: Found, number: int) -> None:
    said = [found.sheet.comments.get((row, number), "") for row in found.table.header.rows]
    said += _prompts(found, number)
    if any(said):
        told["help"] = " ".join(text for text in said if text)[:_MOST_HELP]


def _prompts(found: Found, number: int) -> list[str]:
    """What people are told when they stand on a cell of the column."""
    said = []
    for ranges, text in found.sheet.facts.prompts:
        try:
            _, left, _, right = split_range(ranges.split()[0])
        except (FileRefused, IndexError):
            continue
        if left <= number <= right:
            said.append(text)
    return list(dict.fromkeys(said))[:1]


def _add_places(told: Json, seen: Evidence, kind: str) -> None:
    if kind in {"text", "url"}:
        told["longest"] = seen.longest
        if seen.line_breaks:
            told["line_breaks"] = seen.line_breaks
    if kind in {"decimal", "money", "percent"} and seen.places:
        told["places"] = seen.places


def _add_link(told: Json, known: Described, found: Found, number: int) -> None:
    link = known.links.get((found.key, number))
    if link is None:
        return
    told["to"] = known.name(link.to_table, link.to_column)
    told["to_table"], told["to_col"] = link.to_table, column_letters(link.to_column)
    told["matched"], told["matched_of"] = link.matched, link.of
    if link.makes_reference:
        told["value_type"], told["type"] = told["type"], "reference"


def _add_formula(told: Json, known: Described, found: Found, number: int, names: Contract) -> None:
    conversion = known.conversions.get((found.key, number))
    if conversion is None:
        return
    told["formula_cells"] = conversion.cells
    if conversion.tree is None or conversion.proof is None:
        text = message(conversion.why, conversion.params, known.locale)
        told["kept"] = {"code": conversion.why, "message": text}
        if conversion.running is not None:
            told["running"] = {
                "plus": [column_letters(each) for each in conversion.running.plus],
                "minus": [column_letters(each) for each in conversion.running.minus],
            }
        return
    proof = conversion.proof
    formula = app_text(conversion.tree, names)
    kind = told["type"] if told["type"] != "reference" else told["value_type"]
    told["conversion"] = {
        "kind": kind_of(conversion.tree),
        "tree": conversion.tree,
        "result_type": kind,
    }
    shown = {"formula": formula, "proved": proof.proved, "of": proof.of}
    if proof.filled:
        shown["fills"] = proof.filled
    if conversion.holds:
        told |= {"type": "formula", "result_type": kind, **shown}
        return
    differs = [{"cell": e.cell, "file": e.file, "ours": e.ours} for e in proof.differs]
    told["offer"] = {**shown, "differs": differs}


def _without_noise(text: str) -> str:
    # 5.5759999999999996 is how the file spells the 5.576 that Excel shows.
    is_noise = "." in text and len(text) > cells.LONG_DIGITS and cells.is_number(text)
    return cells.plain_text(text) if is_noise else text
