"""`make test`: checks, then every test on both databases, with Redis, Celery and Chromium."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from build_tools import seed, servers, system

ROOT = Path(__file__).resolve().parent.parent
MOST_WORKERS = 4
MOST_SECONDS_IN_FULL = 7200

# A whole run that used none of these, or skipped a test, has failed.
MUST_USE = "sqlite,postgresql,redis,celery,chromium"


def missing_packages() -> Iterator[str]:
    """Debian packages for the programs this machine lacks."""
    if not os.environ.get("TEST_POSTGRES_URL") and servers.postgres_bin() is None:
        yield "postgresql"
    if not os.environ.get("TEST_REDIS_URL") and not servers.redis_program():
        yield "redis-server"
    if system.chromium() is None:
        yield "chromium"
    if not system.has_cjk_font():
        yield "fonts-noto-cjk"
    if sys.platform == "linux" and shutil.which("strace") is None:
        yield "strace"


def environment(stack: ExitStack) -> dict[str, str]:
    """The environment of the run: where the servers are, how deep, which seed."""
    given = dict(os.environ)
    given["TEST_DEPTH"] = given.get("TEST_DEPTH") or "quick"
    given["TEST_SEED"] = str(seed.chosen(given.get("TEST_SEED", ""), given["TEST_DEPTH"]))
    # The order of sets is chance too, in the tests and in the servers they start.
    given["PYTHONHASHSEED"] = str(int(given["TEST_SEED"]) % 2**32)
    # Programs of ours that tests start read what others have compiled.
    given.pop("PYTHONDONTWRITEBYTECODE", None)
    if not given.get("TEST_POSTGRES_URL"):
        given["TEST_POSTGRES_URL"] = stack.enter_context(servers.postgres())
    if not given.get("TEST_REDIS_URL"):
        given["TEST_REDIS_URL"] = stack.enter_context(servers.redis())
    given["TEST_CHROMIUM"] = str(system.chromium())
    # The run keeps nothing of the person's own Dajian in view.
    return {name: value for name, value in given.items() if not name.startswith("DAJIAN_")}


def pytest_command(files: Path) -> list[str]:
    """How pytest is called, and where its tests write files; TEST_ARGS narrows it down."""
    workers = os.environ.get("TEST_WORKERS") or str(min(MOST_WORKERS, os.cpu_count() or 1))
    command = [sys.executable, "-m", "pytest", "-n", workers, "--dist", "worksteal"]
    command += ["--durations=12", "--durations-min=2"]
    # What a test that passed has written goes at once: it may be memory.
    command += [f"--basetemp={files / 'tests'}", "-o", "tmp_path_retention_policy=failed"]
    if os.environ.get("TEST_DEPTH") == "full":
        # Long sweeps run whole: what hangs is still ended, hours later.
        command += ["-o", f"timeout={MOST_SECONDS_IN_FULL}"]
    return command + os.environ.get("TEST_ARGS", "").split()


def run_tests() -> int:
    """Start the servers, run pytest, stop the servers."""
    with ExitStack() as stack:
        given = environment(stack)
        system.say(f"TEST_DEPTH={given['TEST_DEPTH']} TEST_SEED={given['TEST_SEED']}")
        if not given.get("TEST_ARGS"):
            given["TEST_MUST_USE"] = MUST_USE
        files = servers.open_folder("dajian-files-", within=servers.memory())
        stack.callback(shutil.rmtree, files, ignore_errors=True)
        return subprocess.run(pytest_command(files), cwd=ROOT, env=given, check=False).returncode


def main() -> int:
    """Get what is missing, check, test; 1 when either found something."""
    try:
        if packages := set(missing_packages()):
            system.install(packages)
        checked = 0
        if not os.environ.get("TEST_ARGS"):
            check = [sys.executable, "-m", "build_tools.check"]
            checked = subprocess.run(check, cwd=ROOT, check=False).returncode
        tested = run_tests()
    except (system.Missing, servers.ServerMissing) as problem:
        return system.fail(problem)
    if checked:
        system.fail("make check found faults, see above")
    return 1 if checked or tested else 0


if __name__ == "__main__":
    sys.exit(main())
