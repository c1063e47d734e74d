"""What has changed in a document since its reader saw it last."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from runtime import documents, query
from runtime.documents import Told
from runtime.infra import desk
from runtime.infra.act import Act
from runtime.infra.audit import audit_table
from runtime.screens.i18n import locale


@dataclass(frozen=True)
class Since:
    """The moment somebody saw a document last, and which values differ from then."""

    at: datetime
    changes: tuple[Told, ...]


def since_seen(act: Act, record: query.Record) -> Since | None:
    """Say what differs from what the actor saw; None for a document that is new to them.

    They have seen it when they did something with it, or had its page open.
    """
    moment = max(_moments(act, record), default=None)
    if moment is None or record.updated_at <= moment:
        return None
    then = documents.as_of(act, record.form, record.id, moment=moment)
    if then is None:
        return None
    changes = documents.differences(act, record.form, then, record, locale=locale())
    return Since(moment, changes) if changes else None


def _moments(act: Act, record: query.Record) -> Iterator[datetime]:
    form, me = record.form, act.actor.user_id
    columns = audit_table.c
    mine = select(func.max(columns.at)).where(
        columns.form == f"{form.app_code}.{form.code}",
        columns.record_id == record.id,
        columns.user_id == me,
    )
    done = act.connection.scalar(mine)
    if done is not None:
        yield done
    opened = desk.opened_at(act, form.app_code, form.code, record.id)
    if opened is not None:
        yield opened
