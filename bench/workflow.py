"""Workflow: decisions through the write path beside the bare rows of them; the inbox of many."""

# ruff: noqa: S608 - statements are put together from table names, values are always bound

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select

from bench.bare.driver import Bare, Row, Written, bare, insert_statement, rows_of
from bench.databases import KINDS, copy_of, fresh
from bench.ratio import Ratio
from bench.seeds import NOW
from bench.seeds.flows import open_office, write_runs
from builder.app import ROOMS
from runtime.app import create_app
from runtime.compile.model import Form
from runtime.documents.flows import acts
from runtime.documents.flows.offers import Said
from runtime.infra import sessions
from runtime.infra.act import Act, Actor
from runtime.infra.audit import audit_table
from runtime.infra.db import Database
from runtime.infra.sessions import Visitor
from runtime.infra.settings import read, with_secret
from runtime.infra.users import get, user_table
from runtime.platform import Platform, set_up
from runtime.workflow.tables import events, tasks

# Documents that wait, and documents whose approvals are history.
SIZES = {"quick": (5_000, 20_000), "full": (100_000, 1_000_000)}
TURNS = 3
DECISIONS = 20
PAGES = 40
WARM_UP = 3
GOAL = 20.0
# What nobody waits for: nineteen of twenty pages come sooner, in milliseconds.
SOON = 300.0
# What a decision adds rows to; everything else it changes is the task that was answered.
GROWS = (events, tasks, audit_table)


@dataclass(frozen=True)
class Office:
    """What runs, where it is, and who asks and answers there."""

    here: Platform
    client: FlaskClient
    form: Form
    lead: Actor


def measure(size: str) -> Iterator[Ratio]:
    """Both databases: decisions one by one, and the first page of the inbox that waits."""
    waiting, ended = SIZES[size]
    for kind in KINDS:
        with fresh(kind) as address:
            with _office(address, waiting, ended) as office:
                yield _inbox(office, kind, waiting)
            # Nobody is connected while the database is copied.
            with copy_of(address) as twin, _office(address) as office, bare(twin) as driver:
                name = f"decision, {waiting:,} waiting and {ended:,} answered"
                yield Ratio(name, kind, "decisions/s", *_decisions(office, driver), GOAL)


@contextmanager
def _office(address: str, waiting: int = 0, ended: int = 0) -> Iterator[Office]:
    """The product on this database; filled first where it is empty."""
    with TemporaryDirectory(prefix="dajian-bench-") as home:
        told = {"DAJIAN_HOME": home, "DAJIAN_DATABASE": address}
        app = create_app(with_secret(read(told)), ROOMS, clock=lambda: NOW)
        here: Platform = app.extensions["dajian"]
        if waiting:
            with here.database.transaction() as connection:
                set_up(connection)
                form, people = open_office(connection)
                write_runs(connection, form, people, waiting, ended)
            _settle(here.database)
        with here.database.transaction() as connection:
            form = here.catalogue.form(connection, "asking", "request")
            person = get(connection, _lead_id(connection))
            token = sessions.start(connection, person, Visitor("127.0.0.1"), NOW).token
        client = app.test_client()
        client.set_cookie("sid", token)
        yield Office(here, client, form, person.actor("screen"))
        here.database.dispose()


def _inbox(office: Office, kind: str, waiting: int) -> Ratio:
    """How soon the first page of an inbox comes in which all of them wait."""
    taken = [_page(office.client) for _ in range(PAGES + WARM_UP)][WARM_UP:]
    soon = statistics.quantiles(taken, n=20)[-1] * 1000
    return Ratio(f"inbox of {waiting:,}, 19 of 20 sooner than", kind, "ms", soon, None, SOON)


def _page(client: FlaskClient) -> float:
    began = time.perf_counter()
    answer = client.get("/inbox")
    took = time.perf_counter() - began
    assert answer.status_code == 200, answer.status
    assert b"data-item" in answer.get_data(), "the inbox is empty"
    return took


def _decisions(office: Office, driver: Bare) -> tuple[float, float]:
    """Decisions a second: ours, and the same rows into a copy; in turns, after a warm-up."""
    with office.here.database.reading() as connection:
        query = select(tasks.c.id, tasks.c.record_id).where(
            tasks.c.state == "open", tasks.c.user_id == office.lead.user_id
        )
        waiting = [
            (row.id, row.record_id) for row in connection.execute(query.order_by(tasks.c.id))
        ]
    turns = [waiting[at : at + DECISIONS] for at in range(0, DECISIONS * (TURNS + 1), DECISIONS)]
    rates = [_turn(office, driver, each) for each in turns][1:]
    ours, theirs = zip(*rates, strict=True)
    return statistics.median(ours), statistics.median(theirs)


def _turn(office: Office, driver: Bare, waiting: Sequence[tuple[int, int]]) -> tuple[float, float]:
    told: list[Written] = []
    took = 0.0
    for task_id, record_id in waiting:
        before = _ends(office.here.database)
        began = time.perf_counter()
        _decide(office, task_id, record_id)
        took += time.perf_counter() - began
        told.append(_recorded(office, before, task_id))
    began = time.perf_counter()
    for written in told:
        driver.write(written)
    return len(told) / took, len(told) / (time.perf_counter() - began)


def _decide(office: Office, task_id: int, record_id: int) -> None:
    with office.here.database.transaction() as connection:
        act = Act(connection, office.lead, NOW)
        acts.decide(act, office.form, record_id, "approve", Said(), task_id=task_id)


def _ends(database: Database) -> dict[str, int]:
    """The last row of every table that grows."""
    with database.reading() as connection:
        return {table.name: connection.scalar(select(func.max(table.c.id))) or 0 for table in GROWS}


def _recorded(office: Office, before: dict[str, int], task_id: int) -> Written:
    """What a decision wrote, as statements of the bare driver."""
    database, found = office.here.database, Written()
    mark = "?" if database.kind == "sqlite" else "%s"
    for table in GROWS:
        rows: list[Row] = rows_of(database, table, f"id > {before[table.name]}")
        assert rows, f"a decision writes into {table.name}"
        found.statements.append((insert_statement(database.kind, table), rows))
    (answered,) = rows_of(database, tasks, f"id = {task_id}")
    told = dict(zip([column.name for column in tasks.columns], answered, strict=True))
    update = f"UPDATE s_workflow_task SET state = {mark}, closed_at = {mark} WHERE id = {mark}"
    found.statements.append((update, [(told["state"], told["closed_at"], task_id)]))
    return found


def _lead_id(connection: Connection) -> int:
    query = select(user_table.c.id).where(user_table.c.name == "lead")
    return int(connection.execute(query).scalar_one())


def _settle(database: Database) -> None:
    """Let the database look at its tables, as it does by itself in a running installation."""
    quiet = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with quiet.connect() as connection:
        if database.kind == "postgresql":
            # A full database takes longer than anybody waits for an answer.
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("RESET statement_timeout")
