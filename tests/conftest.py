"""What every test may ask for: a database of each kind, a fixed clock, a seed, and no network."""

import os
import random
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import hypothesis
import pytest
import redis

from build_tools import seed as seeds
from build_tools import servers
from runtime.infra.db import Database
from tests.live import celery_worker, fresh_server, live_server, shared_server
from tests.order import in_shares
from tests.prepared import Cluster, Prepared
from tests.sweeps import of_a_quick_run
from tests.tally import Tally, uses

__all__ = ["celery_worker", "fresh_server", "live_server", "shared_server"]

Case = TypeVar("Case")
Fill = Callable[[str, Callable[[str], Any]], Any]

DATABASES = ("sqlite", "postgresql")
QUICK_FRACTION = 0.1

hypothesis.settings.register_profile("quick", max_examples=30, deadline=None, database=None)
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
    os.environ.setdefault("TEST_RUN", str(os.getpid()))
    # Hypothesis' own plugin reads its option after this.
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = fixed
    hypothesis.settings.load_profile(depth())
    config.pluginmanager.register(Tally(config), "dajian-tally")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave sweeps on the second database to a full run; begin with what takes long.

    A test that is asked for by its own name is always run.
    """
    if depth() == "quick" and not any("::" in each for each in config.args):
        items[:], left = of_a_quick_run(items, DATABASES, int(os.environ["TEST_SEED"]))
        if left:
            config.hook.pytest_deselected(items=left)
    if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
        items[:] = in_shares(items, workers)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """When the processes of a run have ended, drop what they shared."""
    address = os.environ.get("TEST_POSTGRES_URL")
    if address and session.config.pluginmanager.has_plugin("dsession"):
        Cluster(address, os.environ["TEST_RUN"], "end").close_run()


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
def cluster(postgres_server: str) -> Iterator[Cluster]:
    """The PostgreSQL server, for databases of this process's own."""
    made = Cluster(postgres_server, os.environ["TEST_RUN"], str(os.getpid()))
    yield made
    # A run of one process has nobody after it; of several, the first process is the last.
    (made.close if "PYTEST_XDIST_WORKER" in os.environ else made.close_run)()


@pytest.fixture(scope="session")
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Databases that are filled once in this run and copied ever after."""
    base = tmp_path_factory.getbasetemp()
    # The processes of a run have their folders side by side.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "prepared"
    folder.mkdir(exist_ok=True)
    return Prepared(folder, lambda: cast(Cluster, request.getfixturevalue("cluster")))


@pytest.fixture
def fill(database_url: str, prepared: Prepared) -> Fill:
    """Fills the database of this test: `fill("what", make)` makes it once and copies it."""
    return lambda what, make: prepared.fill(database_url, what, make)


@pytest.fixture
def postgres_url(cluster: Cluster, request: pytest.FixtureRequest) -> str:
    """The address of an empty PostgreSQL database; of none yet for a test that has one filled."""
    uses(request, "postgresql")
    address = cluster.address("test")
    if "fill" in request.fixturenames:
        cluster.drop(address)
    else:
        cluster.create(address)
    return address


@pytest.fixture(scope="module", params=DATABASES)
def module_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of an empty database for all tests of a module, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('module') / 'test.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    address = cluster.address("module")
    cluster.create(address)
    yield address
    cluster.drop(address)


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
