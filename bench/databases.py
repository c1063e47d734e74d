"""Empty databases for benchmarks and copies of full ones, as durable as in earnest."""

import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy

KINDS = ("sqlite", "postgresql")


@contextlib.contextmanager
def fresh(kind: str) -> Iterator[str]:
    """The address of an empty database of this kind; gone afterwards."""
    if kind == "sqlite":
        with _folder() as folder:
            yield f"sqlite:///{folder / 'bench.db'}"
        return
    with _database_like("template0") as address:
        yield address


@contextlib.contextmanager
def copy_of(address: str) -> Iterator[str]:
    """The address of a copy of a database that nobody is connected to; gone afterwards."""
    url = sqlalchemy.make_url(address)
    assert url.database, "a benchmark's database has a name"
    if url.get_backend_name() == "sqlite":
        with _folder() as folder:
            # Everything is in the one file: the last connection that closed emptied the WAL.
            assert not Path(f"{url.database}-wal").exists(), "somebody is still connected"
            shutil.copyfile(url.database, folder / "bench.db")
            yield f"sqlite:///{folder / 'bench.db'}"
        return
    with _database_like(url.database) as copied:
        yield copied


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dajian-bench-") as name:
        yield Path(name)


@contextlib.contextmanager
def _database_like(template: str) -> Iterator[str]:
    server = sqlalchemy.make_url(os.environ["BENCH_POSTGRES_URL"])
    name = f"dajian_bench_{uuid.uuid4().hex[:12]}"
    admin = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()
