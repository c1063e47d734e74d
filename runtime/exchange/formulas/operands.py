"""Cells of a workbook as the fields of an app would hold them: what a converted formula reads."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from runtime.exchange import cells
from runtime.exchange.cells import Cell, column_letters, column_number
from runtime.exchange.evidence import BLANK_WORDS, NO, YES
from runtime.exchange.found import Found
from runtime.exchange.moments import iso_moment, text_moment
from runtime.formula import CellError
from runtime.formula.cell_errors import NOTHING_MATCHED
from runtime.formula.scope import FieldName, FormNames

KINDS: Final[Mapping[str, str]] = {
    "integer": "number",
    "decimal": "number",
    "money": "money",
    "percent": "percent",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "boolean": "boolean",
}
_ERRORS: Final = {
    "#DIV/0!": CellError("#DIV/0!", NOTHING_MATCHED.reason),
    "#VALUE!": CellError("#VALUE!", NOTHING_MATCHED.reason),
    "#REF!": CellError("#REF!", NOTHING_MATCHED.reason),
    "#NUM!": CellError("#NUM!", NOTHING_MATCHED.reason),
}
_SIGNS: Final = re.compile(r"[¥￥$€£,，\s元]")


def code(letters: str) -> str:
    """What a column is called while its formula is tried."""
    return f"c_{letters.lower()}"


def fields_of(found: Found) -> dict[str, FieldName]:
    """The columns of a table as fields."""
    fields = {}
    for number, looked in found.columns.items():
        name = code(column_letters(number))
        kind = KINDS.get(looked.guess.type, "text")
        fields[name] = FieldName(name, name, (), kind)
    return fields


class Values:
    """The records of all tables, each cell read once, columns found by an index."""

    def __init__(self, tables: Sequence[Found]) -> None:
        self.forms = {f"t{place}": found for place, found in enumerate(tables, 1)}
        self.codes = {found.key: form for form, found in self.forms.items()}
        self._columns: dict[tuple[str, str], list[Any]] = {}
        self._places: dict[tuple[str, str], dict[str, list[int]]] = {}

    def names(self) -> dict[str, FormNames]:
        """All tables as forms a formula may name."""
        return {form: FormNames(form, (), fields_of(found)) for form, found in self.forms.items()}

    def column(self, form: str, field: str) -> list[Any]:
        """The values of a column, in the order of the records."""
        key = (form, field)
        if key not in self._columns:
            found = self.forms[form]
            number = column_number(field.removeprefix("c_").upper())
            self._columns[key] = [value_at(found, row, number) for row in found.table.rows]
        return self._columns[key]

    def row(self, found: Found, place: int, fields: Sequence[str]) -> dict[str, Any]:
        """The fields of one record that a formula reads."""
        form = self.codes[found.key]
        return {field: self.column(form, field)[place] for field in fields}

    def columns(
        self, form: str, lines: str | None, codes: Sequence[str], equal: Mapping[str, Any]
    ) -> Mapping[str, Sequence[Any]]:
        """Columns of the rows that may match, as `runtime.formula.scope.Tables` has it."""
        assert lines is None, "a table of a workbook has no lines"
        narrow = next(iter(equal.items()), None)
        if narrow is None:
            return {each: self.column(form, each) for each in codes}
        places = self._index(form, narrow[0]).get(_folded(narrow[1]), [])
        return {each: [self.column(form, each)[at] for at in places] for each in codes}

    def _index(self, form: str, field: str) -> dict[str, list[int]]:
        key = (form, field)
        if key not in self._places:
            index: dict[str, list[int]] = defaultdict(list)
            for place, value in enumerate(self.column(form, field)):
                index[_folded(value)].append(place)
            self._places[key] = index
        return self._places[key]


def _folded(value: Any) -> str:
    """Equal for all values a criterion may take for the same; for some others too."""
    text = str(value).strip().casefold() if value is not None else ""
    if isinstance(value, Decimal) or (text and cells.is_number(text)):
        return format(cells.decimal_of(text).normalize(), "f")
    return text


def value_at(found: Found, row: int, number: int) -> Any:
    """The value of a cell as the field of its column would hold it."""
    cell = found.cell(row, number)
    if cell is None:
        return None
    kind = KINDS.get(found.columns[number].guess.type, "text")
    shape = found.grid.style(cell).format.shape
    return value_of(cell, kind, shape, epoch_1904=found.workbook.epoch_1904)


def value_of(cell: Cell, kind: str, shape: str, *, epoch_1904: bool) -> Any:
    """The value of a cell for a field of a kind."""
    if cell.kind == cells.ERROR:
        return _ERRORS.get(cell.value, NOTHING_MATCHED)
    if cell.kind == cells.BAD:
        return None
    if kind in {"number", "money", "percent"}:
        return _number(cell)
    if kind in {"date", "datetime", "time"}:
        return _moment(cell, kind, epoch_1904=epoch_1904)
    if kind == "boolean":
        return _boolean(cell)
    return _text(cell, shape, epoch_1904=epoch_1904)


def _number(cell: Cell) -> Decimal | None:
    if cell.kind in {cells.NUMBER, cells.BOOLEAN}:
        return cells.decimal_of(cell.value)
    text = _SIGNS.sub("", cell.value)
    percent = text.endswith("%")
    bare = text.removesuffix("%")
    if bare.lower() in BLANK_WORDS or not cells.is_number(bare):
        return None
    return cells.decimal_of(bare) / 100 if percent else cells.decimal_of(bare)


def _moment(cell: Cell, kind: str, *, epoch_1904: bool) -> date | datetime | time | None:
    found: date | datetime | time | None
    if cell.kind == cells.NUMBER:
        found = _serial(cell.value, epoch_1904)
    elif cell.kind == cells.MOMENT:
        found = iso_moment(cell.value)
    else:
        found = text_moment(cell.value)
    if kind == "time":
        return found if isinstance(found, time) else None
    if isinstance(found, time) or found is None:
        return None
    if kind == "date":
        return found.date() if isinstance(found, datetime) else found
    return found if isinstance(found, datetime) else datetime.combine(found, time(0))


@lru_cache(maxsize=4096)
def _serial(text: str, epoch_1904: bool) -> date | datetime | time | None:  # noqa: FBT001 - cached
    return cells.moment_of(text, epoch_1904=epoch_1904)


def _boolean(cell: Cell) -> bool | None:
    text = cell.value.strip().lower()
    if text in YES or text == "1":
        return True
    return False if text in NO or text == "0" else None


def _text(cell: Cell, shape: str, *, epoch_1904: bool) -> str | None:
    if cell.kind == cells.BOOLEAN:
        return "TRUE" if cell.value == "1" else "FALSE"
    if cell.kind != cells.NUMBER:
        # As import takes it: blanks around a text are nobody's wish.
        return cell.value.strip() or None
    if shape in {"date", "datetime", "time"}:
        found = _serial(cell.value, epoch_1904)
        return None if found is None else found.isoformat()
    return cells.plain_text(cell.value)
