"""An entry of a sheet -> what documents are given, with the cell each value came from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runtime import documents, query
from runtime.compile import Field, Form
from runtime.exchange.adoption import ImportPlan, Target
from runtime.exchange.cells import PICTURE
from runtime.exchange.entries import Entry
from runtime.exchange.people import People
from runtime.exchange.pictures_in import Pictures, all_held
from runtime.exchange.spool import RawRow, Taken
from runtime.exchange.values import clean, value_of
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Problem
from runtime.kinds.field_type import Unreadable

Json = dict[str, Any]
Values = dict[str, Any]
Key = tuple[Any, ...]
MOST_KNOWN: Final = 2_000


@dataclass(frozen=True)
class Wanted:
    """What an entry asks for: its values, the record it means, the row of each of its lines."""

    entry: Entry
    values: Values
    key: Key | None
    line_rows: Mapping[str, tuple[int, ...]]
    problems: tuple[Json, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said of any field."""
        return not any(value is not None and value != [] for value in self.values.values())

    @property
    def remarks(self) -> list[Json]:
        """The pictures that stay out though the record goes in."""
        return [remark.told for held in all_held(self.values) for remark in held.remarks]


def read_entry(plan: ImportPlan, entry: Entry, ids: "References") -> Wanted:
    """Read an entry: its own values from its first rows, a line from each row that has one."""
    values: Values = {}
    for target in plan.header:
        found = _first(entry, target.col)
        if found is None:
            values[target.place] = None
        elif target.reads_as == "value":
            values[target.place] = _plain(target, found.cells[target.col])
        else:
            values[target.place] = _value(plan, target, found, ids)
    key = tuple(values[place] for place in plan.key)
    unusable = any(value is None or isinstance(value, Unreadable) for value in key)
    line_rows: dict[str, tuple[int, ...]] = {}
    for code in plan.line_tables:
        values[code], line_rows[code] = _lines(plan, entry, code, ids)
    return Wanted(
        entry,
        {place: value for place, value in values.items() if place in plan.written},
        None if unusable or not key else key,
        line_rows,
        tuple(_two_heads(plan, entry)),
    )


def sent(plan: ImportPlan, values: Mapping[str, Any], *, is_new: bool) -> Values:
    """Return what is handed on: an empty cell leaves what is there, or what a field begins with."""
    clears = plan.clears and not is_new
    return {
        code: [_said(row, clears=clears) for row in value] if isinstance(value, list) else value
        for code, value in _said(values, clears=clears).items()
    }


def _said(values: Mapping[str, Any], *, clears: bool) -> Values:
    return {code: value for code, value in values.items() if clears or value is not None}


def _first(entry: Entry, col: str) -> RawRow | None:
    if len(entry.rows) == 1:
        return entry.rows[0] if col in entry.rows[0].cells else None
    return next((row for row in entry.rows if col in row.cells), None)


def _value(plan: ImportPlan, target: Target, row: RawRow, ids: "References") -> Any:
    taken = row.cells[target.col]
    if target.reads_as == "files":
        return ids.pictures.value_of(taken, row.row, f"{plan.sheet}!{target.col}{row.row}")
    if target.reads_as == "reference" and taken.kind != PICTURE:
        return ids.id_of(target, taken.text)
    if target.reads_as == "people" and taken.kind != PICTURE:
        return ids.people.value_of(target, clean(taken.text, lines=False))
    return _plain(target, taken)


def _plain(target: Target, taken: Taken) -> Any:
    """The value a cell holds by itself. What a column says again and again is read once."""
    if taken.kind == PICTURE:
        # A picture lies on a blank cell of a column that holds something else.
        return None
    known = target.known
    if taken in known:
        return known[taken]
    found = value_of(taken, target.field)
    if len(known) < MOST_KNOWN:
        known[taken] = found
    return found


def _lines(
    plan: ImportPlan, entry: Entry, code: str, ids: "References"
) -> tuple[list[Values], tuple[int, ...]]:
    targets = [each for each in plan.targets if each.lines == code and each.writes]
    rows = [row for row in entry.rows if any(each.col in row.cells for each in targets)]
    found = [
        {each.field.code: _value(plan, each, row, ids) for each in targets if each.col in row.cells}
        for row in rows
    ]
    return found, tuple(row.row for row in rows)


