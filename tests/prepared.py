"""Databases for tests: made empty, or as a copy of one that was filled once for all who want it.

Tables and guards of the kernel alone are some 140 statements, the demo company is seconds of work;
a copy of either takes a few hundredths of a second.
"""

import fcntl
import hashlib
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL, make_url

from runtime.infra.db import Database
from runtime.platform import set_up

Facts = TypeVar("Facts")
# How every database of tests is called that we make, and may drop.
OURS = "dajian_test"


class Cluster:
    """The PostgreSQL of this run, and the databases one process has made there."""

    def __init__(self, address: str, run: str, owner: str) -> None:
        self.url = make_url(address)
        self._run_name = f"{OURS}_{run}"
        self._owner = f"{self._run_name}_{owner}"
        self._names: set[str] = set()
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._admin = psycopg.connect(plain, autocommit=True)

    def address(self, purpose: str) -> str:
        """Where this process has its database for a purpose, made or not."""
        return self._of(f"{self._owner}_{purpose}")

    def shared_address(self, purpose: str) -> str:
        """Where all processes of this run have one database for a purpose, made or not."""
        return self._of(f"{self._run_name}_all_{purpose}")

    def create(self, address: str, template: str = "") -> None:
        """Make the database anew: empty, or a copy of another one that nobody is connected to."""
        self.drop(address)
        name, source = self._name(address), self._name(template) if template else "template0"
        if name.startswith(self._owner):
            self._names.add(name)
        # Files are copied, so that gigabytes of copies do not all go through the log.
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY file_copy')

    def drop(self, address: str) -> None:
        """Drop the database, whoever is still connected."""
        name = self._name(address)
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._names.discard(name)

    def close(self) -> None:
        """Drop whatever is left of this process's own."""
        for name in list(self._names):
            self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._admin.close()

    def close_run(self) -> None:
        """Drop whatever is left of this run: for the last process of it."""
        found = self._admin.execute("SELECT datname FROM pg_database").fetchall()
        self._names.update(name for (name,) in found if name.startswith(f"{self._run_name}_"))
        self.close()

    def _of(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _name(self, address: str) -> str:
        name = make_url(address).database or ""
        assert name.startswith(self._run_name), f"{name} is none of ours"
        return name

    def _run(self, statement: str) -> None:
        self._admin.execute(statement.encode())


class Prepared:
    """What was filled once in this run, by what it holds, and the copying of it.

    The processes of a run share `folder`: what one has filled the others copy too.
    """

    def __init__(self, folder: Path, cluster: Callable[[], Cluster]) -> None:
        self._folder = folder
        self._cluster = cluster
        self._made: dict[tuple[str, str], tuple[str, Any]] = {}

    def fill(self, url: str, what: str, make: Callable[[str], Facts]) -> Facts:
        """Let the database at `url` hold what `make` makes of an empty one, called `what`.

        The first time `make` is called with the address of another, empty database, which it must
        leave with no connection open. What it returns is returned for every copy.
        """
        target = make_url(url)
        kind = target.get_backend_name()
        if (kind, what) not in self._made:
            self._made[kind, what] = self._found_or_made(kind, what, make)
        source, facts = self._made[kind, what]
        if kind == "postgresql":
            self._cluster().create(url, template=source)
        else:
            _copy_file(make_url(source), target)
        found: Facts = facts
        return found

    def _found_or_made(
        self, kind: str, what: str, make: Callable[[str], Facts]
    ) -> tuple[str, Facts]:
        # Processes that start a PostgreSQL of their own do not find each other's databases.
        where = str(self._cluster().url) if kind == "postgresql" else ""
        name = f"{kind}_{hashlib.sha256(f'{where} {what}'.encode()).hexdigest()[:12]}"
        noted = self._folder / f"{name}.facts"
        with _alone(self._folder / f"{name}.lock"):
            if noted.exists():
                # Of this run, written below by a process like this one.
                found: tuple[str, Facts] = pickle.loads(noted.read_bytes())
                return found
            source = self._empty(kind, f"{name}_{os.getpid()}")
            made = source, make(source)
            # Compiled apps cannot be handed on: who needs them fills a database of its own.
            with suppress(TypeError, AttributeError, pickle.PicklingError):
                noted.write_bytes(pickle.dumps(made))
            return made

    def _empty(self, kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{self._folder / name}.db"
        address = self._cluster().shared_address(name)
        self._cluster().create(address)
        return address


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock: whoever else wants the same waits until it is made."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _copy_file(source: URL, target: URL) -> None:
    assert source.database, "a file"
    assert target.database, "a file"
    left = [tail for tail in ("-wal", "-journal") if Path(source.database + tail).exists()]
    assert not left, "whoever filled the database has closed it"
    Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source.database, target.database)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database to fill, with no connection left open afterwards."""
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


def tables(url: str) -> None:
    """Make what lies under every app: system tables and the kernel's."""
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
