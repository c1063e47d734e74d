"""A document at a glance: its facts and lines as text, and what has happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import url_for

from runtime import access
from runtime.compile import Field, LineTable
from runtime.infra import users
from runtime.infra.act import Act
from runtime.kinds.families import FILES
from runtime.query import Record
from runtime.query.brief import telling_amount
from runtime.query.called import NAMED, called, ids_in, written
from runtime.screens.i18n import _, label, locale
from runtime.screens.statuses import status_text, status_tone
from runtime.workflow.inbox import InboxItem, of_record

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
class Step:
    """One thing that happened, or is awaited."""

    kind: str
    icon: str
    person: str
    what: str
    at: datetime | None = None
    comment: str = ""


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
    steps: tuple[Step, ...]
    reason: str = ""
    decide_href: str = ""


def summarise(act: Act, record: Record, *, reason: str = "", decide_href: str = "") -> Summary:
    """Return a record as a person reads it before deciding."""
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
        steps=tuple(_steps(act, record)),
        reason=reason,
        decide_href=decide_href,
    )


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


def _steps(act: Act, record: Record) -> Iterator[Step]:
    form = record.form
    tasks = of_record(act, form.app_code, form.code, record.id)
    people = {task.user_id for task in tasks} | {task.initiator_id for task in tasks}
    people |= {record.created_by}
    names = users.names(act.connection, [person for person in people if person is not None])
    yield Step(
        "done",
        "pencil",
        names.get(record.created_by or 0, _("系统")),
        _("制单"),
        record.created_at,
    )
    for task in tasks:
        yield _step(task, names.get(task.user_id, f"#{task.user_id}"))


def _step(task: InboxItem, person: str) -> Step:
    step = label(task.step_label)
    if task.state == "approved":
        what = _("同意 · %(step)s", step=step)
        return Step("done", "check", person, what, task.closed_at, task.comment)
    if task.state == "rejected":
        what = _("驳回 · %(step)s", step=step)
        return Step("bad", "x", person, what, task.closed_at, task.comment)
    if task.state == "open":
        return Step("now", "", person, _("等待处理 · %(step)s", step=step), task.opened_at)
    return Step("off", "", person, _("不必处理 · %(step)s", step=step), task.closed_at)
