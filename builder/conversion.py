"""Values of one kind read as another: by what people see of them, exact, or not at all.

A value becomes the text a person reads, and that is read as the new kind reads what is typed. What
cannot be read so, or breaks a bound of the new field, fails; nothing is rounded or cut.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from marshmallow import ValidationError
from sqlalchemy import Column, Connection, Table, func, select

from runtime.compile import App, Field, Form
from runtime.definitions.form import FieldDef
from runtime.infra import clock, strict_json, users
from runtime.infra.act import SYSTEM, Act
from runtime.kinds.field_type import FieldType, Unreadable, Value
from runtime.query import labels, resolve

CHUNK: Final = 2_000
# Exact numbers among each other stay the number they are, however they are written.
DECIMALS: Final = frozenset({"number", "money", "quantity"})
# What the ids in these mean cannot be read from a text.
_NO_TEXT: Final = frozenset(
    {"attachment", "image", "signature", "department", "departments", "users", "lines"}
)


@dataclass(frozen=True)
class Place:
    """Where a field stands: its form, its line table if it is a column, and its code."""

    form: str
    lines: str | None
    code: str

    @property
    def path(self) -> str:
        """As it is written: `delivery.lines.price`."""
        return ".".join(filter(None, (self.form, self.lines, self.code)))


@dataclass(frozen=True)
class Target:
    """What values become: a kind with its definition; of a reference the form referred to."""

    kind: FieldType
    definition: FieldDef
    refers: Form | None = None


@dataclass(frozen=True)
class Row:
    """A value where it stands: the row, the record it belongs to, which line of it."""

    id: int
    record_id: int
    line_no: int | None
    value: Value


@dataclass(frozen=True)
class Failed:
    """Why a value cannot be read as the new kind."""

    text: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What becomes of one value: what it reads as now, and the new value or why there is none."""

    row: Row
    text: str
    value: Value | Failed

    @property
    def is_kept(self) -> bool:
        """Whether there is a value afterwards."""
        return not isinstance(self.value, Failed)


def field_at(app: App, place: Place) -> Field | None:
    """The field that stands there, if there is one."""
    form = app.forms.get(place.form)
    if form is None:
        return None
    if place.lines is None:
        return form.by_code.get(place.code)
    table = next((each for each in form.lines if each.code == place.lines), None)
    return None if table is None else table.by_code.get(place.code)


def table_at(app: App, place: Place) -> Table:
    """The table a field's column is in."""
    form = app.forms[place.form]
    return form.table if place.lines is None else form.lines_of(place.lines).table


