"""A document and its form's posting rule become a kernel command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from runtime import kernel
from runtime.definitions.posting import PostingDef


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

    rule: PostingDef

    def path(self, name: str) -> str | None:
        """The path the rule gives for one of the command's fields."""
        found = getattr(self.rule, name, None)
        return found if isinstance(found, str) else None

    def value(self, document: Document, line: Line, name: str) -> Any:
        """The value the rule picks for one of the command's fields."""
        path = self.path(name)
        if path is None:
            return None
        table, _, code = path.rpartition(".")
        return line.values.get(code) if table else document.values.get(code)

    def pointer(self, name: str, line: int | None) -> str:
        """The address of the field that feeds one of the command's fields."""
        path = self.path(name)
        if path is None:
            return f"/{self.rule.lines}" + ("" if line is None else f"/{line}")
        table, _, code = path.rpartition(".")
        return f"/{table}/{line}/{code}" if table and line is not None else f"/{code}"

    def label(self, document: Document, name: str, key: str) -> str:
        """What people call the item or warehouse with this key."""
        path = self.path(name)
        if path is None or not key.isdecimal():
            return key
        table, _, code = path.rpartition(".")
        return document.labels.get((table or None, code), {}).get(int(key), key)


def command_of(
    rule: PostingDef, document: Document, header: kernel.Header
) -> kernel.Receive | kernel.Issue | kernel.Transfer:
    """The command a document asks for."""
    columns = Columns(rule)
    lines = document.lines[rule.lines]
    return _COMMANDS[rule.command](columns, document, lines, header)


def business_date(rule: PostingDef, document: Document, zone: str) -> date:
    """The business time of a document; an instant is read on the clock of its app."""
    value = document.values[rule.date]
    assert isinstance(value, date), "a posting rule's date is a date; publishing checked that"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return value


def _key(columns: Columns, document: Document, line: Line, name: str) -> str:
    value = columns.value(document, line, name)
    return "" if value is None else str(value)


def _receive(
    columns: Columns, document: Document, lines: Sequence[Line], header: kernel.Header
) -> kernel.Receive:
    return kernel.Receive(header, tuple(_receive_line(columns, document, line) for line in lines))


def _receive_line(columns: Columns, document: Document, line: Line) -> kernel.ReceiveLine:
    amount = columns.value(document, line, "amount")
    unit_cost = None if amount is not None else columns.value(document, line, "unit_cost")
    return kernel.ReceiveLine(
        _key(columns, document, line, "item"),
        _key(columns, document, line, "warehouse"),
        columns.value(document, line, "qty") or 0,
        unit_cost=unit_cost,
        amount=amount,
    )


def _issue(
    columns: Columns, document: Document, lines: Sequence[Line], header: kernel.Header
) -> kernel.Issue:
    return kernel.Issue(
        header,
        tuple(
            kernel.IssueLine(
                _key(columns, document, line, "item"),
                _key(columns, document, line, "warehouse"),
                columns.value(document, line, "qty") or 0,
            )
            for line in lines
        ),
    )


def _transfer(
    columns: Columns, document: Document, lines: Sequence[Line], header: kernel.Header
) -> kernel.Transfer:
    return kernel.Transfer(
        header,
        tuple(
            kernel.TransferLine(
                _key(columns, document, line, "item"),
                _key(columns, document, line, "warehouse"),
                _key(columns, document, line, "to_warehouse"),
                columns.value(document, line, "qty") or 0,
            )
            for line in lines
        ),
    )


_Maker = Callable[
    [Columns, Document, Sequence[Line], kernel.Header],
    kernel.Receive | kernel.Issue | kernel.Transfer,
]
_COMMANDS: Mapping[str, _Maker] = {"receive": _receive, "issue": _issue, "transfer": _transfer}
