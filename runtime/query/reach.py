"""Why somebody reaches a record, or does not: grant by grant."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from runtime import access
from runtime.compile import Form
from runtime.definitions import GrantDef, RoleDef
from runtime.infra.act import Act, Actor
from runtime.infra.columns import is_key


@dataclass(frozen=True)
class Reached:
    """One grant that lets somebody do something, and whether it reaches the record asked about.

    `role` is None where it follows from a task of a flow, and `grant` is.
    """

    role: RoleDef | None
    grant: GrantDef | None
    is_reached: bool


def reached(act: Act, actor: Actor, form: Form, verb: str, record_id: int) -> Iterator[Reached]:
    """Yield every grant of a verb with whether it reaches a record, and the tasks that do."""
    for role, grant in access.granted(actor.rights, verb, form):
        condition = access.reach(actor, form, grant)
        yield Reached(role, grant, _is_there(act, form, record_id, condition))
    may_ask = verb == "view" and actor.user_id is not None and access.may(actor, "view", form)
    if may_ask and _is_there(act, form, record_id, access.was_asked(actor, form)):
        yield Reached(None, None, is_reached=True)


def exists(act: Act, form: Form, record_id: int) -> bool:
    """Say whether there is such a record for whoever asks."""
    mine = access.row_condition(act.actor, form)
    return is_key(record_id) and _is_there(act, form, record_id, mine)


def _is_there(act: Act, form: Form, record_id: int, condition: ColumnElement[bool] | None) -> bool:
    query = select(form.table.c.id).where(form.table.c.id == record_id)
    if condition is not None:
        query = query.where(condition)
    return act.connection.execute(query).first() is not None
