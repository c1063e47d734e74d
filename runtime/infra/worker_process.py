"""The worker without Redis: looks for due jobs, runs them, and dies with its parent."""

import os
import signal
import threading
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

import structlog

from runtime.infra import (
    audit_chain,
    clock,
    files,
    invitations,
    notices,
    queue,
    requests,
    sessions,
    statistics,
)
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import AppError
from runtime.infra.jobs import Task, run_one
from runtime.infra.settings import Settings

STANDARD_INPUT: Final = 0
PAUSE_SECONDS: Final = 0.3
BROKEN_PAUSE_SECONDS: Final = 3.0
HOUSEKEEPING: Final = timedelta(minutes=10)
SEALING: Final = timedelta(minutes=1)
# Tasks that are asked for by the clock, once a day.
DAILY: Final = "daily."
log: Final = structlog.get_logger("worker")


def work(database: Database, settings: Settings, tasks: Mapping[str, Task]) -> None:
    """Run jobs one after the other until a signal asks to stop; a job in hand is finished."""
    stop = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop.set())
    log.info("worker_ready", tasks=sorted(tasks))
    cleaned = sealed = clock.now() - HOUSEKEEPING
    while not stop.is_set():
        try:
            busy = _is_due(database) and run_one(database, settings, tasks)
            if clock.now() - sealed >= SEALING:
                sealed = clock.now()
                audit_chain.seal_waiting(database, sealed)
            if clock.now() - cleaned >= HOUSEKEEPING:
                cleaned = clock.now()
                keep_house(database, settings, tasks)
        except Exception:  # a database that is away for a while comes back
            log.exception("worker_stumbled")
            stop.wait(BROKEN_PAUSE_SECONDS)
            continue
        if not busy:
            stop.wait(PAUSE_SECONDS)


def keep_house(database: Database, settings: Settings, tasks: Iterable[str]) -> None:
    """Remove what is over: sessions, sign-in attempts, remembered answers, orphaned files.

    Let SQLite look at what has grown.

    Then ask for what is done once a day, if nobody did today.
    """
    with database.transaction() as connection:
        sessions.sweep(connection, settings, clock.now())
        requests.sweep(connection, clock.now())
        notices.sweep(connection, clock.now())
        invitations.sweep(connection, clock.now())
        daily = [name for name in tasks if name.startswith(DAILY)]
        queue.enqueue_daily(Act(connection, SYSTEM, clock.now()), daily)
    queue.announce(settings.redis, queue.quiet_jobs())
    with database.reading() as connection:
        files.sweep(connection, settings, clock.now())
    if tables := statistics.look(database):
        log.info("tables_looked_at", tables=tables)


def ring_again(database: Database, settings: Settings) -> int:
    """Announce jobs whose message got lost; the rows are the truth, Redis only the bell."""
    with database.reading() as connection:
        lost = queue.silent(connection)
    queue.announce(settings.redis, lost)
    return len(lost)


def die_with_parent() -> None:
    """End this process when the one that started it is gone: its end of our standard input closes.

    A job in hand keeps its row; after the lease it is due again.
    """

    def watch() -> None:
        # Not through sys.stdin: its lock, held here, would break an ordinary end of the process.
        while os.read(STANDARD_INPUT, 1):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _is_due(database: Database) -> bool:
    try:
        with database.reading() as connection:
            return queue.waiting(connection)[0] > 0
    except AppError:
        return False
