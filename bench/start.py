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
from collections.abc import Iterator
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


def measure(size: str) -> Iterator[Ratio]:
    """Both databases: seconds to /readyz, megabytes of the largest web process and of all."""
    for kind in KINDS:
        with fresh(kind) as address, TemporaryDirectory(prefix="dajian-bench-") as home:
            environment = _environment(address, home)
            # The first start makes tables, the app and demo data.
            _start_and_stop([*_serve(), "--demo"], environment)
            runs = [_start_and_stop(_serve(), environment) for _ in range(STARTS[size])]
            seconds = statistics.median(run[0] for run in runs)
            largest = statistics.median(run[1] for run in runs)
            everything = statistics.median(run[2] for run in runs)
            yield Ratio(
                "start to /readyz, app installed", kind, "s", seconds, goal=SECONDS_TO_START
            )
            yield Ratio("largest web process, idle (PSS)", kind, "MB", largest, goal=MEGABYTES_IDLE)
            yield Ratio("all its processes, idle (PSS)", kind, "MB", everything)


def _environment(address: str, home: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DAJIAN_")}
    return kept | {
        "DAJIAN_HOME": home,
        "DAJIAN_DATABASE": address,
        "DAJIAN_DEMO_PASSWORD": "a demo for benchmarks",
    }


def _serve() -> list[str]:
    return [DAJIAN, "serve", "--port", str(free_port())]


def _start_and_stop(command: list[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds to the first good answer of /readyz; megabytes of the largest and of all."""
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
        seconds = time.perf_counter() - began
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
    return seconds, max(held), sum(held)


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
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if os.getsid(int(folder.name)) != session:
                continue
            lines = (folder / "smaps_rollup").read_text().splitlines()
            pss = next(line.split()[1] for line in lines if line.startswith("Pss:"))
            found.append(int(pss) / MEGABYTE)
    assert found, "the server has processes"
    return found
