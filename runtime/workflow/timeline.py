"""The story of a document's approvals: who was asked when, what they said, how long it took."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from runtime.definitions import Label
from runtime.infra.act import Act
from runtime.workflow.dossier import Dossier
from runtime.workflow.instances import Subject
from runtime.workflow.kept import Kept
from runtime.workflow.tables import events, instances

# What was said without answering a task, and is part of the story.
_TOLD = {"noted", "withdrawn", "terminated", "reactivated", "taken_back", "added", "removed"}


@dataclass(frozen=True)
class Entry:
    """One task of a round, or (without a task) something else that was done."""

    step: str
    label: Label
    user_id: int | None
    state: str
    comment: str
    opened_at: datetime
    closed_at: datetime | None = None
    visit: int = 0
    task_id: int | None = None
    reason: str = ""
    for_id: int | None = None
    # Signature, attachments, the version that was seen; whom a task went to.
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> int | None:
        """How long it took; None while it is open."""
        if self.closed_at is None:
            return None
        return int((self.closed_at - self.opened_at).total_seconds())


@dataclass(frozen=True)
class Round:
    """One time a document went through its flow."""

    instance_id: int
    number: int
    state: str
    initiator_id: int | None
    started_at: datetime
    ended_at: datetime | None
    entries: tuple[Entry, ...]


def rounds(act: Act, app: str, form: str, record_id: int) -> tuple[Round, ...]:
    """Every round of a document, the first one first. Who may read it is the caller's to ask."""
    return rounds_of(Dossier(act, Subject(app, form, record_id)))


def rounds_of(dossier: Dossier) -> tuple[Round, ...]:
    """Every round a dossier tells of."""
    return tuple(_round(dossier, each) for each in dossier.approvals)


def files_of(act: Act, app: str, form: str, record_id: int) -> frozenset[int]:
    """The files people vouched with for their answers about a document."""
    query = (
        select(events.c.body)
        .join(instances, instances.c.id == events.c.instance_id)
        .where(
            instances.c.app == app,
            instances.c.form == form,
            instances.c.record_id == record_id,
            events.c.kind == "decided",
        )
    )
    told = (body.get("more", {}) for body in act.connection.execute(query).scalars())
    return frozenset(
        key
        for more in told
        for key in (*more.get("attachments", ()), *filter(None, [more.get("signature")]))
    )


def _round(dossier: Dossier, kept: Kept) -> Round:
    head, told = kept.head, kept.log
    answers = {
        (each.body["visit"], each.body["user"]): each.body.get("more", {})
        for each in told
        if each.event == "decided"
    }
    entries = [
        Entry(
            step=each.step,
            label=each.step_label,
            user_id=each.user_id,
            state=each.state,
            comment=each.comment,
            opened_at=each.opened_at,
            closed_at=each.closed_at,
            visit=each.visit,
            task_id=each.task_id,
            reason=each.reason,
            for_id=each.for_id,
            more=answers.get((each.visit, each.user_id), {}),
        )
        for each in dossier.of_run(head.id)
    ]
    entries += [_other(each) for each in told if each.event in _TOLD]
    entries.sort(key=lambda entry: entry.opened_at)
    return Round(
        instance_id=head.id,
        number=head.round,
        state=head.state,
        initiator_id=head.initiator_id,
        started_at=head.started_at,
        ended_at=head.ended_at,
        entries=tuple(entries),
    )


def _other(row: Any) -> Entry:
    """Something that was done beside the tasks: reminded, copied, withdrawn, added, …"""
    kind = row.body.get("kind", row.event) if row.event == "noted" else row.event
    said = str(row.body.get("comment") or row.body.get("reason") or "")
    more = {key: row.body[key] for key in ("to_id", "added_id", "where") if key in row.body}
    return Entry(
        step="",
        label=Label(kind),
        user_id=row.actor_id,
        state=kind,
        comment=said,
        opened_at=row.at,
        closed_at=row.at,
        visit=int(row.body.get("visit", 0)),
        more={**more, **row.body.get("more", {})},
    )
