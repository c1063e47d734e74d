"""Start and memory: how soon the server is ready once all is installed, and what it holds idle."""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.databases import KINDS, fresh
from bench.ratio import Ratio
from build_tools.servers import free_port

DAJIAN = str(Path(sys.executable).parent / "dajian")
STARTS = {"quick": 3, "full": 7}
SECONDS_TO_START = 2.0
MEGABYTES_IDLE = 150.0
LONGEST_WAIT = 120
PAGES = ("/sign-in", "/healthz", "/readyz")
VISITS = 10
MEGABYTE = 1024  # smaps counts in kB


@dataclass(frozen=True)
class Started:
    """One start: seconds by the clock and by the processor, megabytes when idle."""

    seconds: float
    # Of the first process and the busiest of its children, which follow each other: what the
    # clock would show if nobody else were at work.
    processor: float
    largest: float
    everything: float


def measure(size: str) -> Iterator[Ratio]:
    """Both databases: seconds to /readyz, megabytes of the largest web process and of all."""
    for kind in KINDS:
        with fresh(kind) as address, TemporaryDirectory(prefix="dajian-bench-") as home:
            environment = _environment(address, home)
            # The first start makes tables, the app and demo data.
            _start_and_stop([*_serve(), "--demo"], environment)
            runs = [_start_and_stop(_serve(), environment) for _ in range(STARTS[size])]
            yield from _summary(kind, runs)


def _summary(kind: str, runs: Sequence[Started]) -> Iterator[Ratio]:
    for name, figure, unit, goal in (
        ("start to /readyz", "seconds", "s", SECONDS_TO_START),
        ("processor time on the way there", "processor", "s", SECONDS_TO_START),
        ("largest process, idle (PSS)", "largest", "MB", MEGABYTES_IDLE),
        ("all its processes, idle (PSS)", "everything", "MB", None),
    ):
        ours = statistics.median(getattr(run, figure) for run in runs)
        yield Ratio(name, kind, unit, ours, goal=goal)


def _environment(address: str, home: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DAJIAN_")}
    return kept | {
        "DAJIAN_HOME": home,
        "DAJIAN_DATABASE": address,
        "DAJIAN_DEMO_PASSWORD": "a demo for benchmarks",
    }


def _serve() -> list[str]:
    return [DAJIAN, "serve", "--port", str(free_port())]


def _start_and_stop(command: list[str], environment: dict[str, str]) -> Started:
    """Start a server, wait for /readyz, visit it, look at its memory, stop it."""
    port = command[command.index("--port") + 1]
    began = time.perf_counter()
    log = Path(environment["DAJIAN_HOME"]) / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_until_ready(server, log, f"http://127.0.0.1:{port}/readyz")
        seconds, processor = time.perf_counter() - began, _processor_seconds(server.pid)
        for _ in range(VISITS):
            for page in PAGES:
                _answer(f"http://127.0.0.1:{port}{page}")
        held = _megabytes(server.pid)
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    return Started(seconds, processor, max(held), sum(held))


def _wait_until_ready(server: subprocess.Popen[bytes], log: Path, address: str) -> None:
    until = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()[-2000:]
        if _answer(address):
            return
        time.sleep(0.01)
    raise TimeoutError(address)


def _answer(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with contextlib.closing(opener.open(address, timeout=10)) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def _megabytes(session: int) -> list[float]:
    """The proportional memory of every process of the server's session."""
    texts = [text for _, text in _facts(session, "smaps_rollup")]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("Pss:")]
    return [int(line.split()[1]) / MEGABYTE for line in lines]


def _processor_seconds(session: int) -> float:
    used = {
        process: sum(map(int, text.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")
        for process, text in _facts(session, "stat")
    }
    return used.pop(session) + max(used.values())


def _facts(session: int, name: str) -> list[tuple[int, str]]:
    """What the kernel tells of every process of a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(folder.name)) == session:
                found.append((int(folder.name), (folder / name).read_text()))
    assert found, "the server has processes"
    return found
