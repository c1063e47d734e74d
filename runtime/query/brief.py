"""Records in one line each: for a person's recent work and for inboxes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from runtime import access
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.infra.columns import is_key


@dataclass(frozen=True)
class Brief:
    """A record's title, what stands beside it in a list, its state and most telling amount."""

    form: Form
    id: int
    status: str
    title: str
    note: str
    amount: str
    created_by: int | None
    updated_at: datetime


def recent(act: Act, form: Form, limit: int) -> tuple[Brief, ...]:
    """Return the newest records the actor may see, the newest first."""
    query = _query(act, form).order_by(form.table.c.id.desc()).limit(limit)
    return _read(act, form, query)


def briefs(act: Act, form: Form, ids: Collection[int]) -> Mapping[int, Brief]:
    """Return those of the records that the actor may see, by id."""
    query = _query(act, form).where(form.table.c.id.in_(sorted(set(filter(is_key, ids)))))
    return {brief.id: brief for brief in _read(act, form, query)}


def telling_amount(act: Act, form: Form) -> Field | None:
    """Return the money field that says most about a document: the last of its list, else any."""
    visible = {field.code: field for field in access.visible_fields(act.actor, form)}
    listed = [visible[code] for code in form.list_columns if code in visible]
    money = [item for item in (*visible.values(), *listed) if item.stored.kind == "money"]
    return next((item for item in reversed(money) if item.column is not None), None)


def _query(act: Act, form: Form) -> Select[Any]:
    access.require(act.actor, "view", form)
    mine = access.row_condition(act.actor, form)
    query = select(form.table)
    return query if mine is None else query.where(mine)


def _read(act: Act, form: Form, query: Select[Any]) -> tuple[Brief, ...]:
    amount, notes = telling_amount(act, form), _notes(act, form)
    titles = [item for item in access.visible_fields(act.actor, form) if item.code == form.title]
    return tuple(
        Brief(
            form=form,
            id=row["id"],
            status=row["status"],
            title="".join(_text(title, row) for title in titles) or f"#{row['id']}",
            note=" · ".join(filter(None, (_text(field, row) for field in notes))),
            amount="" if amount is None else _text(amount, row),
            created_by=row["created_by"],
            updated_at=row["updated_at"],
        )
        for row in act.connection.execute(query).mappings()
    )


def _notes(act: Act, form: Form) -> tuple[Field, ...]:
    visible = {field.code: field for field in access.visible_fields(act.actor, form)}
    listed = [visible[code] for code in form.list_columns if code in visible]
    texts = (field for field in listed if field.stored.kind == "text")
    return tuple(field for field in texts if field.code != form.title)


def _text(field: Field, row: Mapping[Any, Any]) -> str:
    return "" if field.column is None else field.format(row[field.column.name])
