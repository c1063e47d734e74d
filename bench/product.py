"""The product with the demo and many deliveries in a fresh database, for what asks it over HTTP."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import select

from bench.databases import fresh
from bench.seeds import NOW
from bench.seeds.company import JXC
from bench.seeds.records import write_deliveries
from builder.app import ROOMS
from builder.demo import load_demo
from runtime.app import create_app
from runtime.compile import App
from runtime.infra import departments, statistics
from runtime.infra.act import SYSTEM, Act
from runtime.infra.settings import read, with_secret
from runtime.infra.users import user_table
from runtime.platform import Platform, set_up

# Somebody whose rights come from roles, and an administrator.
PERSON = "zhangmin"
ADMINISTRATOR = "admin"
# Their department: half of the deliveries are its.
COLLEAGUES = ("chenli", PERSON)


@dataclass(frozen=True)
class Product:
    """What runs, and the people a benchmark speaks for, by name."""

    app: Flask
    here: Platform
    definition: App
    people: dict[str, int]


@contextmanager
def running(kind: str, count: int, **environ: str) -> Iterator[Product]:
    """Run the product on a database of this kind with so many deliveries."""
    with fresh(kind) as address, TemporaryDirectory(prefix="dajian-bench-") as home:
        told = {"DAJIAN_HOME": home, "DAJIAN_DATABASE": address, **environ}
        app = create_app(with_secret(read(told)), ROOMS, clock=lambda: NOW)
        here: Platform = app.extensions["dajian"]
        with here.database.transaction() as connection:
            set_up(connection)
        load_demo(here, _with_own_rows(Path(home)), "a demo for benchmarks")
        with here.database.transaction() as connection:
            definition = here.catalogue.app(connection, "jxc")
            write_deliveries(connection, definition, count)
            rows = connection.execute(select(user_table.c.name, user_table.c.id))
            people = {row.name: row.id for row in rows}
            act = Act(connection, SYSTEM, NOW)
            department = departments.create(act, "销售部")
            departments.set_members(act, department.id, [people[name] for name in COLLEAGUES])
        _settle(here)
        yield Product(app, here, definition, people)
        here.database.dispose()


def _with_own_rows(home: Path) -> Path:
    """The package, with sales seeing no other deliveries than those of their departments."""
    folder = home / "jxc"
    shutil.copytree(JXC, folder)
    role = folder / "roles" / "sales.json"
    source = json.loads(role.read_text())
    for grant in source["grants"]:
        if grant["form"] == "delivery":
            grant["rows"] = "department"
    role.write_text(json.dumps(source))
    return folder


def _settle(here: Platform) -> None:
    """Let the database look at its tables, as it does by itself in a running installation."""
    statistics.look(here.database)
    quiet = here.database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with quiet.connect() as connection:
        if here.database.kind == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")
