"""Views of a list: of the definition, shared, and one's own. A view never widens rights.

What somebody may not see falls out of a view; a view whose conditions or whose layout rest on it
is not theirs at all, for its rows would tell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Column, Index, RowMapping, Text, bindparam, delete, or_, select, update

from runtime import access
from runtime.compile import Field, Form
from runtime.definitions.label import Label
from runtime.definitions.loader import part_problems
from runtime.definitions.view import ViewDef, fields_of_where, read_view, write_view
from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.columns import Flag, Instant, JsonText, Key
from runtime.infra.db import system_table
from runtime.infra.errors import Forbidden, NotFound, ValidationFailed
from runtime.infra.upsert import insert_row
from runtime.query.own_fields import own_fields
from runtime.query.page import UNSORTABLE
from runtime.query.where import STATUS, Where, place_of, read_where, where_condition

MOST_VIEWS: Final = 100

view_table: Final = system_table(
    "s_view",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("owner_id", Key()),
    Column("is_locked", Flag(), nullable=False),
    Column("source", JsonText(), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("updated_by", Key()),
    Column("updated_at", Instant(), nullable=False),
    Index("ix_s_view_app_form", "app", "form", "id"),
)

# Asked at every list, so it is put together once.
_KEPT: Final = (
    select(view_table)
    .where(
        view_table.c.app == bindparam("app"),
        view_table.c.form == bindparam("form"),
        or_(
            view_table.c.owner_id.is_(None), view_table.c.owner_id == bindparam("user", type_=Key())
        ),
    )
    .order_by(view_table.c.owner_id.is_not(None), view_table.c.id)
)


@dataclass(frozen=True)
class View:
    """A view as the actor may use it. `key` is its name in addresses, `owner_id` whose it is.

    One of the definition has no id; it and a locked one are changed by saving as another.
    """

    key: str
    definition: ViewDef
    where: Where | None = None
    id: int | None = None
    owner_id: int | None = None
    is_locked: bool = False
    may_change: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether others are offered it too."""
        return self.owner_id is None

    @property
    def label(self) -> Label:
        """What people call it."""
        return self.definition.label

    @property
    def sort(self) -> str:
        """Its order, as `PageRequest` has it."""
        keys = (f"{'-' if key.descending else ''}{key.field}" for key in self.definition.sort)
        return ",".join(keys)


def views_of(act: Act, form: Form) -> tuple[View, ...]:
    """Return the views the actor may use: the definition's, then shared ones, then their own."""
    access.require(act.actor, "view", form)
    offered = [
        View(view.code, view)
        for view in form.views
        if not view.roles or act.actor.is_admin or view.roles & act.actor.roles
    ]
    seen = (_for_actor(act, form, view) for view in (*offered, *_kept(act, form)))
    return tuple(view for view in seen if view is not None)


def view_of(act: Act, form: Form, key: str) -> View:
    """Return one view. Raises NotFound for what is not there or not theirs."""
    found = next((view for view in views_of(act, form) if view.key == key), None)
    if found is None:
        raise NotFound
    return found


def add_view(
    act: Act, form: Form, source: Mapping[str, Any], *, shared: bool = False, locked: bool = False
) -> View:
    """Keep a new view: one's own, or for everybody by who may manage the form."""
    access.require(act.actor, "view", form)
    if shared:
        access.require(act.actor, "manage", form)
    definition = _checked(act, form, source)
    if len(views_of(act, form)) >= MOST_VIEWS:
        raise ValidationFailed("views_too_many", {"most": MOST_VIEWS})
    made = insert_row(
        act.connection,
        view_table,
        {
            "app": form.app_code,
            "form": form.code,
            "owner_id": None if shared else _person(act),
            "is_locked": shared and locked,
            "source": write_view(definition),
            "created_at": act.now,
            "updated_by": act.actor.user_id,
            "updated_at": act.now,
        },
    )
    audit.write(act, "create", "view", made, {"label": definition.label.zh})
    return view_of(act, form, f"v{made}")


def change_view(
    act: Act, form: Form, key: str, source: Mapping[str, Any], *, locked: bool = False
) -> View:
    """Keep a view as it is now. Raises Forbidden for one that is not theirs to change."""
    found = _changeable(act, form, key)
    definition = _checked(act, form, source)
    act.connection.execute(
        update(view_table)
        .where(view_table.c.id == found.id)
        .values(
            source=write_view(definition),
            is_locked=found.is_shared and locked,
            updated_by=act.actor.user_id,
            updated_at=act.now,
        )
    )
    audit.write(act, "update", "view", found.id, {"label": definition.label.zh})
    return view_of(act, form, key)


def remove_view(act: Act, form: Form, key: str) -> View:
    """Take a view away; returns it, so that it can be brought back."""
    found = _changeable(act, form, key)
    act.connection.execute(delete(view_table).where(view_table.c.id == found.id))
    audit.write(act, "delete", "view", found.id, {"label": found.label.zh})
    return found


def _changeable(act: Act, form: Form, key: str) -> View:
    found = view_of(act, form, key)
    if not found.may_change:
        raise Forbidden("view_fixed")
    return found


def _person(act: Act) -> int:
    if act.actor.user_id is None:
        raise Forbidden("view_fixed")
    return act.actor.user_id


def _kept(act: Act, form: Form) -> Iterator[View]:
    asked = {"app": form.app_code, "form": form.code, "user": act.actor.user_id}
    rows = act.connection.execute(_KEPT, asked)
    manages = access.may(act.actor, "manage", form)
    for row in rows.mappings():
        yield _view(row, may_change=row["owner_id"] is not None or manages)


def _view(row: RowMapping, *, may_change: bool) -> View:
    key = f"v{row['id']}"
    definition = replace(read_view(row["source"]), code=key)
    return View(
        key=key,
        definition=definition,
        id=row["id"],
        owner_id=row["owner_id"],
        is_locked=row["is_locked"],
        may_change=may_change,
    )


def _for_actor(act: Act, form: Form, view: View) -> View | None:
    """A view without what the actor may not see, None where its rows would tell."""
    seen = {item.code: item for item in access.visible_fields(act.actor, form)}
    seen = {**own_fields(form), **seen}
    told = view.definition
    for code in (told.date, told.until, told.lane, told.cover):
        if code and code not in seen and code != STATUS:
            return None
    for path in fields_of_where(told.where):
        if path != STATUS and place_of(act, form, path) is None:
            return None
    cleaned = replace(
        told,
        columns=tuple(each for each in told.columns if _is_listable(seen, each.field)),
        sort=tuple(each for each in told.sort if _sorts(seen, each.field)),
        group=tuple(code for code in told.group if code == STATUS or _sorts(seen, code)),
        totals=tuple(each for each in told.totals if each.field in seen),
        title=told.title if told.title in seen else "",
    )
    try:
        where = read_where(told.where)
    except ValidationFailed:
        return None
    return replace(view, definition=cleaned, where=where)


def _is_listable(seen: Mapping[str, Field], code: str) -> bool:
    return code in seen and seen[code].column is not None


def _sorts(seen: Mapping[str, Field], code: str) -> bool:
    return _is_listable(seen, code) and seen[code].stored.kind not in UNSORTABLE


def _checked(act: Act, form: Form, source: Mapping[str, Any]) -> ViewDef:
    """Read a view somebody keeps: of the right shape, and with nothing in it they may not see."""
    told = {**source, "code": "kept"}
    problems = tuple(part_problems("view", told))
    if problems:
        raise ValidationFailed("view_invalid", problems=problems)
    definition = read_view(told)
    where = read_where(definition.where)
    if where is not None:
        where_condition(act, form, where)
    return definition
