"""Where the values of a posting rule stand in a document, and what people call them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Protocol

from runtime.compile import Form
from runtime.definitions import OutputsDef, PostingDef

# Numbers of one line are typed one under the other or with any usual sign between them.
_BETWEEN: Final = re.compile(r"[\s,，、;；]+")


class Line(Protocol):
    """A line of a document, as far as posting is concerned."""

    @property
    def values(self) -> Mapping[str, Any]: ...


class Document(Protocol):
    """A document, as far as posting is concerned."""

    @property
    def id(self) -> int: ...

    @property
    def values(self) -> Mapping[str, Any]: ...

    @property
    def lines(self) -> Mapping[str, Sequence[Line]]: ...

    @property
    def labels(self) -> Mapping[tuple[str | None, str], Mapping[int, str]]: ...


@dataclass(frozen=True)
class Columns:
    """Where a posting rule's values stand: `lines.qty` in a line, `warehouse` in the header."""

    rule: PostingDef | OutputsDef

    def path(self, name: str) -> str | None:
        """The path the rule gives for one of the command's fields."""
        found = getattr(self.rule, name, None)
        return found if isinstance(found, str) and found else None

    def value(self, document: Document, line: Line | None, name: str) -> Any:
        """The value the rule picks for one of the command's fields."""
        path = self.path(name)
        if path is None:
            return None
        table, _, code = path.rpartition(".")
        if not table:
            return document.values.get(code)
        return None if line is None else line.values.get(code)

    def pointer(self, name: str, line: int | None) -> str:
        """The address of the field that feeds one of the command's fields."""
        path = self.path(name)
        if path is None:
            whole = f"/{self.rule.lines}" if self.rule.lines else ""
            return whole + ("" if line is None or not whole else f"/{line}")
        table, _, code = path.rpartition(".")
        return f"/{table}/{line}/{code}" if table and line is not None else f"/{table or code}"

    def label(self, document: Document, name: str, key: str) -> str:
        """What people call the item or warehouse with this key."""
        path = self.path(name)
        if path is None or not key.isdecimal():
            return key
        table, _, code = path.rpartition(".")
        return document.labels.get((table or None, code), {}).get(int(key), key)


@dataclass(frozen=True)
class Row:
    """One line of a document (or its header alone) as a posting rule reads it."""

    form: Form
    columns: Columns
    document: Document
    line: Line | None = None
    index: int | None = None

    def value(self, name: str) -> Any:
        """What is filled in."""
        return self.columns.value(self.document, self.line, name)

    def key(self, name: str) -> str:
        """A record's id or a word, as the books keep it; empty where nothing is filled in."""
        value = self.value(name)
        return "" if value is None else str(value).strip()

    def number(self, name: str) -> Decimal | None:
        """An exact number."""
        value = self.value(name)
        return None if value is None else Decimal(value)

    def qty(self) -> Decimal:
        """The quantity; the kernel says what is wrong with nothing."""
        return self.number("qty") or Decimal(0)

    def day(self, name: str) -> date | None:
        """A day."""
        value = self.value(name)
        assert value is None or isinstance(value, date), "publishing checked that it is a date"
        return value

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.value(name))

    def serials(self) -> tuple[str, ...]:
        """The serial numbers of the line, in the order they were typed."""
        return tuple(part for part in _BETWEEN.split(self.key("serials")) if part)

    def party(self, name: str) -> str:
        """Somebody outside, told apart from others' ids by the form: `supplier:7`."""
        value = self.value(name)
        return "" if value is None else f"{self.target(name).code}:{value}"

    def target(self, name: str) -> Form:
        """The form that a reference of the rule points to."""
        path = self.columns.path(name)
        assert path is not None, "a reference that is read has a path"
        table, _, code = path.rpartition(".")
        fields = self.form.lines_of(table).by_code if table else self.form.by_code
        return self.form.target(fields[code])

    def pointer(self, name: str) -> str:
        """The address of the field."""
        return self.columns.pointer(name, self.index)

    def label(self, name: str) -> str:
        """What people call the record a reference points to."""
        return self.columns.label(self.document, name, self.key(name))


def rows_of(form: Form, rule: PostingDef | OutputsDef, document: Document) -> tuple[Row, ...]:
    """Every line the rule reads, in order; of a rule without lines the header alone."""
    columns = Columns(rule)
    if not rule.lines:
        return (Row(form, columns, document),)
    lines = document.lines.get(rule.lines, ())
    return tuple(Row(form, columns, document, line, index) for index, line in enumerate(lines))
