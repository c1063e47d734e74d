"""A document at a glance: its facts and lines as text, and what has happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import url_for

from runtime import access
from runtime.compile import Field, Form, LineTable
from runtime.documents.flows.standing import Standing
from runtime.documents.flows.writing import Access
from runtime.infra.act import Act
from runtime.kinds.families import FILES
from runtime.query import Record
from runtime.query.brief import telling_amount
from runtime.query.called import NAMED, called, ids_in, written
from runtime.screens.form_fields import Cell, FieldView
from runtime.screens.form_values import is_entered
from runtime.screens.i18n import label, locale
from runtime.screens.inbox.panel import Panel, said_with
from runtime.screens.inbox.seen import Since, since_seen
from runtime.screens.inbox.step_rights import may_write_lines, missing_of
from runtime.screens.inbox.timeline import Entry, story_of
from runtime.screens.statuses import status_text, status_tone

RIGHT: Final = frozenset({"number", "money", "quantity", "percent", "duration"})
WIDE: Final = frozenset({"long_text", "rich_text"})


@dataclass(frozen=True)
class Fact:
    """One field of the header."""

    label: str
    text: str
    href: str = ""
    is_right: bool = False
    is_wide: bool = False


@dataclass(frozen=True)
class LinesTable:
    """The lines as a table of texts."""

    label: str
    columns: tuple[Fact, ...]
    rows: tuple[tuple[Fact, ...], ...]


@dataclass(frozen=True)
class Summary:
    """Everything the inbox shows of a document."""

    form_label: str
    title: str
    record_href: str
    status: str
    tone: str
    amount: str
    version: int
    facts: tuple[Fact, ...]
    tables: tuple[LinesTable, ...]
    story: tuple[Entry, ...]
    reason: str = ""
    decide_href: str = ""
    since: Since | None = None
    panel: Panel | None = None
    # What the step wants filled in, or lets one put right: done on the document's own page.
    edits: tuple[str, ...] = ()
    is_edit_needed: bool = False

    @property
    def signature(self) -> tuple[FieldView, Cell]:
        """Where one signs."""
        return said_with("signature")

    @property
    def attachment(self) -> tuple[FieldView, Cell]:
        """Where one attaches files."""
        return said_with("attachment")


def summarise(
    act: Act, standing: Standing, record: Record, may: Access | None = None, *, reason: str = ""
) -> Summary:
    """Return a record as a person reads it before deciding; `may` is what their step says."""
    form = record.form
    amount = telling_amount(act, form)
    return Summary(
        form_label=label(form.label),
        title=record.title,
        record_href=record_href(record),
        status=status_text(record.status),
        tone=status_tone(record.status),
        amount=amount.format(record.values.get(amount.code), locale()) if amount else "",
        version=record.version,
        facts=tuple(_facts(act, record)),
        tables=tuple(_tables(act, record)),
        story=story_of(act, standing, record),
        reason=reason,
        since=None if may is None else since_seen(act, record),
        edits=tuple(_edits(act, form, may)),
        is_edit_needed=may is not None and any(missing_of(record, may)),
    )


def _edits(act: Act, form: Form, may: Access | None) -> Iterator[str]:
    """What the step lets one fill in, of what the reader sees."""
    if may is None:
        return
    for field in access.visible_fields(act.actor, form):
        if field.is_lines:
            is_open = may_write_lines(form, may, field.code)
        else:
            is_open = is_entered(field) and may.may_write(field.code)
        if is_open:
            yield label(field.label)


def record_href(record: Record) -> str:
    """Return the address of a record's own page."""
    return url_for(
        "screens.show_record",
        app_code=record.form.app_code,
        form_code=record.form.code,
        record_id=record.id,
    )


def _facts(act: Act, record: Record) -> Iterator[Fact]:
    for field in access.visible_fields(act.actor, record.form):
        if field.is_lines or field.code == record.form.title or field.stored.kind in FILES:
            continue
        text = _text(act, field, record.values.get(field.code), record.shown(field.code))
        if text:
            is_right, is_wide = field.stored.kind in RIGHT, field.stored.kind in WIDE
            yield Fact(label(field.label), text, "", is_right, is_wide)


def _text(act: Act, field: Field, value: object, shown: str) -> str:
    if field.stored.kind in NAMED:
        return written(value, called(act.connection, field.stored.kind, list(ids_in(value))))
    return shown if field.target else field.format(value, locale())


def _tables(act: Act, record: Record) -> Iterator[LinesTable]:
    for table in record.form.lines:
        fields = tuple(_listed(act, record, table))
        if not fields:
            continue
        columns = tuple(
            Fact(label(field.label), "", is_right=field.stored.kind in RIGHT) for field in fields
        )
        rows = tuple(
            tuple(
                Fact(
                    "",
                    record.shown(field.code, line, table.code),
                    is_right=field.stored.kind in RIGHT,
                )
                for field in fields
            )
            for line in record.lines.get(table.code, ())
        )
        yield LinesTable(label(table.label), columns, rows)


def _listed(act: Act, record: Record, table: LineTable) -> Iterator[Field]:
    for field in access.visible_line_fields(act.actor, record.form, table):
        if field.column is not None and field.stored.kind not in FILES:
            yield field
