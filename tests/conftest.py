"""What every test may ask for: a database of each kind, a fixed clock, a seed, and no network."""

import os
import random
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
import psycopg
import pytest
import redis
import sqlalchemy

from build_tools import seed as seeds
from build_tools import servers
from runtime.infra.db import Database
from tests.live import celery_worker, live_server, shared_server
from tests.tally import Tally, uses

__all__ = ["celery_worker", "live_server", "shared_server"]

Case = TypeVar("Case")

DATABASES = ("sqlite", "postgresql")
QUICK_FRACTION = 0.1

hypothesis.settings.register_profile("quick", max_examples=50, deadline=None, database=None)
hypothesis.settings.register_profile("full", max_examples=1000, deadline=None, database=None)


def depth() -> str:
    """How thorough this run is: quick or full."""
    chosen = os.environ.setdefault("TEST_DEPTH", "quick")
    assert chosen in {"quick", "full"}, f"TEST_DEPTH is quick or full, not {chosen!r}"
    return chosen


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Fix depth and seed before any worker starts, so that all of them and hypothesis share it."""
    fixed = str(seeds.chosen(os.environ.get("TEST_SEED", ""), depth()))
    os.environ["TEST_SEED"] = fixed
    # Hypothesis' own plugin reads its option after this.
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = fixed
    hypothesis.settings.load_profile(depth())
    config.pluginmanager.register(Tally(config), "dajian-tally")


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect
    connect_ex = socket.socket.connect_ex

    def check(sock: socket.socket, address: Any) -> None:
        if sock.family in {socket.AF_INET, socket.AF_INET6}:
            host = str(address[0])
            local = host.startswith("127.") or host in {"::1", "localhost", "0.0.0.0", ""}
            assert local, f"a test tried to reach {host}"

    def guarded(sock: socket.socket, address: Any) -> None:
        check(sock, address)
        connect(sock, address)

    def guarded_ex(sock: socket.socket, address: Any) -> int:
        check(sock, address)
        return connect_ex(sock, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        yield


@pytest.fixture
def now() -> datetime:
    """The instant at which every test happens: Saturday 2026-11-21, 09:30 in Shanghai."""
    return datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


@pytest.fixture
def seed() -> int:
    """The printed seed; a test that draws makes `random.Random(seed)` of it."""
    return int(os.environ["TEST_SEED"])


@pytest.fixture
def sample(request: pytest.FixtureRequest, seed: int) -> Any:
    """Pick the quick run's share of a long sweep: `for case in sample(cases): …`."""

    def pick(cases: Sequence[Case], fraction: float = QUICK_FRACTION) -> list[Case]:
        if depth() == "full":
            return list(cases)
        count = max(1, round(len(cases) * fraction))
        text = f"{request.node.name}: {count} of {len(cases)}"
        request.node.user_properties.append(("sample", text))
        return random.Random(seed).sample(list(cases), count)

    return pick


@pytest.fixture(scope="session")
def server_stack() -> Iterator[ExitStack]:
    """Holds the servers this process started, and stops them at the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def postgres_server(server_stack: ExitStack) -> str:
    """The address of a PostgreSQL where tests may create databases: given, or started here."""
    return os.environ.get("TEST_POSTGRES_URL") or server_stack.enter_context(servers.postgres())


@pytest.fixture(scope="session")
def redis_server(server_stack: ExitStack) -> str:
    """The address of a Redis for tests: given, or started here."""
    return os.environ.get("TEST_REDIS_URL") or server_stack.enter_context(servers.redis())


@pytest.fixture
def redis_url(redis_server: str, request: pytest.FixtureRequest) -> str:
    """A Redis, emptied for this test; each worker of a parallel run has its own number."""
    uses(request, "redis")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    base, _, last = redis_server.rpartition("/")
    address = f"{base}/{int(worker) + 1}" if last.isdigit() else f"{redis_server}/{int(worker) + 1}"
    with redis.Redis.from_url(address) as client:
        client.flushdb()
    return address


@pytest.fixture(scope="session")
def postgres_of_worker(postgres_server: str) -> Iterator[str]:
    """A database of this worker's own on the server; dropped at the end."""
    server = sqlalchemy.make_url(postgres_server)
    name = f"dajian_test_{os.getpid()}"
    admin = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()


# Dropping schemas is some ten times faster than a CREATE DATABASE per test.
EMPTY_POSTGRES = """
DO $$ DECLARE name text; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  FOR name IN SELECT nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP;
  CREATE SCHEMA public;
  EXECUTE format('ALTER DATABASE %I RESET ALL', current_database());
END $$
"""


@pytest.fixture
def postgres_url(postgres_of_worker: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty PostgreSQL database."""
    uses(request, "postgresql")
    plain = postgres_of_worker.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(EMPTY_POSTGRES)
    return postgres_of_worker


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    uses(request, "sqlite")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database, once of each kind."""
    opened = Database(database_url)
    yield opened
    opened.dispose()
