"""A real `dajian serve --demo` and a real `dajian worker` in processes of their own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from build_tools.servers import free_port
from builder.demo import load_demo
from runtime.catalogue import Catalogue
from runtime.infra.settings import read
from runtime.platform import Platform, set_up
from tests.prepared import Prepared, opened
from tests.tally import uses

JXC = Path(__file__).parents[1] / "app_templates" / "jxc"
BIN = Path(sys.executable).parent
PASSWORD = "a demo of Dajian for tests"
START_SECONDS = 120
STOP_SECONDS = 30


@dataclass(frozen=True)
class LiveServer:
    """A running server: where it answers, what it stands on, and its command line."""

    url: str
    database_url: str
    home: Path
    password: str
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def log(self) -> str:
        """What the server has said so far."""
        return (self.home / "server.log").read_text(errors="replace")

    def dajian(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `dajian …` on the server's database; a test looks at the exit status itself."""
        return subprocess.run(
            [str(BIN / "dajian"), *words],
            env=self.environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip


def environment_of(database_url: str, home: Path, **more: str) -> dict[str, str]:
    """An environment in which `dajian` sees this database and nothing of the person's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DAJIAN_")}
    return kept | {
        "DAJIAN_HOME": str(home),
        "DAJIAN_DATABASE": database_url,
        "DAJIAN_DEMO_PASSWORD": PASSWORD,
        "DAJIAN_UNSAFE_DATABASE": "1",  # the throw-away PostgreSQL runs without fsync
        **more,
    }


def wait_until(condition: Callable[[], bool], what: str, seconds: int = 60) -> None:
    """Return when the condition holds; fail when it does not in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def is_ready(url: str) -> bool:
    """Whether the server and its database answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with contextlib.closing(opener.open(f"{url}/readyz", timeout=5)) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything it started."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def started(
    words: list[str], environment: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A `dajian` command in a process group of its own; ended with all its children."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(BIN / "dajian"), *words],
            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        stop(process)


@contextlib.contextmanager
def serving(database_url: str, home: Path, *options: str, **more: str) -> Iterator[LiveServer]:
    """A server with demo data on this database, ready to answer."""
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = environment_of(database_url, home, **more)
    log = home / "server.log"
    words = ["serve", "--demo", "--port", str(port), *options]
    with started(words, environment, log) as process:
        until = time.monotonic() + START_SECONDS
        while not is_ready(url):
            said = log.read_text(errors="replace")[-4000:]
            assert process.poll() is None, f"the server ended by itself:\n{said}"
            assert time.monotonic() < until, f"the server is not ready in time:\n{said}"
            time.sleep(0.1)
        yield LiveServer(url, database_url, home, PASSWORD, process, environment)


def demo_of_today(url: str) -> None:
    """Fill an empty database as `serve --demo` does."""
    with opened(url) as database:
        with database.transaction() as connection:
            set_up(connection)
        load_demo(Platform(read({}), database, Catalogue()), JXC, PASSWORD, is_whole=True)


@pytest.fixture
def fresh_server(database_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    """A server that loads the demo data itself, once on each database."""
    with serving(database_url, tmp_path / "home") as server:
        yield server


@pytest.fixture
def live_server(database_url: str, prepared: Prepared, tmp_path: Path) -> Iterator[LiveServer]:
    """A server over a company with demo data of the test's own, once on each database."""
    prepared.fill(database_url, "demo of today", demo_of_today)
    with serving(database_url, tmp_path / "home") as server:
        yield server


@pytest.fixture(scope="session")
def shared_server(
    prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """One server with demo data on SQLite for all tests that only look: layout, manners, axe."""
    home = tmp_path_factory.mktemp("shared-server")
    prepared.fill(f"sqlite:///{home / 'dajian.db'}", "demo of today", demo_of_today)
    with serving(f"sqlite:///{home / 'dajian.db'}", home) as server:
        yield server


@pytest.fixture
def celery_worker(
    postgres_url: str, redis_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[dict[str, str]]:
    """A real Celery worker on an initialised PostgreSQL; yields the environment it runs in."""
    uses(request, "celery")
    environment = environment_of(postgres_url, tmp_path, DAJIAN_REDIS=redis_url)
    made = subprocess.run(
        [str(BIN / "dajian"), "init"],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with started(["worker"], environment, tmp_path / "worker.log") as process:
        yield environment
        assert process.poll() is None, (tmp_path / "worker.log").read_text()[-4000:]
