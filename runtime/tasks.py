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


def _import_all(job: Job) -> Json:
    from runtime.exchange.jobs import import_all  # noqa: PLC0415 - as above

    return import_all(job)


def _undo_import(job: Job) -> Json:
    from runtime.exchange.jobs import undo_import  # noqa: PLC0415 - as above

    return undo_import(job)


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


def _forget_keys(job: Job) -> Json:
    from runtime.documents.idempotency import forget  # noqa: PLC0415 - the whole write path

    with job.transaction() as connection:
        return {"forgotten": forget(Act(connection, SYSTEM, clock.now()))}


def _deliver_webhooks(job: Job) -> Json:
    from runtime.webhooks import deliver  # noqa: PLC0415 - reads records with everything they need

    return deliver(job)


def _sweep_outbox(job: Job) -> Json:
    from runtime.webhooks import sweep  # noqa: PLC0415 - as above

    return sweep(job)


def _write_mail(job: Job) -> Json:
    from runtime.notices import deliver  # noqa: PLC0415 - reads records with everything they need

    return deliver(job)


def _tick(job: Job) -> Json:
    from runtime.documents.flows.clock import tick  # noqa: PLC0415 - the whole write path

    return tick(job)


def _automate(job: Job) -> Json:
    from runtime.documents.flows.jobs import automate  # noqa: PLC0415 - as above

    return automate(job)


def _retry_flow(job: Job) -> Json:
    from runtime.documents.flows.jobs import again  # noqa: PLC0415 - as above

    return again(job)


def _flow_clock(job: Job) -> Json:
    from runtime.documents.flows.schedule import look  # noqa: PLC0415 - as above

    return look(job)


def _flow_house(job: Job) -> Json:
    from runtime.documents.flows.schedule import keep_house  # noqa: PLC0415 - as above

    return keep_house(job)


def _call(job: Job) -> Json:
    from runtime.documents.flows.clock import call  # noqa: PLC0415 - as above

    return call(job)


TASKS: Final[Mapping[str, Task]] = {
    "exchange.import_rows": _import_rows,
    "exchange.import_all": _import_all,
    "exchange.undo_import": _undo_import,
    "exchange.export_rows": _export_rows,
    "documents.batch": _carry_out_batch,
    "documents.recompute": _recompute,
    "daily.keep_anchor": _keep_anchor,
    "daily.sweep_outbox": _sweep_outbox,
    "webhooks.deliver": _deliver_webhooks,
    "mail.tell": _write_mail,
    "flows.tick": _tick,
    "flows.call": _call,
    "flows.automate": _automate,
    "flows.retry": _retry_flow,
    "flows.clock": _flow_clock,
    "daily.flows": _flow_house,
    "daily.empty_bin": _empty_bin,
    "daily.forget_keys": _forget_keys,
}
