"""The worker and the scheduler of deployments with Redis."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from runtime.infra import audit_chain, clock, queue, worker_process
from runtime.infra.celery_app import celery_app
from runtime.infra.db import Database
from runtime.infra.jobs import Task, run_one
from runtime.infra.settings import Settings

SWEEP_TASK: Final = "dajian.sweep"
CLEAN_TASK: Final = "dajian.clean"
SWEEP_SECONDS: Final = 20.0
CLEAN_SECONDS: Final = 600.0


def run_worker(
    settings: Settings,
    tasks: Mapping[str, Task],
    open_database: Callable[[str], Database],
    concurrency: int,
) -> None:
    """Run jobs as their messages come; the same functions as the embedded worker."""
    app = celery_app(settings.redis)
    _register(app, settings, tasks, open_database)
    _keep_our_log()
    arguments = ["worker", f"--concurrency={concurrency}", "--without-gossip", "--without-mingle"]
    app.worker_main([*arguments, "--loglevel=INFO"])


def run_scheduler(settings: Settings) -> None:
    """Send the sweeps. Two schedulers do no harm: a sweep only repeats what is still true."""
    app = celery_app(settings.redis)
    app.conf.beat_schedule = {
        "sweep": {"task": SWEEP_TASK, "schedule": SWEEP_SECONDS},
        "clean": {"task": CLEAN_TASK, "schedule": CLEAN_SECONDS},
    }
    _keep_our_log()
    # The plain scheduler keeps no file; what is due after a restart is due at once.
    beat: Any = app.Beat(scheduler_cls="celery.beat:Scheduler", loglevel="INFO")
    beat.run()


def _register(
    app: Celery,
    settings: Settings,
    tasks: Mapping[str, Task],
    open_database: Callable[[str], Database],
) -> None:
    databases: dict[str, Database] = {}

    def database() -> Database:
        # Opened after the fork: a connection may not be shared by processes.
        if "one" not in databases:
            databases["one"] = open_database(settings.database)
        return databases["one"]

    def run_job(job_id: int) -> None:
        run_one(database(), settings, tasks, job_id)

    # Celery reads a task's signature out of its name, so a task may not be a lambda.
    def sweep() -> None:
        worker_process.ring_again(database(), settings)
        audit_chain.seal_waiting(database(), clock.now())

    def clean() -> None:
        worker_process.keep_house(database(), settings, tasks)

    worker_process_init.connect(lambda **_: databases.clear(), weak=False)
    app.task(name=queue.TASK)(run_job)
    app.task(name=SWEEP_TASK)(sweep)
    app.task(name=CLEAN_TASK)(clean)


def _keep_our_log() -> None:
    setup_logging.connect(partial(_nothing), weak=False)


def _nothing(**_: Any) -> None:
    """Leave the logging as it is configured."""
