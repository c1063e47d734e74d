"""Many runs of a flow at once: each the copy of one that went through the write path."""

# ruff: noqa: S608 - statements are put together from table names, values are always bound

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select, text

from bench.seeds import NOW
from builder.publish import publish
from runtime import documents
from runtime.compile.model import Form
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.users import NewUser, create
from runtime.workflow import inbox
from runtime.workflow.tables import events, instances, tasks

STAFF: Final = ("applicant", "lead")
APP: Final[dict[str, Any]] = {
    "format": "dajian-app/1", "code": "asking", "label": "申请",
    "forms": [{
        "code": "request", "label": "用款申请", "type": "document", "workflow": "approval",
        "title": "reason",
        "fields": [{"code": "reason", "kind": "text", "label": "事由"},
                   {"code": "amount", "kind": "money", "label": "金额"}],
    }],
    "workflows": [{
        "code": "approval", "label": "用款审批", "form": "request", "steps": [
            {"id": "n_lead", "type": "approve", "who": {"by": "role", "role": "lead"}},
            {"id": "b", "type": "branch", "branches": [
                {"id": "c_big", "when": "{amount}>=1000", "steps": [
                    {"id": "n_more", "type": "approve", "who": {"by": "role", "role": "lead"},
                     "mode": "all"}]},
                {"id": "c_rest", "else": True, "steps": []}]}],
    }],
    "roles": [{"code": each, "label": each, "grants": [
        {"form": "request", "verbs": ["view", "create", "update", "submit"]}]} for each in STAFF],
}  # fmt: skip
_NUMBERS: Final = {
    "sqlite": "WITH RECURSIVE number(n) AS"
    " (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :count)",
    "postgresql": "WITH number AS (SELECT generate_series(1, CAST(:count AS bigint)) AS n)",
}


def open_office(connection: Connection) -> tuple[Form, Mapping[str, Actor]]:
    """Publish the app; returns its form and who works there."""
    system = Act(connection, SYSTEM, NOW)
    form = publish(system, APP, "benchmark").app.forms["request"]
    people = {
        name: create(system, NewUser(name, f"{name} signs in here", frozenset({name}))).actor(
            "screen"
        )
        for name in STAFF
    }
    return form, people


def write_runs(
    connection: Connection, form: Form, people: Mapping[str, Actor], waiting: int, ended: int
) -> None:
    """So many documents waiting for the lead, and so many the lead has answered all of."""
    _take_time(connection)
    applicant = Act(connection, people["applicant"], NOW)
    lead = Act(connection, people["lead"], NOW)
    for count, is_ended in ((ended, True), (waiting, False)):
        values = {"reason": "采购办公用品", "amount": "1200.00"}
        made = documents.create_and_submit(applicant, form, values)
        while is_ended and (mine := inbox.to_do(lead)):
            acts.decide(lead, form, made.id, "approve", Said(), task_id=mine[0].task_id)
        with _unsearched(connection, form):
            _copied(connection, form, made.id, count - 1)
        _go_on_counting(connection, form)


def _take_time(connection: Connection) -> None:
    """A million rows in one statement take longer than anybody waits for an answer."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


@contextmanager
def _unsearched(connection: Connection, form: Form) -> Iterator[None]:
    """Let the index of the words be made once all rows are there, where that can be."""
    found: list[str] = []
    if connection.dialect.name == "postgresql":
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :name"
        words = f"{query} AND indexdef LIKE '% USING gin %'"
        for name, definition in connection.execute(text(words), {"name": form.table.name}).all():
            connection.execute(text(f'DROP INDEX "{name}"'))
            found.append(definition)
    yield
    for definition in found:
        connection.exec_driver_sql(definition)


def _copied(connection: Connection, form: Form, record_id: int, count: int) -> None:
    """The document with its run so many times more, in four statements."""
    run = connection.scalar(select(instances.c.id).where(instances.c.record_id == record_id))
    records, runs = _last(connection, form.table), _last(connection, instances)
    _copy(connection, form.table, f"id = {record_id}", count, {})
    _copy(connection, instances, f"id = {run}", count, {"record_id": records})
    _copy(connection, events, f"instance_id = {run}", count, {"instance_id": runs})
    of_task = {"instance_id": runs, "record_id": records}
    _copy(connection, tasks, f"instance_id = {run}", count, of_task)


def _copy(
    connection: Connection, table: Table, condition: str, count: int, moved: Mapping[str, int]
) -> None:
    """Rows once more for every number; `moved` columns count on from what they begin after."""
    per = connection.execute(
        text(f'SELECT count(*) FROM "{table.name}" WHERE {condition}')
    ).scalar()
    last = {"id": f"{_last(connection, table)} + (number.n - 1) * {per} + mine.nth"}
    told = last | {name: f"{after} + number.n" for name, after in moved.items()}
    names = [column.name for column in table.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(told.get(name, f'mine."{name}"') for name in names)
    statement = (
        f'INSERT INTO "{table.name}" ({columns}) {_NUMBERS[connection.dialect.name]}'
        f" SELECT {values} FROM number CROSS JOIN"
        f' (SELECT *, row_number() OVER (ORDER BY id) AS nth FROM "{table.name}" WHERE {condition})'
        " AS mine ORDER BY number.n, mine.nth"
    )
    connection.execute(text(statement), {"count": count})


def _last(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.max(table.c.id))) or 0


def _go_on_counting(connection: Connection, form: Form) -> None:
    """Let the database number what comes next after what was written with its number."""
    if connection.dialect.name == "postgresql":
        for name in _numbered(form):
            last = f'(SELECT max(id) FROM "{name}")'
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {last})")
            )


def _numbered(form: Form) -> Iterator[str]:
    yield from (table.name for table in (form.table, instances, events, tasks))
