"""A list as of a past moment: the records there were then, each played back from its audit.

Whose records they are is asked of today, as it is for a single one: the condition of a grant reads
the row that is there. So a record that has been deleted since is told only to those who see all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from runtime import access
from runtime.compile.model import Form
from runtime.documents.playback import line_ids, past_record, played
from runtime.documents.versions import told_of
from runtime.infra.act import Act
from runtime.infra.audit import AuditEntry, audit_table
from runtime.query import Record, records_by_id
from runtime.query.record import for_actor


@dataclass(frozen=True)
class Past:
    """A page of records as they were; the next one begins behind the id `after`, 0 at the end."""

    records: tuple[Record, ...]
    after: int = 0


def listed_as_of(act: Act, form: Form, moment: datetime, *, after: int = 0, size: int = 50) -> Past:
    """Return the records of a form that were there at a moment, by their ids.

    So many are looked at as a page has; the page is shorter where some of them were not there then.
    """
    access.require(act.actor, "view", form)
    ids = _candidates(act, form, moment, after, size + 1)
    looked = ids[:size]
    living = records_by_id(act.connection, form, looked)
    stories = told_of(act, form, looked)
    found: list[Record] = []
    for key in looked:
        now, entries = living.get(key), stories.get(key, [])
        if now is None and (not entries or entries[0].action != "create"):
            # What it began as stands nowhere any more.
            continue
        now = now or _gone(form, key, entries)
        then, state = played(form, now, entries, moment, None)
        if then.exists:
            past = past_record(now, then, line_ids(form, now, state))
            found.append(for_actor(act, past))
    return Past(tuple(found), looked[-1] if len(ids) > size else 0)


def _candidates(act: Act, form: Form, moment: datetime, after: int, most: int) -> list[int]:
    """Ids of records that may have been there: those that are, and those deleted since."""
    columns = form.table.c
    mine = access.row_condition(act.actor, form)
    living = select(columns.id).where(columns.id > after, columns.created_at <= moment)
    if mine is not None:
        living = living.where(mine)
    ids = set(act.connection.execute(living.order_by(columns.id).limit(most)).scalars())
    if mine is None:
        told = audit_table.c
        is_there = exists().where(columns.id == told.record_id)
        gone = (
            select(told.record_id)
            .where(told.form == f"{form.app_code}.{form.code}", told.record_id > after)
            .where(told.action == "delete", told.at > moment, ~is_there)
            .distinct()
        )
        ids |= set(act.connection.execute(gone.order_by(told.record_id).limit(most)).scalars())
    return sorted(ids)[:most]


def _gone(form: Form, record_id: int, entries: list[AuditEntry]) -> Record:
    """What stands for a record that is gone: who made it and when, and no value."""
    first, last = entries[0], entries[-1]
    empty: Mapping[str, Any] = {}
    return Record(
        form=form,
        id=record_id,
        version=len(entries),
        status="",
        values=empty,
        lines={table.code: () for table in form.lines},
        created_by=first.user_id,
        created_at=first.at,
        updated_by=last.user_id,
        updated_at=last.at,
    )
