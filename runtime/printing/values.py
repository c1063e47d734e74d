"""A record as a template is filled with it: only what the person who prints may see.

Fields come from `query`, which takes them from `access.visible_fields`; what is hidden, and what
stands in a record of another form that they may not view, is left blank.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from runtime import access
from runtime.compile import Field, Form
from runtime.definitions import PrintoutDef
from runtime.exchange.export.cells import cell_of, style_of
from runtime.exchange.export.xlsx_file import serial
from runtime.formula.cell_errors import CellFaultError
from runtime.infra import departments, files
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.infra.settings import Settings
from runtime.kinds.families import FILES
from runtime.kinds.functions.chinese import rmbcap
from runtime.printing import pictures
from runtime.printing.given import NOTHING, Paper, Row, Value
from runtime.printing.placeholders import LINE_NO, PAGES, Placeholder, read
from runtime.query import LineRecord, Record, records_by_id
from runtime.query.called import names_of
from runtime.query.record import for_actor

_SYMBOLS: Final = frozenset({"code128", "ean13", "qr"})
# More of a record's own uploads than anybody puts on paper.
_LARGEST_PICTURE: Final = 4_000_000


@dataclass(frozen=True)
class Reader:
    """Who reads the paper: the words of their language for states, their language itself."""

    locale: str
    statuses: Mapping[str, str]


def papers_of(
    act: Act,
    settings: Settings,
    form: Form,
    printout: PrintoutDef,
    asked: tuple[Sequence[int], Reader],
) -> list[Paper]:
    """Gather what several records say on paper, in the order asked for.

    Raises Forbidden without the right to print, NotFound for a record that is not theirs to print.
    """
    ids, reader = asked
    access.require(act.actor, "view", form)
    access.require(act.actor, "print", form)
    found = records_by_id(act.connection, form, ids, access.row_condition(act.actor, form))
    printable = _reached(act, form, found)
    if any(key not in printable for key in ids):
        raise NotFound
    work = _Gathering(act, settings, form, reader, printout)
    records = [for_actor(act, found[key]) for key in ids]
    work.look_behind(records)
    return [work.paper(record) for record in records]


def tables_of(form: Form, printout: PrintoutDef) -> dict[str, str]:
    """The line table of each placeholder that is repeated, by how it is written."""
    tables = {table.code for table in form.lines}
    heads = {key: path.partition(".") for key, path in printout.places.items()}
    return {
        key: head
        for key, (head, dot, _) in heads.items()
        if dot and head in tables and "sum" not in read(key).formats
    }


def pages_of(printout: PrintoutDef) -> dict[str, str]:
    """The placeholders that are numbers of pages."""
    return {key: path for key, path in printout.places.items() if path in PAGES}


def _reached(act: Act, form: Form, found: Mapping[int, Record]) -> Collection[int]:
    condition = access.row_condition(act.actor, form, "print")
    if condition is None:
        return found.keys()
    return records_by_id(act.connection, form, found, condition).keys()


@dataclass
class _Gathering:
    """Values of records for one template; `behind` are records of other forms that may be seen."""

    act: Act
    settings: Settings
    form: Form
    reader: Reader
    printout: PrintoutDef
    behind: dict[str, dict[int, Record]] = field(default_factory=dict)

    def look_behind(self, records: Iterable[Record]) -> None:
        """Read the records that references lead to, of each form at once."""
        wanted: dict[str, set[int]] = {}
        held = list(records)
        for path in self.printout.places.values():
            lines, reference, inner = self._split(path)
            if not inner or reference is None or reference.target is None:
                continue
            for record in held:
                for row in record.lines.get(lines, ()) if lines else (record,):
                    key = row.values.get(reference.code)
                    if isinstance(key, int):
                        wanted.setdefault(reference.target, set()).add(key)
        for code, keys in wanted.items():
            target = self.form.siblings[code]
            if access.may(self.act.actor, "view", target):
                condition = access.row_condition(self.act.actor, target)
                found = records_by_id(self.act.connection, target, keys, condition)
                self.behind[code] = {key: for_actor(self.act, each) for key, each in found.items()}

    def paper(self, record: Record) -> Paper:
        """One record on paper."""
        header: dict[str, Value] = {}
        tables = tables_of(self.form, self.printout)
        for key, path in self.printout.places.items():
            if key not in tables:
                header[key] = self._header(record, read(key), path)
        lines = {
            table: [
                self._line(record, line, number, table)
                for number, line in enumerate(record.lines.get(table, ()), start=1)
            ]
            for table in set(tables.values())
        }
        return Paper(record.title, header, lines)

    def _header(self, record: Record, placeholder: Placeholder, path: str) -> Value:
        if path.startswith("$"):
            return self._written(placeholder, self._system(record, path), None)
        if "sum" in placeholder.formats:
            return self._sum(record, placeholder, path)
        lines, item, inner = self._split(path)
        if item is None or lines:
            return NOTHING
        return self._value(placeholder, record, record, (None, item, inner))

    def _line(self, record: Record, line: LineRecord, number: int, table: str) -> Row:
        found: dict[str, Value] = {}
        for key, path in self.printout.places.items():
            lines, item, inner = self._split(path)
            if lines != table or "sum" in read(key).formats:
                continue
            if path.endswith(LINE_NO):
                found[key] = Value(str(number), Decimal(number), "number")
            elif item is not None:
                found[key] = self._value(read(key), record, line, (lines, item, inner))
        return found

    def _value(
        self,
        placeholder: Placeholder,
        record: Record,
        row: Record | LineRecord,
        at: tuple[str | None, Field, str],
    ) -> Value:
        lines, item, inner = at
        value = row.values.get(item.code)
        if value is None:
            return NOTHING
        if inner:
            behind = self.behind.get(item.target or "", {}).get(value)
            target = behind.form.by_code.get(inner) if behind is not None else None
            if behind is None or target is None or behind.values.get(inner) is None:
                return NOTHING
            title = behind.labels.get((None, inner), {}).get(behind.values[inner])
            return self._typed(placeholder, target, behind.values[inner], title)
        title = record.labels.get((lines, item.code), {}).get(value) if item.target else None
        if item.target and title is None:
            # A record whose name they may not read.
            return NOTHING
        return self._typed(placeholder, item, value, title)

    def _typed(self, placeholder: Placeholder, item: Field, value: Any, title: str | None) -> Value:
        if item.stored.kind in FILES:
            return self._picture(value) if "picture" in placeholder.formats else self._files(value)
        names = names_of(self.act.connection, (item,), [{item.code: value}]).get(item.code)
        cell = cell_of(item, value, title=title, names=names, locale=self.reader.locale)
        text = item.format(value, self.reader.locale) if isinstance(cell, Decimal) else None
        found = self._written(placeholder, cell, text)
        if found.number is not None and isinstance(cell, Decimal):
            return Value(found.text, found.number, style_of(item), found.picture)
        return found

    def _written(
        self,
        placeholder: Placeholder,
        cell: str | Decimal | date | datetime | None,
        text: str | None,
    ) -> Value:
        """A value as the formats of its placeholder have it."""
        formats = placeholder.formats
        shown = text if text is not None else _plain(cell)
        symbology = next((each for each in formats if each in _SYMBOLS), "")
        if symbology:
            raw = format(cell, "f") if isinstance(cell, Decimal) else shown
            drawn = pictures.symbol(raw, symbology)
            return Value("" if drawn else raw, picture=drawn)
        if "rmb" in formats and isinstance(cell, Decimal):
            return Value(_in_words(cell) or shown)
        if "date_zh" in formats and isinstance(cell, date):
            return Value(f"{cell.year}年{cell.month}月{cell.day}日")
        if "date" in formats and isinstance(cell, datetime):
            day = cell.date()
            return Value(day.isoformat(), serial(day), "date")
        if "text" in formats or cell is None or isinstance(cell, str):
            return Value(shown)
        if isinstance(cell, Decimal):
            return Value(shown, cell, "number")
        style = "datetime" if isinstance(cell, datetime) else "date"
        return Value(shown, serial(cell), style)

    def _sum(self, record: Record, placeholder: Placeholder, path: str) -> Value:
        lines, item, inner = self._split(path)
        rows = record.lines.get(lines or "", ())
        if item is None or inner or all(item.code not in row.values for row in rows):
            return NOTHING
        numbers = [row.values.get(item.code) for row in rows]
        total = sum((each for each in numbers if isinstance(each, Decimal)), Decimal(0))
        return self._typed(placeholder, item, total, None)

    def _picture(self, value: Any) -> Value:
        for each in files.several(self.act.connection, value):
            if each.size <= _LARGEST_PICTURE and each.media_type in files.PICTURE_TYPES:
                with files.open_checked(self.settings, each) as stream:
                    drawn = pictures.upload(stream.read())
                if drawn is not None:
                    return Value("", picture=drawn)
        return NOTHING

    def _files(self, value: Any) -> Value:
        return Value("，".join(each.name for each in files.several(self.act.connection, value)))

    def _system(self, record: Record, path: str) -> str | datetime | date | None:
        now = self.act.now.astimezone(ZoneInfo(self.form.zone)).replace(tzinfo=None, microsecond=0)
        if path == "$printed_at":
            return now
        if path == "$printed_on":
            return now.date()
        return {
            "$printed_by": self.act.actor.name,
            "$status": self.reader.statuses.get(record.status, "") if self.form.is_document else "",
            "$company": self._company(),
        }.get(path)

    def _company(self) -> str:
        """The department at the top, where there is one above all others."""
        tops = [each for each in departments.everyone(self.act.connection) if not each.depth]
        return tops[0].name if len(tops) == 1 else ""

    def _split(self, path: str) -> tuple[str | None, Field | None, str]:
        """A path as its line table, its field, and a field of the record that one leads to."""
        head, _, rest = path.partition(".")
        table = next((each for each in self.form.lines if each.code == head), None)
        if table is not None:
            code, _, inner = rest.partition(".")
            return table.code, table.by_code.get(code), inner
        return None, self.form.by_code.get(head), rest


def _plain(cell: str | Decimal | date | datetime | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _in_words(amount: Decimal) -> str:
    try:
        return rmbcap(amount)
    except CellFaultError:
        return ""
