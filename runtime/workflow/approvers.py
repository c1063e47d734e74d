"""Whom a step asks: from the definition's `who` to people who are here today.

Nobody approves their own document unless the step says `"self": true`. When that leaves nobody, the
step goes to the administrators; when they too are only its authors, the act is refused, so that a
flow never waits for nobody and never approves itself.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import false, select, true

from runtime.infra import users
from runtime.infra.act import Act, Actor
from runtime.infra.errors import Conflict
from runtime.infra.users import user_table
from runtime.kinds.node_type import Approver, Step


def find(act: Act, step: Step, authors: Collection[int]) -> tuple[Approver, ...]:
    """The people a step asks, in the order of its definition; never empty.

    `authors` are who made the document, changed it or submitted it: one of them submitting for the
    other would otherwise be the way to approve one's own, and so would editing another's draft.
    """
    who: Mapping[str, Any] = step.options["who"]
    found = _without(_named(act, who), () if step.options.get("self") else authors)
    if found:
        reason = "role" if who["by"] == "role" else "user"
        return tuple(Approver(user_id, reason) for user_id in found)
    escalated = _without(_administrators(act), authors)
    if not escalated:
        raise Conflict("no_approver", {"who": _words(who)}, hint="no_approver_hint")
    return tuple(Approver(user_id, "escalated") for user_id in escalated)


def may_still_decide(step: Step, approver: Approver, actor: Actor) -> bool:
    """Whether the reason a task reached somebody still holds, with the rights they have now."""
    if approver.reason == "role":
        return step.options["who"]["role"] in actor.roles
    if approver.reason == "escalated":
        return actor.is_admin
    return True


def _named(act: Act, who: Mapping[str, Any]) -> Iterable[int]:
    if who["by"] == "role":
        return users.with_role(act.connection, who["role"])
    keys = [users.name_key(name) for name in who["users"]]
    query = select(user_table.c.name_key, user_table.c.id).where(
        user_table.c.name_key.in_(keys), user_table.c.is_disabled == false()
    )
    ids = {row.name_key: row.id for row in act.connection.execute(query)}
    return [ids[key] for key in keys if key in ids]


def _administrators(act: Act) -> Iterable[int]:
    query = select(user_table.c.id).where(
        user_table.c.is_admin == true(), user_table.c.is_disabled == false()
    )
    return act.connection.execute(query.order_by(user_table.c.id)).scalars()


def _without(user_ids: Iterable[int], excluded: Collection[int]) -> list[int]:
    return [user_id for user_id in dict.fromkeys(user_ids) if user_id not in excluded]


def _words(who: Mapping[str, Any]) -> str:
    return str(who["role"]) if who["by"] == "role" else "、".join(who["users"])
