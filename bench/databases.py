"""Empty databases for benchmarks, as durable as in earnest."""

import contextlib
import os
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
        with tempfile.TemporaryDirectory(prefix="dajian-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'bench.db'}"
        return
    server = sqlalchemy.make_url(os.environ["BENCH_POSTGRES_URL"])
    name = f"dajian_bench_{uuid.uuid4().hex[:12]}"
    admin = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()
