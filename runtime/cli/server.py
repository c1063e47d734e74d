"""Commands that run the product: serve, init, worker, scheduler."""

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import click
import structlog

from runtime.cli.output import database_option, say, say_finding, settings_of
from runtime.infra import log, schema, self_check
from runtime.infra.db import Database
from runtime.infra.jobs import Task
from runtime.infra.settings import Settings

HEAD_START_SECONDS: Final = 1.5
RESTART_SECONDS: Final = 2.0
STOP_SECONDS: Final = 20.0
BLOCKING_THREADS: Final = 2
MOST_PROCESSES: Final = 4
# People at the screens come first, also while everything starts at once.
BEHIND_SCREENS: Final = 5


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@database_option
def serve(host: str | None, port: int | None, database: str | None) -> None:
    """Serve the published apps."""
    run_server(settings_of(database, host=host, port=port), "runtime.app:serve", "runtime.cli")


@click.command()
@click.option("--owner-url", metavar="URL", help="PostgreSQL: who may make roles and tables.")
@database_option
def init(owner_url: str | None, database: str | None) -> None:
    """Make or upgrade the system tables."""
    settings = settings_of(database)
    if owner_url:
        from runtime.cli.owner import make_roles  # noqa: PLC0415 - PostgreSQL only

        make_roles(owner_url, settings.database)
    else:
        prepare(settings)
    say(f"{schema.VERSION}: {Database(settings.database).url.render_as_string()}")


@click.command()
@click.option("--attached", is_flag=True, hidden=True, help="End with the process that started it.")
@click.option("--concurrency", type=int, default=2, help="With Redis: jobs at once.")
@database_option
@click.pass_context
def worker(ctx: click.Context, attached: bool, concurrency: int, database: str | None) -> None:  # noqa: FBT001 - an option
    """Run jobs: with Redis as a Celery worker, without by looking for them."""
    settings = settings_of(database)
    log.configure(settings.log_level)
    if attached:
        os.nice(BEHIND_SCREENS)
    from runtime.platform import open_database  # noqa: PLC0415 - loads the whole runtime

    tasks = (ctx.obj or _runtime_tasks)()
    if settings.redis:
        from runtime.infra.celery_worker import run_worker  # noqa: PLC0415 - only with Redis

        run_worker(settings, tasks, open_database, concurrency)
        return
    from runtime.infra import worker_process  # noqa: PLC0415 - not for every command

    if attached:
        worker_process.die_with_parent()
    worker_process.work(open_database(settings.database), settings, tasks)


@click.command()
@database_option
def scheduler(database: str | None) -> None:
    """With Redis: ring again for lost jobs and keep the house clean."""
    settings = settings_of(database)
    log.configure(settings.log_level)
    if not settings.redis:
        raise click.UsageError("DAJIAN_REDIS")
    from runtime.infra.celery_worker import run_scheduler  # noqa: PLC0415 - only with Redis

    run_scheduler(settings)


def prepare(settings: Settings) -> None:
    """Bring system and kernel tables up to date; refuses those of a later program."""
    database = Database(settings.database)
    if not schema.is_current(database):
        from runtime.platform import set_up  # noqa: PLC0415 - loads the whole runtime

        with database.transaction() as connection:
            set_up(connection)
    database.dispose()


def run_server(
    settings: Settings, target: str, module: str, ready: Callable[[Settings], None] | None = None
) -> None:
    """Check, prepare, then serve until a signal; `ready` runs between (demo data)."""
    log.configure(settings.log_level)
    warnings = self_check.demand(self_check.of_settings(settings))
    prepare(settings)
    database = Database(settings.database)
    warnings += self_check.demand(self_check.of_database(database, settings))
    database.dispose()
    for finding in warnings:
        say_finding(finding)
    if ready is not None:
        ready(settings)
    os.environ["HOST"], os.environ["PORT"] = settings.host, str(settings.port)
    os.environ["DAJIAN_PUBLIC_URL"] = settings.public_url
    say(f"Dajian: {settings.public_url}")
    if settings.redis:
        _serve_web(settings, target)
        return
    with _worker_beside(module):
        _serve_web(settings, target)


def _serve_web(settings: Settings, target: str) -> None:
    from granian import Granian  # noqa: PLC0415 - only to serve
    from granian.constants import Interfaces  # noqa: PLC0415

    # Fresh processes: nothing of ours, no connection and no thread, is shared by a fork.
    multiprocessing.set_start_method("spawn", force=True)
    processes = settings.processes or min(os.cpu_count() or 1, MOST_PROCESSES)
    Granian(
        target,
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=processes,
        blocking_threads=BLOCKING_THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_enabled=False,
    ).serve()


@contextmanager
def _worker_beside(module: str) -> Iterator[None]:
    """Keep a worker running beside the server: started again when it dies, gone when we go."""
    over = threading.Event()
    current: list[subprocess.Popen[bytes]] = []

    def watch() -> None:
        # The web comes first: a start is measured by when a page comes.
        over.wait(HEAD_START_SECONDS)
        while not over.is_set():
            child = _start_worker(module)
            current[:] = [child]
            child.wait()
            if not over.wait(RESTART_SECONDS):
                structlog.get_logger("serve").error("worker_ended", status=child.returncode)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        for child in current:
            child.terminate()
            _wait(child)


def _start_worker(module: str) -> "subprocess.Popen[bytes]":
    # It reads our end of this pipe; when we are gone, however we went, it ends.
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", module, "worker", "--attached"], stdin=subprocess.PIPE
    )


def _wait(child: "subprocess.Popen[bytes]") -> None:
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _runtime_tasks() -> Mapping[str, Task]:
    from runtime.tasks import TASKS  # noqa: PLC0415 - not for every command

    return TASKS
