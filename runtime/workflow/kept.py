"""Runs as the database keeps them: their rows, each with its log, in one statement."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, select

from runtime.infra.act import Act
from runtime.workflow.tables import definitions, events, instances

_HEAD: Final = (
    "id", "app", "form", "record_id", "round", "definition_id", "state", "initiator_id",
    "started_at", "ended_at", "kind", "depth",
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """The row of a run, and its log from the first event on: `event`, `body`, `at`, `actor_id`."""

    head: Row[Any]
    log: tuple[Row[Any], ...]


def read_logs(act: Act, *which: ColumnElement[bool]) -> Iterator[Kept]:
    """The runs to which all of it applies, the first one of a document first.

    A run's row is short beside its log, and a way to the database costs more than saying it again.
    """
    query: Select[Any] = (
        select(
            *(instances.c[name] for name in _HEAD),
            definitions.c.digest,
            definitions.c.code,
            events.c.kind.label("event"),
            events.c.body,
            events.c.at,
            events.c.actor_id,
        )
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .join(events, events.c.instance_id == instances.c.id, isouter=True)
        .where(*which)
        .order_by(instances.c.round, instances.c.id, events.c.seq)
    )
    rows = act.connection.execute(query).all()
    for _run_id, own in groupby(rows, key=lambda row: row.id):
        told = tuple(own)
        # A run that has just begun has no event yet.
        yield Kept(told[0], tuple(row for row in told if row.event is not None))