@dataclass(frozen=True)
class Conversion:
    """From a field as it is kept to what it becomes."""

    connection: Connection
    app: App
    before: Field
    target: Target

    def read(self, values: Sequence[Value]) -> list[Value | Failed]:
        """Each value as the new kind keeps it, or why it cannot be."""
        texts = self.texts(values)
        if self._stays():
            found: list[Value | Failed] = [
                self._checked(value, text) for value, text in zip(values, texts, strict=True)
            ]
            return found
        return self._parsed(texts)

    def texts(self, values: Sequence[Value]) -> list[str]:
        """Each value as people read it."""
        kind = self.before.stored.kind
        if kind == "reference" and self.before.target:
            titles = labels(self.connection, self.app.forms[self.before.target], values)
            return [titles.get(value, f"#{value}") for value in values]
        if kind == "user":
            names = users.names(self.connection, values)
            return [names.get(value, f"#{value}") for value in values]
        return [self.before.format(value) for value in values]

    def shown(self, outcome: Outcome) -> str:
        """The new value as people will read it; an id is called what it was found by."""
        if self.target.kind.kind in {"reference", "user"}:
            return outcome.text
        return self.target.kind.format(outcome.value, self.target.definition)

    def _stays(self) -> bool:
        """Numbers stay the numbers they are, and ids of the same things those ids."""
        was, now = self.before.stored.kind, self.target.kind.kind
        if was in DECIMALS and now in DECIMALS:
            return True
        refers = self.target.refers and self.target.refers.code
        return was == now and (was != "reference" or self.before.target == refers)

    def _parsed(self, texts: Sequence[str]) -> list[Value | Failed]:
        kind = self.target.kind.kind
        if kind in _NO_TEXT or self.before.stored.kind in _NO_TEXT:
            return [Failed(text, "retype_no_text") for text in texts]
        if kind == "reference" and self.target.refers is not None:
            act = Act(self.connection, SYSTEM, clock.now())
            known: Mapping[str, Any] = resolve(act, self.target.refers, texts)
            return [self._known(known, text, "reference_unknown") for text in texts]
        if kind == "user":
            ids = self._people()
            return [self._known(ids, text, "reference_unknown") for text in texts]
        found: list[Value | Failed] = []
        for text in texts:
            value = self.target.kind.parse(text, self.target.definition)
            found.append(self._checked(value, text))
        return found

    def _checked(self, value: Value | Unreadable, text: str) -> Value | Failed:
        """A value inside the bounds of the new field."""
        if isinstance(value, Unreadable):
            return Failed(text, value.code, {"text": text[:60]})
        if isinstance(value, Decimal):
            # As many places as it needs: 12.30 is a number with one of them.
            value = _plain(value)
        try:
            kept = self.target.kind.schema(self.target.definition).deserialize(value)
        except ValidationError as error:
            fault = error.messages[0] if isinstance(error.messages, list) else {}
            known = fault if isinstance(fault, Mapping) else {}
            return Failed(text, known.get("code", "retype_unfit"), known.get("params", {}))
        if kept is None:
            return Failed(text, "retype_nothing_left")
        return kept

    @staticmethod
    def _known(known: Mapping[Any, Any], text: str, code: str) -> Value | Failed:
        return known.get(text.strip(), Failed(text, code, {"text": text[:60]}))

    def _people(self) -> Mapping[str, int]:
        """People by what they are called, where that is one person, and by their sign-in name."""
        everybody = users.everybody(self.connection)
        called = Counter(person.display_name for person in everybody)
        shown = {each.display_name: each.id for each in everybody if called[each.display_name] == 1}
        return shown | {each.name: each.id for each in everybody}

    def outcomes(self, table: Table, column: Column[Any]) -> Iterator[Outcome]:
        """What becomes of each value of a column; of equal values of a unique field only one."""
        seen: set[Any] = set()
        for chunk in rows(self.connection, table, column):
            values = [row.value for row in chunk]
            for row, text, value in zip(chunk, self.texts(values), self.read(values), strict=True):
                if self.target.definition.unique and not isinstance(value, Failed):
                    # A line's value is unique within its document.
                    told = _comparable(value)
                    value_here = told if row.line_no is None else (row.record_id, told)
                    if value_here in seen:
                        yield Outcome(row, text, Failed(text, "retype_twice", {"text": text[:60]}))
                        continue
                    seen.add(value_here)
                yield Outcome(row, text, value)


def _comparable(value: Any) -> Any:
    """A value as a set can hold it: an address or a place is kept as text, and equal as text."""
    return strict_json.canonical(value) if isinstance(value, dict | list) else value


def _plain(value: Decimal) -> Decimal:
    short = value.normalize()
    return short.quantize(Decimal(1)) if int(short.as_tuple().exponent) > 0 else short


def rows(connection: Connection, table: Table, column: Column[Any]) -> Iterator[list[Row]]:
    """The values of a column, some at a time; rows that hold none are left out."""
    after = 0
    parent = table.c.parent_id if "parent_id" in table.c else table.c.id
    number = table.c.line_no if "line_no" in table.c else None
    columns = [table.c.id, parent, column, *([] if number is None else [number])]
    while True:
        query = (
            select(*columns)
            .where(table.c.id > after, column.is_not(None))
            .order_by(table.c.id)
            .limit(CHUNK)
        )
        found = connection.execute(query).all()
        if not found:
            return
        yield [Row(row[0], row[1], None if number is None else row[3], row[2]) for row in found]
        after = found[-1][0]


def holding(connection: Connection, table: Table, column: Column[Any]) -> int:
    """How many rows hold a value in a column."""
    counted = select(func.count()).select_from(table).where(column.is_not(None))
    return int(connection.execute(counted).scalar_one())
