"""What can be done later: each task names one function of the room that owns it."""

from collections.abc import Mapping
from typing import Final

from runtime.infra import audit_chain, audit_proof, clock
from runtime.infra.act import SYSTEM, Act
from runtime.infra.jobs import Job, Task
from runtime.infra.strict_json import Json


def _import_rows(job: Job) -> Json:
    from runtime.exchange.jobs import import_rows  # noqa: PLC0415 - readers only where they work

    return import_rows(job)


def _export_rows(job: Job) -> Json:
    from runtime.exchange.export.jobs import export_rows  # noqa: PLC0415 - where files are made

    return export_rows(job)


def _carry_out_batch(job: Job) -> Json:
    from runtime.documents.batch.jobs import carry_out  # noqa: PLC0415 - the whole write path

    return carry_out(job)


def _recompute(job: Job) -> Json:
    from runtime.documents.recompute import recompute  # noqa: PLC0415 - the whole write path

    return recompute(job)


def _keep_anchor(job: Job) -> Json:
    from runtime.posting.anchors import keep  # noqa: PLC0415 - the kernel is heavy

    audit_chain.seal_waiting(job.database, clock.now())
    with job.reading() as act:
        kept = keep(act.connection, job.settings.anchors, act.now)
        return {**kept, "audit": audit_proof.keep(act.connection, job.settings.anchors, act.now)}


def _empty_bin(job: Job) -> Json:
    from runtime.documents.recycle import expire  # noqa: PLC0415 - the whole write path

    with job.transaction() as connection:
        return {"purged": expire(Act(connection, SYSTEM, clock.now()))}


def _deliver_webhooks(job: Job) -> Json:
    from runtime.webhooks import deliver  # noqa: PLC0415 - reads records with everything they need

    return deliver(job)


def _sweep_outbox(job: Job) -> Json:
    from runtime.webhooks import sweep  # noqa: PLC0415 - as above

    return sweep(job)


TASKS: Final[Mapping[str, Task]] = {
    "exchange.import_rows": _import_rows,
    "exchange.export_rows": _export_rows,
    "documents.batch": _carry_out_batch,
    "documents.recompute": _recompute,
    "daily.keep_anchor": _keep_anchor,
    "daily.sweep_outbox": _sweep_outbox,
    "webhooks.deliver": _deliver_webhooks,
    "daily.empty_bin": _empty_bin,
}
