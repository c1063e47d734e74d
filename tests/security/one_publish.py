"""Kill a publication with data in place at its writes, one after the other, and check what is left.

usage: one_publish.py DATABASE_ADDRESS CALL[,CALL…] STEP

Everything is loaded once; each publication is a fork of that, to which strace is attached. It says
how many crash points were tried, and ends with 1 when anything is neither the old version nor the
new one, whole; with 2 when nothing was hit.
"""

import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg
from sqlalchemy import Connection, inspect, make_url, select, text

from builder.plan import holds
from builder.publish import publish
from runtime import documents
from runtime.catalogue import PHYSICAL_COLUMN, Catalogue
from runtime.compile import App
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.platform import open_database, set_up
from tests.live import wait_until

NOW: Final = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
ROWS: Final = 40
TEMPLATE: Final = "_template"
# What Linux calls the leave to be traced by anybody (PR_SET_PTRACER).
_MAY_TRACE: Final = 0x59616D61


class Tried(NamedTuple):
    """What is killed: how things are before, the act, and a check that says what is wrong."""

    make: Callable[[Database], None]
    act: Callable[[Database], None]
    check: Callable[[Database], str]


def _f(code: str, kind: str = "text", **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


def source(*, is_new: bool) -> dict[str, Any]:
    """The app before and after: fields come, go, widen, convert, are unique and added up."""
    thing = [_f("name"), _f("gone"), _f("price", "money"), _f("size")]
    forms = [{"code": "thing", "label": "物品", "type": "record", "fields": thing, "title": "name"}]
    if is_new:
        counted = {"form": "sale", "reference": "thing", "measure": "count", "result": "number"}
        thing[1:] = [
            _f("price", "money", places=4),
            _f("size", "number"),
            _f("twice", "formula", formula="=price*2", result="money"),
            {**_f("code"), "unique": True},
            _f("sales", "rollup", **counted),
        ]
        sale = [_f("thing", "reference", form="thing"), _f("lines", "lines", fields=[_f("qty")])]
        forms.append({"code": "sale", "label": "销售", "type": "record", "fields": sale})
    return {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": forms}


def make(database: Database) -> None:
    """The first version with records in it."""
    with database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, NOW)
        app = publish(act, source(is_new=False), "first").app
        for number in range(ROWS):
            size = "很大" if number % 4 == 0 else str(number)
            values = {"name": f"n{number}", "gone": "g", "price": "1.25", "size": size}
            documents.create(act, app.forms["thing"], values)


def go_live(database: Database) -> None:
    """The second version, in one transaction."""
    with database.transaction() as connection:
        confirmed = {"thing.size": ROWS // 4}
        publish(Act(connection, SYSTEM, NOW), source(is_new=True), "second", confirmed=confirmed)


def check(database: Database) -> str:
    """Say what is wrong: anything that is neither the old version nor the new one, whole."""
    wait_until_alone(database)
    with database.reading() as connection:
        app = Catalogue().app(connection, "demo")
        wrong = [*_wrong_tables(connection, app), *_wrong_rows(connection, app)]
        wrong += _wrong_records(connection, app.version)
        if database.kind == "sqlite":
            integrity = connection.execute(text("PRAGMA integrity_check")).scalar()
            wrong += [] if integrity == "ok" else [str(integrity)]
    return "; ".join(wrong)


def _wrong_tables(connection: Connection, app: App) -> list[str]:
    """Tables and what is noted of them are those of the version that runs, and no others."""
    seen, wrong = inspect(connection), []
    there = {name for name in seen.get_table_names() if name.startswith(("a_", "g_", "v_"))}
    if there != set(app.metadata.tables):
        wrong.append(f"tables {there ^ set(app.metadata.tables)}")
    for table in app.metadata.tables.values():
        columns = {each["name"] for each in seen.get_columns(table.name)}
        kept = select(PHYSICAL_COLUMN.c.column_name, PHYSICAL_COLUMN.c.holds)
        rows = connection.execute(kept.where(PHYSICAL_COLUMN.c.table_name == table.name)).all()
        noted = {row.column_name: row.holds for row in rows}
        if set(noted) != columns:
            wrong.append(f"{table.name}: {set(noted) ^ columns}")
        if any(noted.get(each.name) != holds(each.type) for each in table.columns):
            wrong.append(f"{table.name}: {noted}")
        indexes = {each["name"] for each in seen.get_indexes(table.name)}
        wrong += [f"no {each.name}" for each in table.indexes if each.name not in indexes]
    return wrong


def _wrong_rows(connection: Connection, app: App) -> list[str]:
    columns = app.forms["thing"].table.c
    rows = connection.execute(select(columns.f_price, columns.f_size).order_by(columns.id)).all()
    sizes = ["很大" if n % 4 == 0 else str(n) for n in range(ROWS)]
    wanted: list[Any] = sizes
    if app.version == 2:
        wanted = [None if n % 4 == 0 else Decimal(n) for n in range(ROWS)]
    wrong = [] if [row.f_size for row in rows] == wanted else ["sizes"]
    if {row.f_price for row in rows} != {Decimal("1.25")}:
        wrong.append("prices")
    name = "f_size" if app.version == 1 else "o1_size"
    kept = connection.execute(text(f"SELECT {name} FROM a_demo__thing ORDER BY id"))
    if list(kept.scalars()) != sizes:
        wrong.append("old sizes")
    return wrong


def _wrong_records(connection: Connection, version: int) -> list[str]:
    """What is kept of a publication beside the tables: history, audit, dependencies, the job."""
    asked = {
        "SELECT count(*) FROM s_app_version": version,
        "SELECT max(number) FROM s_app_version": version,
        "SELECT count(*) FROM s_audit WHERE action = 'publish'": version,
        "SELECT count(*) FROM s_job": version - 1,
        f"SELECT count(*) FROM s_dependency WHERE version <> {version}": 0,
    }
    found = {query: connection.execute(text(query)).scalar() for query in asked}
    return [f"{query}: {found[query]}" for query, wanted in asked.items() if found[query] != wanted]


def wait_until_alone(database: Database) -> None:
    """Whoever was killed may still be on his way out of PostgreSQL."""
    if database.kind == "sqlite":
        return
    with psycopg.connect(_plain(database, "postgres"), autocommit=True) as admin:
        wait_until(lambda: not _others(admin, str(database.url.database)), "nobody else is there")


def _others(admin: psycopg.Connection[Any], name: str) -> int:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    row = admin.execute(asked, (name,)).fetchone()
    assert row is not None, "a count is a row"
    return int(row[0])


def reset(database: Database) -> None:
    """Begin again with the first version."""
    if database.kind == "sqlite":
        folder = Path(str(database.url.database)).parent
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(f"{folder}{TEMPLATE}", folder)
        return
    name = str(database.url.database)
    with psycopg.connect(_plain(database, "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        asked = f'CREATE DATABASE "{name}" TEMPLATE "{name}{TEMPLATE}" STRATEGY file_copy'
        admin.execute(asked.encode())


def template_of(address: str) -> str:
    """Where the first version is kept: beside the folder of a file, or another database."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        Path(f"{path.parent}{TEMPLATE}").mkdir(exist_ok=True)
        url = url.set(database=f"{path.parent}{TEMPLATE}/{path.name}")
    else:
        url = url.set(database=f"{url.database}{TEMPLATE}")
    return url.render_as_string(hide_password=False)


def _plain(database: Database, name: str) -> str:
    url = make_url(database.url).set(drivername="postgresql", database=name)
    return url.render_as_string(hide_password=False)


def forked(work: Callable[[Database], str | None], address: str, begin: int | None = None) -> int:
    """Do something in a process of its own, which waits for a word on `begin`; returns its id."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        # Whoever started it may look into it, where the system asks for leave.
        ctypes.CDLL(None).prctl(_MAY_TRACE, ctypes.c_ulong(-1), 0, 0, 0)
        if begin is not None:
            os.read(begin, 1)
        opened = open_database(address)
        said = work(opened)
        opened.dispose()
        if said:
            sys.stderr.write(f"{said}\n")
            sys.stderr.flush()
        status = 1 if said else 0
    finally:
        os._exit(status)


def ended(process: int) -> int:
    """Wait for a process; 0 when all was well."""
    return os.waitpid(process, 0)[1]


def traced(act: Callable[[Database], None], address: str, output: str, *expressions: str) -> int:
    """Do the act under strace; returns how that ended."""
    waiting, begin = os.pipe()
    process = forked(act, address, waiting)
    words = ["strace", "-f", "-o", output, *(part for each in expressions for part in ("-e", each))]
    with subprocess.Popen(
        [*words, "-p", str(process)], stderr=subprocess.PIPE, text=True
    ) as tracer:
        assert tracer.stderr is not None, "it is a pipe"
        said = tracer.stderr.readline()
        assert "attached" in said, said
        os.write(begin, b"!")
        status = ended(process)
        tracer.stderr.read()
    for each in (waiting, begin):
        os.close(each)
    return status


def sweep(what: Tried, address: str, calls: str, step: int) -> int:
    """Kill the act at its N-th call, for each call and N; returns what to exit with."""
    database = Database(address)
    assert ended(forked(what.make, template_of(address))) == 0, "what was before was made"
    reset(database)
    with tempfile.NamedTemporaryFile("r") as trace:
        done = traced(what.act, address, trace.name, f"trace={calls}")
        assert done == 0, "undisturbed, it is done"
        counts = Counter(re.findall(r"^(?:\d+ +)?(\w+)\(", trace.read(), re.MULTILINE))
    tried = hit = bad = 0
    for call, count in counts.items():
        # Where it begins is drawn: another run tries other moments.
        first = 1 + int(os.environ.get("TEST_SEED", "0")) % min(step, count)
        for number in range(first, count + 1, step):
            reset(database)
            inject = f"inject={call}:signal=SIGKILL:when={number}"
            status = traced(what.act, address, os.devnull, f"trace={call}", inject)
            tried, hit = tried + 1, hit + (status != 0)
            if ended(forked(what.check, address)):
                bad += 1
                sys.stdout.write(f"VIOLATION at {call} {number}\n")
    sys.stdout.write(f"{dict(counts)}: {tried} crash points, {hit} hit, {bad} violations\n")
    return 1 if bad else 0 if hit else 2


if __name__ == "__main__":
    sys.exit(sweep(Tried(make, go_live, check), sys.argv[1], sys.argv[2], int(sys.argv[3])))
