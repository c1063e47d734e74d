"""Who may do what to which form, row and field. Knows no web; nothing is allowed without a grant.

The grants of all roles of a person add up: one that allows is enough, and a field is hidden only
when every grant that lets them view the form hides it. Administrators may do everything.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Text,
    column,
    exists,
    false,
    or_,
    select,
    table,
)

from runtime.compile.field import Field
from runtime.compile.model import App, Form, LineTable
from runtime.definitions import GrantDef
from runtime.definitions.role import RowScope
from runtime.infra import departments
from runtime.infra.act import Actor
from runtime.infra.errors import Forbidden

EVERY_FORM: Final = "*"
READING: Final = frozenset({"view", "export"})

# What the row rule needs of the workflow's tasks; the table itself belongs to `workflow`, above.
_tasks: Final = table(
    "s_workflow_task",
    column("app", Text),
    column("form", Text),
    column("record_id", BigInteger),
    column("user_id", BigInteger),
)


def may(actor: Actor, verb: str, form: Form) -> bool:
    """Say whether somebody may do this to any record of the form at all.

    An aggregate table follows from what is done elsewhere: nobody writes it, whoever they are.
    """
    if form.aggregate is not None and verb not in READING:
        return False
    return actor.is_admin or any(_grants(actor, verb, form))


def require(actor: Actor, verb: str, form: Form) -> None:
    """Refuse what the actor may not do; always before anything is read or written."""
    if not may(actor, verb, form):
        raise Forbidden("form_forbidden", {"verb": verb, "form": form.label.zh})


def row_condition(actor: Actor, form: Form, verb: str = "view") -> ColumnElement[bool] | None:
    """The records on which somebody may do this; None is all of them.

    Who was asked to approve a document may view it, whoever made it.
    """
    if actor.is_admin:
        return None
    scopes = {grant.rows for grant in _grants(actor, verb, form)}
    if "all" in scopes:
        return None
    if not scopes or actor.user_id is None:
        return false()
    allowed = [_in_scope(form, actor.user_id, scope) for scope in sorted(scopes)]
    return or_(*allowed, _was_asked(actor, form)) if verb == "view" else or_(*allowed)


def _in_scope(form: Form, user_id: int, scope: RowScope) -> ColumnElement[bool]:
    """The records of the people and departments that a scope reaches; one's own are always among.

    A record is of whoever made it, and of whom a field names whose author says so (`owner`).
    """
    persons = [form.table.c.created_by, *_owners(form, "user")]
    own = or_(*(column == user_id for column in persons))
    if scope == "own":
        return own
    people = departments.people(user_id, scope)
    places = departments.reached(user_id, scope)
    return or_(
        own,
        *(column.in_(people) for column in persons),
        *(column.in_(places) for column in _owners(form, "department")),
    )


def _owners(form: Form, kind: str) -> Iterator[Column[Any]]:
    for field in form.fields:
        if field.kind.kind == kind and field.options.get("owner") and field.column is not None:
            yield field.column


def visible_fields(actor: Actor, form: Form) -> tuple[Field, ...]:
    """The fields of the header that somebody may read; `fixed_fields` says what they may not write.

    Every list, filter, search, export, print and history takes its fields from here.
    """
    hidden = _hidden(actor, form)
    return tuple(field for field in form.fields if field.code not in hidden)


def visible_line_fields(actor: Actor, form: Form, lines: LineTable) -> tuple[Field, ...]:
    """The fields of a line table that somebody may read: `lines.price` hides one."""
    hidden = _hidden(actor, form)
    if lines.code in hidden:
        return ()
    return tuple(field for field in lines.fields if f"{lines.code}.{field.code}" not in hidden)


def fixed_fields(actor: Actor, form: Form, verb: str) -> frozenset[str]:
    """The paths (`price`, `lines.price`, `lines`) somebody may not fill in when they do this.

    A field may be filled in by whoever has a grant to do so that neither hides nor locks it.
    """
    if actor.is_admin:
        return frozenset()
    grants = [grant.readonly | grant.hidden for grant in _grants(actor, verb, form)]
    return frozenset.intersection(*grants) if grants else frozenset()


def may_see_stock(actor: Actor, app: App) -> bool:
    """Say whether stock is somebody's business: they see some document that moves it."""
    return any(form.posting and may(actor, "view", form) for form in app.forms.values())


def may_see_cost(actor: Actor, app: App) -> bool:
    """Say whether cost is somebody's business: they see what goods were received for."""
    return any(
        form.posting is not None
        and form.posting.command == "receive"
        and may(actor, "view", form)
        and _sees(actor, form, form.posting.amount or form.posting.unit_cost or "")
        for form in app.forms.values()
    )


def _sees(actor: Actor, form: Form, path: str) -> bool:
    hidden = _hidden(actor, form)
    return bool(path) and path not in hidden and path.partition(".")[0] not in hidden


def _hidden(actor: Actor, form: Form) -> frozenset[str]:
    if actor.is_admin:
        return frozenset()
    hiding = [grant.hidden for grant in _grants(actor, "view", form)]
    if not hiding:
        return frozenset(form.by_code)
    return frozenset.intersection(*hiding)


def _grants(actor: Actor, verb: str, form: Form) -> Iterator[GrantDef]:
    for code in actor.roles:
        role = form.roles.get(code)
        for grant in role.grants if role else ():
            if grant.form in (EVERY_FORM, form.code) and verb in grant.verbs:
                yield grant


def _was_asked(actor: Actor, form: Form) -> ColumnElement[bool]:
    return exists(
        select(_tasks.c.record_id).where(
            _tasks.c.app == form.app_code,
            _tasks.c.form == form.code,
            _tasks.c.record_id == form.table.c.id,
            _tasks.c.user_id == actor.user_id,
        )
    )
