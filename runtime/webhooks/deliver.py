"""Delivering: one webhook's parcels in order, until they are taken, withheld or given up."""

import random
import time
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from runtime.catalogue import Catalogue
from runtime.infra import clock, egress, outbox, strict_json, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.egress import EgressError, Way
from runtime.infra.jobs import Job
from runtime.infra.outbox import Attempt, Parcel, webhook_table
from runtime.infra.strict_json import Json
from runtime.webhooks import signing
from runtime.webhooks.payload import payload

# A run makes place for other work after this long.
BUDGET_SECONDS: Final = 30.0
ATTEMPTS: Final = 8
FIRST_PAUSE: Final = 10
LONGEST_PAUSE: Final = 6 * 3600
GONE: Final = 410
# After these nobody is there: what else waits for the same receiver need not try.
AWAY: Final = frozenset(
    {
        "egress_address",
        "egress_inside",
        "egress_scheme",
        "egress_timeout",
        "egress_tls",
        "egress_unreachable",
    }
)
log: Final = structlog.get_logger("webhooks")


@dataclass(frozen=True)
class _Ready:
    """A parcel in hand, packed and addressed; without a body it is not to be sent."""

    parcel: Parcel
    url: str
    body: bytes | None
    secret: str | None


def deliver(job: Job) -> Json:
    """Send what is due to one webhook; a failed attempt is made again later, in another job."""
    webhook_id, catalogue = int(job.kwargs["webhook"]), Catalogue()
    way = Way(egress.named(job.settings.egress))
    began, told = time.monotonic(), 0
    while (ready := _next(job, catalogue, webhook_id)) is not None:
        went = _send(ready, way)
        told += went.error == ""
        if not _settle(job, ready, went):
            break
        if time.monotonic() - began > BUDGET_SECONDS:
            _ask_again(job, webhook_id, 0)
            break
    return {"told": told}


def sweep(job: Job) -> Json:
    """Forget what was over long ago, and take up what was left lying."""
    with job.transaction() as connection:
        return {"forgotten": outbox.sweep(_act(job, connection))}


def _next(job: Job, catalogue: Catalogue, webhook_id: int) -> _Ready | None:
    """Take the next parcel and read what it says, with the rights its owner has now."""
    with job.transaction() as connection:
        query = select(webhook_table).where(webhook_table.c.id == webhook_id)
        webhook = connection.execute(query).first()
        if webhook is None or not webhook.is_active:
            return None
        parcel = outbox.claim(connection, webhook_id)
    if parcel is None:
        return None
    with job.database.reading() as connection:
        owner = users.find(connection, webhook.owner_id)
        said: dict[str, Any] | None = None
        if owner is not None and not owner.is_disabled:
            act = Act(connection, owner.actor("api"), clock.now(), parcel.request_id)
            said = payload(act, catalogue, parcel)
    key = signing.key_of(job.settings, webhook.key_print)
    secret = None if key is None else signing.secret(key, webhook.salt)
    body = None if said is None else strict_json.dumps(said).encode()
    return _Ready(parcel, webhook.url, body, secret)


def _send(ready: _Ready, way: Way) -> Attempt:
    """Make one attempt, outside of any transaction."""
    number, now, began = ready.parcel.attempt, clock.now(), time.monotonic()
    status, error = None, ""
    if ready.body is None:
        error = "webhook_withheld"
    elif ready.secret is None:
        error = "webhook_key_lost"
    else:
        try:
            status = egress.post(ready.url, ready.body, _headers(ready, int(now.timestamp())), way)
            error = "" if 200 <= status < 300 else "webhook_answered"
        except EgressError as failure:
            error = failure.code
    took = round((time.monotonic() - began) * 1000)
    return Attempt(number, now, status, error, took)


def _headers(ready: _Ready, timestamp: int) -> dict[str, str]:
    assert ready.body is not None
    assert ready.secret is not None
    delivery = ready.parcel.delivery
    return {
        "Content-Type": "application/json",
        "User-Agent": "Dajian-Webhook/1",
        "webhook-id": delivery,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signing.signature(ready.secret, delivery, timestamp, ready.body),
    }


def _settle(job: Job, ready: _Ready, went: Attempt) -> bool:
    """Write down how it went; False when there is nothing more to do for this webhook now."""
    parcel = ready.parcel
    if went.error in {"", "webhook_withheld"}:
        state = "delivered" if not went.error else "withheld"
        with job.transaction() as connection:
            return outbox.settle(connection, parcel, went, state)
    log.warning("webhook_failed", id=parcel.id, attempt=went.number, error=went.error)
    if went.number >= ATTEMPTS or went.status == GONE or went.error == "webhook_key_lost":
        with job.transaction() as connection:
            return outbox.settle(connection, parcel, went, "dead")
    pause = pause_after(went.number)
    with job.transaction() as connection:
        outbox.settle(connection, parcel, went, "waiting", pause=pause)
        if went.error in AWAY:
            outbox.postpone(connection, parcel.webhook_id, pause)
    _ask_again(job, parcel.webhook_id, pause + 1)
    return went.error not in AWAY


def pause_after(attempt: int) -> int:
    """Return for how many seconds to wait: four times longer each time, never all at once."""
    pause: int = min(FIRST_PAUSE * 4 ** (attempt - 1), LONGEST_PAUSE)
    # Receivers that come back are not met by everything in the same second.
    return pause + random.randrange(max(pause // 4, 1))  # noqa: S311 - no secret


def _ask_again(job: Job, webhook_id: int, pause: int) -> None:
    with job.transaction() as connection:
        outbox.wake(_act(job, connection), webhook_id, delay=max(pause, 1))


def _act(job: Job, connection: Connection) -> Act:
    return Act(connection, SYSTEM, clock.now(), job.row.request_id)
