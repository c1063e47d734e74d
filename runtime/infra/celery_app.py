"""Celery over Redis, where it is used: a message holds a job id, JSON only, no results."""

from functools import cache
from typing import Final

from celery import Celery

VISIBILITY_SECONDS: Final = 3600


@cache
def celery_app(redis_url: str) -> Celery:
    """Return the one Celery app of a Redis address."""
    app = Celery("dajian", broker=redis_url, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=200,
        worker_max_memory_per_child=400_000,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": VISIBILITY_SECONDS},
        task_time_limit=1800,
        task_soft_time_limit=1740,
        enable_utc=True,
        timezone="UTC",
    )
    return app