def _two_heads(plan: ImportPlan, entry: Entry) -> Iterator[Json]:
    """Rows of one record that say two things of the record itself."""
    for target in plan.header if len(entry.rows) > 1 else ():
        first = _first(entry, target.col)
        said = None if first is None else first.cells[target.col]
        for row in entry.rows:
            here = row.cells.get(target.col)
            if here is not None and said is not None and here.text != said.text:
                params = {"label": target.field.label.zh, "value": said.text[:60]}
                cell = f"{plan.sheet}!{target.col}{row.row}"
                yield told(cell, row.row, "import_two_heads", params)
                break


def problems_of(plan: ImportPlan, wanted: Wanted, error: AppError) -> Iterator[Json]:
    """Return why an entry did not go in, each reason with the cell it is about."""
    if not error.problems:
        row = wanted.entry.row
        yield told(f"{plan.sheet}!{row}", row, error.code, error.params)
    for problem in error.problems:
        yield addressed(plan, wanted, problem)


def addressed(plan: ImportPlan, wanted: Wanted, problem: Problem) -> Json:
    """Return a problem with the cell its pointer leads to."""
    code, *rest = problem.pointer.strip("/").split("/")
    row, place = wanted.entry.row, code
    if len(rest) == 2 and code in wanted.line_rows and rest[0].isdecimal():
        row, place = wanted.line_rows[code][int(rest[0])], f"{code}.{rest[1]}"
    col = next((each.col for each in plan.targets if each.place == place), "")
    return told(f"{plan.sheet}!{col}{row}", row, problem.code, problem.params)


def told(cell: str, row: int, code: str, params: Mapping[str, Any]) -> Json:
    """Write a problem down."""
    shown = {key: str(value)[:200] for key, value in params.items()}
    return {"cell": cell, "row": row, "code": code, "params": shown}


class References:
    """Texts -> ids of referenced records for some entries, made on the way where allowed."""

    def __init__(
        self,
        act: Act,
        plan: ImportPlan,
        rows: Sequence[RawRow],
        pictures: Pictures,
        *,
        create: bool,
    ) -> None:
        self.pictures = pictures
        self.people = People(act, plan)
        self._known: dict[str, dict[str, int]] = {}
        self._missing: dict[str, list[str]] = {}
        # The records made on the way: undoing the import takes them back too.
        self.made: list[tuple[Form, int, int]] = []
        for target in plan.targets:
            if target.field.kind.kind == "reference" and target.field.target is not None:
                texts = [row.cells[target.col].text for row in rows if target.col in row.cells]
                named = dict.fromkeys(clean(text, lines=False) for text in texts)
                self._look_up(act, plan, target, list(named))
                if create:
                    self._make(act, plan.form.siblings[target.field.target], target)

    def id_of(self, target: Target, text: str) -> Any:
        """Return the record a text means; the text itself is the complaint when there is none."""
        wanted = clean(text, lines=False)
        if not wanted:
            return None
        if wanted in self._missing.get(target.place, ()):
            # Not there yet, but it will be: the caller leaves it out of what it checks.
            return None
        return self._known[target.place].get(wanted) or Unreadable(wanted[:60], "reference_unknown")

    def is_to_come(self, target: Target, text: str) -> bool:
        """Whether a record is still to be made for a text."""
        return clean(text, lines=False) in self._missing.get(target.place, ())

    def would_make(self) -> list[str]:
        """Return the texts for which records are still to be made."""
        return list(dict.fromkeys(text for texts in self._missing.values() for text in texts))

    def _look_up(self, act: Act, plan: ImportPlan, target: Target, texts: Sequence[str]) -> None:
        form = plan.form.siblings[target.field.target or ""]
        known, several = query.resolved(act, form, texts)
        self._known[target.place] = known
        if target.place in plan.create_missing and needs_only_title(form):
            # A text that means several is told, not made once more.
            there = known.keys() | several | {""}
            self._missing[target.place] = [text for text in texts if text not in there]

    def _make(self, act: Act, form: Form, target: Target) -> None:
        for text in self._missing.pop(target.place, ()):
            try:
                with act.connection.begin_nested():
                    made = documents.create(act, form, {form.title: text})
            except AppError:
                # The row itself then says that there is no such record.
                continue
            self._known[target.place][text] = made.id
            self.made.append((form, made.id, made.version))


def needs_only_title(form: Form) -> bool:
    """Whether a record of this form is complete with nothing but its title."""
    title = form.by_code.get(form.title)
    if form.is_document or title is None or title.kind.kind != "text":
        return False
    return all(_is_given(item, form) for item in form.fields if item.required)


def _is_given(item: Field, form: Form) -> bool:
    return item.code == form.title or item.is_computed or item.definition.default is not None
