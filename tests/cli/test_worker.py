"""The worker beside the server: takes jobs, survives a broken one, goes with its parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from runtime.infra import queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from tests.conftest import Fill
from tests.live import wait_until
from tests.prepared import tables

STOP_SECONDS = 30


@pytest.fixture
def ready(database: Database, fill: Fill) -> Database:
    fill("tables", tables)
    return database


@contextmanager
def worker(database_url: str, home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a worker the way the server does."""
    environment = {**os.environ, "DAJIAN_HOME": str(home), "DAJIAN_DATABASE": database_url}
    command = [sys.executable, "-m", "builder.cli", "worker", "--attached"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as child:
        try:
            yield child
        finally:
            child.kill()


def enqueue(database: Database, now: datetime) -> int:
    """Enqueue a job that names no import: it breaks, and is put back for another try."""
    with database.transaction() as connection:
        return queue.enqueue(Act(connection, SYSTEM, now), "exchange.import_rows", {})


def attempts(database: Database, job_id: int) -> int:
    with database.reading() as connection:
        return queue.find(connection, job_id).attempt


def test_worker__takes_jobs_and_goes_with_its_parent(
    ready: Database, database_url: str, tmp_path: Path, now: datetime
) -> None:
    first = enqueue(ready, now)
    with worker(database_url, tmp_path) as child:
        wait_until(lambda: attempts(ready, first) == 1, "the worker takes the first job")
        second = enqueue(ready, now)
        wait_until(lambda: attempts(ready, second) == 1, "it is still there for the second")
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(STOP_SECONDS) == 0


def test_worker__ends_on_a_signal(
    ready: Database, database_url: str, tmp_path: Path, now: datetime
) -> None:
    job_id = enqueue(ready, now)
    with worker(database_url, tmp_path) as child:
        wait_until(lambda: attempts(ready, job_id) == 1, "the worker is at work")
        child.send_signal(signal.SIGTERM)
        assert child.wait(STOP_SECONDS) == 0
