"""What must hold before a verb goes on; each raises what a person can act on."""

import unicodedata
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from runtime import access
from runtime.compile.model import Form
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Conflict, Forbidden
from runtime.query import Record

LONGEST_COMMENT: Final = 2000
_CHUNK: Final = 500


def require_document(form: Form) -> None:
    """Master data is not submitted, approved or cancelled."""
    if not form.is_document:
        raise Conflict("not_a_document", {"form": form.label.zh})


def require_version(act: Act, form: Form, record: Record, version: int) -> None:
    """What was read must still be what is stored; otherwise say who changed it and when."""
    if record.version == version:
        return
    by = record.updated_by
    name = users.names(act.connection, [by]).get(by, "") if by is not None else "system"
    when = record.updated_at.astimezone(ZoneInfo(form.zone))
    params = {"who": name, "when": f"{when:%Y-%m-%d %H:%M}", "version": record.version}
    raise Conflict("version_conflict", params)


def require_editable(act: Act, form: Form, record: Record) -> None:
    """Drafts may be changed, and what was rejected by whoever made it."""
    if not form.is_document or record.status == "draft":
        return
    if record.status != "rejected":
        raise Conflict("not_editable", {"status": record.status})
    if act.actor.user_id != record.created_by and not act.actor.is_admin:
        raise Forbidden("rejected_is_the_makers")


def require_kept(act: Act, form: Form, record_id: int, verb: str) -> None:
    """What was written must still be among the records the writer's own condition names."""
    if not access.keeps_rows(act.actor, form, verb):
        return
    mine = access.row_condition(act.actor, form, verb)
    assert mine is not None, "where rows are kept there is a condition"
    query = select(form.table.c.id).where(form.table.c.id == record_id, mine)
    if act.connection.execute(query).first() is None:
        raise Forbidden("record_left_reach", {"form": form.label.zh})


def require_all_kept(act: Act, form: Form, ids: Sequence[int], verb: str) -> None:
    """The same of many records at once; one that is out of reach is enough to refuse."""
    if not access.keeps_rows(act.actor, form, verb):
        return
    mine = access.row_condition(act.actor, form, verb)
    assert mine is not None, "where rows are kept there is a condition"
    key = form.table.c.id
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        query = select(func.count()).select_from(form.table).where(key.in_(part), mine)
        if act.connection.execute(query).scalar_one() != len(part):
            raise Forbidden("record_left_reach", {"form": form.label.zh})


def clean_comment(text: str) -> str:
    """A comment or reason as it is kept: plain text of bounded length."""
    said = text.replace("\r\n", "\n").strip()
    if len(said) > LONGEST_COMMENT:
        raise BadRequest("comment_too_long", {"limit": LONGEST_COMMENT})
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t" for sign in said):
        raise BadRequest("comment_control_character")
    return said
