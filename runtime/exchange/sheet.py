"""One streaming pass over a sheet: filled cells, merges, lists, what is hidden."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from runtime.exchange import cells, markup
from runtime.exchange.cells import Cell
from runtime.exchange.limits import Limits
from runtime.exchange.moments import iso_moment
from runtime.exchange.moving import Template, mentioned
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.strings import unescape

Range = tuple[int, int, int, int]
RowTaker = Callable[[int, list[Cell]], None]


@dataclass(frozen=True)
class Condition:
    """A validation or a conditional format: where, of which kind, its operator and formulas."""

    ranges: str
    kind: str
    operator: str
    formulas: tuple[str, ...]
    message: str = ""


@dataclass
class SheetFacts:
    """What a sheet says beside its cells; filled while the pass runs."""

    merges: list[Range] = field(default_factory=list)
    lists: list[tuple[str, str]] = field(default_factory=list)
    # Validations that are no lists, what people are told to enter, and conditional formats.
    demands: list[Condition] = field(default_factory=list)
    prompts: list[tuple[str, str]] = field(default_factory=list)
    marks: list[Condition] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filter_range: str | None = None
    frozen_rows: int = 0
    table_ids: list[str] = field(default_factory=list)
    bad: list[tuple[int, int, str, str]] = field(default_factory=list)
    bad_count: int = 0
    formulas_without_value: list[tuple[int, int]] = field(default_factory=list)
    # Formulas whose cell shows nothing: of such a column they are rows like any other.
    blank_formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    arrays: list[Range] = field(default_factory=list)
    # The sheets, in small letters, that formulas of this one read.
    mentions: set[str] = field(default_factory=set)
    # Cells that say they are more than their value, such as a picture, with the number of it.
    rich: dict[tuple[int, int], str] = field(default_factory=dict)
    # The style of a cell without content: all that a prepared, empty column tells.
    empty_styles: dict[int, str] = field(default_factory=dict)


class SheetReader(markup.Elements):
    """The state of the pass: which row, which cell, what text is being gathered."""

    def __init__(self, strings: Sequence[str], limits: Limits, take: RowTaker) -> None:
        self.facts = SheetFacts()
        self._strings = strings
        self._limits = limits
        self._take = take
        self._row = self._column = 0
        self._row_digits = "-"
        self._cells: list[Cell] = []
        self._row_elements = self._cell_elements = 0
        self._attributes: markup.Attributes = {}
        self._in_cell = False
        self._gathering: list[str] | None = None
        self._gathered = 0
        self._guides = 0
        self._value: str | None = None
        self._formula: str | None = None
        self._shared_as: str | None = None
        self._templates: dict[str, Template] = {}
        self._styles: dict[str, int] = {}
        self._validation: dict[str, str] | None = None
        self._marked = ""
        self._mark: dict[str, str] | None = None
        self._mark_formulas: list[str] = []
        self.starts = {
            "row": self._start_row,
            "c": self._start_cell,
            "v": self._gather,
            "t": self._start_text,
            "f": self._start_formula,
            "rPh": self._start_guide,
            "mergeCell": self._merge,
            "col": self._hide_columns,
            "autoFilter": self._filter,
            "pane": self._pane,
            "tablePart": self._table_part,
            "formula1": self._gather,
            "formula2": self._gather,
            "formula": self._gather,
            "conditionalFormatting": self._start_marked,
            "cfRule": self._start_mark,
            "sqref": self._gather,
            "dataValidation": self._start_validation,
            "ext:dataValidation": self._start_validation,
        }
        self.ends = {
            "row": self._end_row,
            "c": self._end_cell,
            "v": self._end_value,
            "t": self._end_text,
            "f": self._end_formula,
            "rPh": self._end_guide,
            "formula1": self._end_list,
            "formula2": self._end_second,
            "formula": self._end_mark_formula,
            "cfRule": self._end_mark,
            "sqref": self._end_ranges,
            "dataValidation": self._end_validation,
            "ext:dataValidation": self._end_validation,
        }

    def _gather(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        self._gathering, self._gathered = [], 0

    def text(self, chars: str) -> None:
        if self._gathering is None:
            return
        self._gathered += len(chars)
        if self._gathered > self._limits.cell_chars:
            raise FileRefused("sheet_cell_too_long", {"cell": self._address()})
        self._gathering.append(chars)

    def _text(self) -> str:
        text = "".join(self._gathering or ())
        self._gathering = None
        return text

    def _address(self) -> str:
        return f"{cells.column_letters(self._column)}{self._row}"

    # rows and cells

    def _start_row(self, attributes: markup.Attributes) -> None:
        self._row_elements += 1
        if self._row_elements > self._limits.row_elements:
            raise FileRefused("sheet_too_many_rows", {"most": self._limits.rows})
        told = attributes.get("r")
        self._row = self._row + 1 if told is None else cells.row_number(told)
        self._row_digits = str(self._row)
        self._column = 0
        self._cells = []
        if attributes.get("hidden") in {"1", "true"}:
            self.facts.hidden_rows += 1

    def _end_row(self) -> None:
        if not self._cells:
            return
        if self._row > self._limits.rows:
            raise FileRefused("sheet_too_many_rows", {"most": self._limits.rows})
        self._take(self._row, self._cells)
        self._cells = []

    def _start_cell(self, attributes: markup.Attributes) -> None:
        self._cell_elements += 1
        if self._cell_elements > self._limits.cell_elements:
            raise FileRefused("sheet_too_many_cells", {"most": self._limits.cell_elements})
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            column = cells.column_in(reference, self._row_digits)
            self._column = self._placed(reference) if column is None else column
        if self._column > cells.MAX_COLUMN:
            raise FileRefused("sheet_bad_address", {"cell": self._address()})
        self._attributes = attributes
        self._in_cell = True
        self._value = self._formula = None

    def _placed(self, reference: str) -> int:
        """The column of a cell that is not known by its letters yet, or that begins its row."""
        row, column = cells.split_reference(reference)
        if self._row == 0:
            self._row, self._row_digits = row, str(row)
        if row != self._row:
            raise FileRefused("sheet_bad_address", {"cell": reference[:20]})
        return column

    def _end_cell(self) -> None:
        self._in_cell = False
        attributes = self._attributes
        if "vm" in attributes and len(self.facts.rich) < self._limits.merges:
            self.facts.rich[self._row, self._column] = attributes["vm"]
        kind = attributes.get("t", "n")
        cell = self._cell(kind, self._value) if self._value is not None else None
        if cell is None:
            self.facts.empty_styles[self._column] = self._attributes.get("s", "0")
            if self._formula and len(self.facts.blank_formulas) < self._limits.blank_formulas:
                self.facts.blank_formulas[self._row, self._column] = self._formula
            is_lacking = self._formula and self._value is None
            if is_lacking and len(self.facts.formulas_without_value) < self._limits.notes:
                self.facts.formulas_without_value.append((self._row, self._column))
            return
        if self._column > self._limits.columns:
            raise FileRefused("sheet_too_many_columns", {"most": self._limits.columns})
        self._cells.append(cell)

    def _cell(self, kind: str, value: str) -> Cell | None:
        if kind in {"inlineStr", "str"}:
            return self._made(cells.TEXT, unescape(value))
        if kind == "s":
            return self._made(cells.TEXT, self._shared(value))
        value = value.strip()
        if not value:
            return None
        if kind == "n":
            return self._made(cells.NUMBER if cells.is_number(value) else cells.BAD, value)
        if kind == "b":
            return self._made(cells.BOOLEAN if value in {"0", "1"} else cells.BAD, value)
        if kind == "e":
            return self._made(cells.ERROR, value[:20])
        return self._made(_moment_kind(value) if kind == "d" else cells.BAD, value)

    def _made(self, kind: str, value: str) -> Cell | None:
        if kind == cells.TEXT and not value:
            return None
        if kind == cells.BAD or kind == cells.ERROR:
            self._note_bad(kind, value)
        return Cell(self._column, kind, value, self._style(), self._formula)

    def _style(self) -> int:
        told = self._attributes.get("s", "0")
        style = self._styles.get(told)
        if style is None:
            style = self._styles[told] = cells.style_number(told)
        return style

    def _note_bad(self, kind: str, value: str) -> None:
        self.facts.bad_count += 1
        if len(self.facts.bad) < self._limits.notes:
            code = "cell_error_value" if kind == cells.ERROR else "cell_unreadable"
            self.facts.bad.append((self._row, self._column, code, value[:40]))

    def _shared(self, value: str) -> str:
        index = value.strip()
        if not (index.isascii() and index.isdigit() and len(index) < 9):
            raise FileUnreadable("shared_string_missing", {"cell": self._address()})
        if int(index) >= len(self._strings):
            raise FileUnreadable("shared_string_missing", {"cell": self._address()})
        return self._strings[int(index)]

    def _end_value(self) -> None:
        if self._in_cell and self._gathering is not None:
            self._value = self._text()

    def _end_text(self) -> None:
        # Rich inline text comes in several runs.
        if self._in_cell and self._guides == 0 and self._gathering is not None:
            self._value = (self._value or "") + self._text()

    def _start_text(self, attributes: markup.Attributes) -> None:
        if self._guides == 0:
            self._gather(attributes)

    def _start_formula(self, attributes: markup.Attributes) -> None:
        self._formula = ""
        self._gather(attributes)
        self._shared_as = None
        if not self._in_cell:
            return
        kind = attributes.get("t", "normal")
        if kind == "shared":
            self._shared_as = attributes.get("si", "")[:10]
        elif kind != "normal" and len(self.facts.arrays) < self._limits.notes:
            # An array formula, or a table of what-ifs: one formula for all these cells.
            told = attributes.get("ref", self._address())
            self.facts.arrays.append(cells.split_range(told))

    def _end_formula(self) -> None:
        if self._in_cell:
            self._formula = self._text()
            if "!" in self._formula and len(self.facts.mentions) < self._limits.sheets:
                self.facts.mentions.update(mentioned(self._formula))
            if self._shared_as is not None:
                self._formula = self._as_shared(self._shared_as, self._formula)
        elif self._validation is not None:
            name = "formula_2" if "formula" in self._validation else "formula"
            self._validation[name] = self._text()

    def _as_shared(self, key: str, text: str) -> str:
        """The formula of a cell that shares one: the first cell has the text, others only its key.

        It is written out with the addresses of each cell.
        """
        if text and key not in self._templates:
            self._templates[key] = Template(text, self._row, self._column)
        template = self._templates.get(key)
        if text or template is None:
            return text
        return template.at(self._row, self._column)[: self._limits.formula_chars]

    def _start_guide(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        self._guides += 1
        self._gathering = None

    def _end_guide(self) -> None:
        self._guides -= 1

    # what stands beside the cells

    def _merge(self, attributes: markup.Attributes) -> None:
        found = cells.split_range(attributes.get("ref", ""))
        top, left, bottom, right = found
        self.facts.merges.append(found)
        area = (bottom - top + 1) * (right - left + 1)
        if len(self.facts.merges) > self._limits.merges or area > self._limits.merged_cells:
            raise FileRefused("sheet_merges")

    def _hide_columns(self, attributes: markup.Attributes) -> None:
        if attributes.get("hidden") in {"1", "true"} and len(self.facts.hidden_columns) < 1_000:
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdigit() and last.isdigit() and len(first) < 6 and len(last) < 6:
                self.facts.hidden_columns.append((int(first), int(last)))

    def _filter(self, attributes: markup.Attributes) -> None:
        self.facts.filter_range = attributes.get("ref")

    def _pane(self, attributes: markup.Attributes) -> None:
        split = attributes.get("ySplit", "")
        if attributes.get("state", "").startswith("frozen") and split.isdigit() and len(split) < 5:
            self.facts.frozen_rows = int(split)

    def _table_part(self, attributes: markup.Attributes) -> None:
        key = next((value for key, value in attributes.items() if key.endswith(" id")), "")
        if len(self.facts.table_ids) < self._limits.sheets:
            self.facts.table_ids.append(key)

    def _start_validation(self, attributes: markup.Attributes) -> None:
        ranges = attributes.get("sqref", "")
        if ranges.count(" ") >= self._limits.validation_ranges:
            raise FileRefused("sheet_validations")
        self._validation = {**attributes, "sqref": ranges}

    def _end_list(self) -> None:
        # Here the formula is the text of formula1; in the extension, of an f inside it.
        text = self._text()
        if self._validation is not None:
            self._validation.setdefault("formula", text)

    def _end_second(self) -> None:
        text = self._text()
        if self._validation is not None:
            self._validation.setdefault("formula_2", text)

    def _end_ranges(self) -> None:
        ranges = self._text()
        if self._validation is not None:
            self._validation["sqref"] = ranges

    def _end_validation(self) -> None:
        told, self._validation = self._validation, None
        if told is None:
            return
        ranges, formula = told["sqref"], told.get("formula", "")[:1_024]
        room = self._limits.validation_ranges
        if told.get("prompt") and len(self.facts.prompts) < self._limits.notes:
            self.facts.prompts.append((ranges, told["prompt"][: self._limits.format_chars]))
        if told.get("type") == "list":
            if len(self.facts.lists) < room:
                self.facts.lists.append((ranges, formula))
        elif told.get("type") and len(self.facts.demands) < self._limits.notes:
            formulas = (formula, told.get("formula_2", "")[:1_024])
            said = told.get("error", "")[: self._limits.format_chars]
            kind, operator = told["type"], told.get("operator", "")
            self.facts.demands.append(Condition(ranges, kind, operator, formulas, said))

    def _start_marked(self, attributes: markup.Attributes) -> None:
        self._marked = attributes.get("sqref", "")[: self._limits.cell_chars]

    def _start_mark(self, attributes: markup.Attributes) -> None:
        self._mark, self._mark_formulas = dict(attributes), []

    def _end_mark_formula(self) -> None:
        text = self._text()
        if self._mark is not None and len(self._mark_formulas) < 3:
            self._mark_formulas.append(text[:1_024])

    def _end_mark(self) -> None:
        told, self._mark = self._mark, None
        if told is not None and self._marked and len(self.facts.marks) < self._limits.notes:
            kind, operator = told.get("type", ""), told.get("operator", "")
            formulas = tuple(self._mark_formulas)
            self.facts.marks.append(Condition(self._marked, kind, operator, formulas))


def _moment_kind(value: str) -> str:
    return cells.BAD if iso_moment(value) is None else cells.MOMENT
