"""Cells that ask for nothing: they say what an export says of the record as it stands.

An export may show less than a field holds: the words of a rich text, half of a masked number, a
name two people have, a title two records have. Where such a cell comes back as it was taken out,
what the field holds stays.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from runtime.exchange import cells
from runtime.exchange.adoption import ImportPlan, Target
from runtime.exchange.export.cells import Cell, cell_of
from runtime.exchange.export.xlsx_file import fitting
from runtime.exchange.pictures_in import Held
from runtime.exchange.reading import Wanted
from runtime.exchange.spool import Taken
from runtime.exchange.values import clean
from runtime.infra.act import Act
from runtime.query import Record
from runtime.query.called import names_of
from runtime.query.record import for_actor

_LOCALES: Final = ("zh", "en")
Values = dict[str, Any]


def in_places(wanted: Wanted, record: Record) -> Wanted:
    """Put the lines of an entry in the places of those that are there, with their ids.

    From the first to the last; but where the entry has a row for each line there is, a row that
    says nothing of its line leaves it as it is, and moves no other.
    """
    values, line_rows = dict(wanted.values), dict(wanted.line_rows)
    for code, told in wanted.line_rows.items():
        lines, said = record.lines.get(code, ()), dict(zip(told, values[code], strict=True))
        is_each = bool(told) and len(wanted.entry.rows) == len(lines)
        at = tuple(row.row for row in wanted.entry.rows) if is_each else told
        ids = [{"id": line.id} for line in lines[: len(at)]]
        ids += [{} for _ in at[len(ids) :]]
        values[code] = [{**key, **said.get(row, {})} for key, row in zip(ids, at, strict=True)]
        line_rows[code] = at
    return replace(wanted, values=values, line_rows=line_rows)


def changing(
    act: Act, plan: ImportPlan, wanted: Wanted, record: Record, values: Mapping[str, Any]
) -> Values:
    """Return the values that ask for something; lines, with their ids, keep their places."""
    told = _Told(act, record)
    given = dict(values)
    rows = {row.row: row.cells for row in wanted.entry.rows}
    for target in plan.header:
        if target.place in given:
            taken = next((c[target.col] for c in rows.values() if target.col in c), None)
            if told.says(target, record.values, given[target.place], taken):
                del given[target.place]
    for code in plan.line_tables:
        if not wanted.line_rows[code] and not plan.clears:
            # Nothing is said of any line: those that are there stay.
            del given[code]
            continue
        held = {line.id: line.values for line in record.lines.get(code, ())}
        targets = [each for each in plan.targets if each.lines == code]
        given[code] = [
            _changing(told, targets, held.get(line.get("id", 0)), line, rows.get(row, {}))
            for row, line in zip(wanted.line_rows[code], given[code], strict=True)
        ]
    return given


def _changing(
    told: "_Told",
    targets: list[Target],
    held: Mapping[str, Any] | None,
    line: Values,
    row: Mapping[str, Taken],
) -> Values:
    if held is None:
        return line
    same = {
        each.field.code
        for each in targets
        if each.field.code in line
        and told.says(each, held, line[each.field.code], row.get(each.col))
    }
    return {code: value for code, value in line.items() if code not in same}


class _Told:
    """What an export tells the actor of one record."""

    def __init__(self, act: Act, record: Record) -> None:
        self._act = act
        self._record = record
        self._seen: Record | None = None

    def says(
        self, target: Target, held: Mapping[str, Any], value: Any, taken: Taken | None
    ) -> bool:
        """Whether a cell that would change a field says what an export would say of it."""
        present = held.get(target.field.code)
        if isinstance(value, Held):
            return not value.found or value.is_kept(self._act, present)
        if present is None or present == value:
            return False
        if isinstance(value, datetime) and isinstance(present, datetime):
            return value == present.replace(microsecond=0)
        if taken is not None and isinstance(present, str) and _read_as(taken, present):
            return True
        text = "" if taken is None else clean(taken.text, lines=True)
        return any(self._matches(self._cell(target, present, each), text) for each in _LOCALES)

    @staticmethod
    def _matches(cell: Cell, text: str) -> bool:
        shown = {cell, fitting(cell)} if isinstance(cell, str) else set()
        return text in {clean(each, lines=True) for each in shown}

    def _cell(self, target: Target, present: Any, locale: str) -> Cell:
        field, title = target.field, None
        if field.target is not None:
            title = self._labels(target).get(present, "")
        row = {field.code: present}
        names = names_of(self._act.connection, [field], [row]).get(field.code)
        return cell_of(field, present, title=title, names=names, locale=locale)

    def _labels(self, target: Target) -> Mapping[int, str]:
        if self._seen is None:
            self._seen = for_actor(self._act, self._record)
        return self._seen.labels.get((target.lines, target.field.code), {})


def _read_as(taken: Taken, present: str) -> bool:
    """Whether a text is what a file of texts has for a sign or a number: true, 1.50."""
    if taken.kind == cells.BOOLEAN:
        return {"TRUE": "1", "FALSE": "0"}.get(present.upper()) == taken.text
    if taken.kind == cells.NUMBER and cells.is_number(present):
        return cells.plain_text(present) == taken.text
    return False
