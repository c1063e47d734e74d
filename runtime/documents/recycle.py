"""The recycle bin: what was deleted waits there whole, under its own id, and may be brought back.

A record that comes back passes the one validator; its lines have their ids again, so that links and
comments find it. Posted documents never get here, and numbers and ids are never given twice.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select, true

from runtime import access
from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable
from runtime.documents import changes, dependents, references, save, stored, triggers
from runtime.documents.conditions import require_kept
from runtime.documents.playback import read_value
from runtime.documents.prepare import Values, prepare
from runtime.documents.rechecked import require_as_ruled
from runtime.documents.tables import bin_table, comments, links
from runtime.documents.told import tell
from runtime.infra import audit, files, outbox
from runtime.infra.act import Act
from runtime.infra.errors import Forbidden, NotFound, Problem, ValidationFailed
from runtime.query import LineRecord, Record
from runtime.query.record import for_actor

# As long as people are told; long enough to come back from a holiday.
KEPT: Final = timedelta(days=30)
MOST: Final = 500


@dataclass(frozen=True)
class Deleted:
    """A record in the bin; without a right to its title it is called by its id."""

    form: Form
    id: int
    title: str
    status: str
    deleted_by: int | None
    deleted_at: datetime

    @property
    def gone_at(self) -> datetime:
        """When it leaves the bin by itself."""
        return self.deleted_at + KEPT


def put(act: Act, form: Form, record: Record) -> None:
    """Keep a record that is deleted in this transaction."""
    row = {
        "app": form.app_code,
        "form": form.code,
        "record_id": record.id,
        "title": record.title,
        "status": record.status,
        "created_by": record.created_by,
        "deleted_by": act.actor.user_id,
        "deleted_at": act.now,
        "content": {
            "version": record.version,
            "created_at": record.created_at,
            "updated_by": record.updated_by,
            "updated_at": record.updated_at,
            "values": record.values,
            "lines": {
                code: [{"id": line.id, "values": line.values} for line in rows]
                for code, rows in record.lines.items()
            },
        },
    }
    act.connection.execute(insert(bin_table), row)


def deleted(act: Act, form: Form, *, limit: int = MOST) -> tuple[Deleted, ...]:
    """Return what of a form lies in the bin for the actor to bring back, the latest first."""
    _require(act, form)
    columns = bin_table.c
    query = select(bin_table).where(_own(act, form)).order_by(columns.deleted_at.desc())
    rows = act.connection.execute(query.order_by(columns.id.desc()).limit(limit))
    shows_title = form.by_code[form.title] in access.visible_fields(act.actor, form)
    return tuple(
        Deleted(
            form,
            row.record_id,
            row.title if shows_title else f"#{row.record_id}",
            row.status,
            row.deleted_by,
            row.deleted_at,
        )
        for row in rows
    )


def look(act: Act, form: Form, record_id: int) -> Record:
    """Return a deleted record as the actor would see it if it were there."""
    _require(act, form)
    return for_actor(act, stored.labelled(act, _read(form, _row(act, form, record_id))))


def kept(act: Act, form: Form, record_id: int) -> Record | None:
    """Return a record of the bin as it was, whoever asks: for what its deletion sets off."""
    columns = bin_table.c
    here = (columns.app == form.app_code, columns.form == form.code)
    query = select(bin_table).where(*here, columns.record_id == record_id)
    row = act.connection.execute(query.order_by(columns.id.desc()).limit(1)).first()
    return None if row is None else _read(form, row)


def undelete(act: Act, form: Form, record_id: int) -> Record:
    """Bring a record back as it was: who may delete it may take that back."""
    _require(act, form)
    before = _read(form, _row(act, form, record_id, lock=True))
    prepared = prepare(act, form, {}, before, complete=not form.is_document)
    lost = list(_lost(act, form, prepared.values))
    if lost:
        raise ValidationFailed(problems=lost)
    columns = bin_table.c
    here = (columns.app == form.app_code, columns.form == form.code)
    act.connection.execute(delete(bin_table).where(*here, columns.record_id == record_id))
    made = save.insert_record(act, form, prepared, before.status, again=before)
    if not form.is_document:
        require_as_ruled(act, form, made)
    for verb in ("view", "delete"):
        require_kept(act, form, record_id, verb)
    made = dependents.changed(act, form, None, made) or made
    changed = changes.of_new(form, prepared.values) | {"status": [None, before.status]}
    tell(act, form, record_id, "undelete", changed)
    return for_actor(act, triggers.as_it_stands(act, made))


def purge(act: Act, form: Form, record_ids: Collection[int]) -> int:
    """Let records in the bin go for good, with what stood around them; administrators alone."""
    if not act.actor.is_admin:
        raise Forbidden("bin_is_the_admins")
    columns = bin_table.c
    query = select(columns.record_id, columns.title).where(_own(act, form))
    found = act.connection.execute(query.where(columns.record_id.in_(sorted(set(record_ids)))))
    return _gone(act, form.app_code, form.code, {row.record_id: row.title for row in found})


def expire(act: Act) -> int:
    """Let go of what has lain in the bin for as long as it is kept."""
    columns = bin_table.c
    query = select(columns.app, columns.form, columns.record_id, columns.title)
    rows = act.connection.execute(query.where(columns.deleted_at < act.now - KEPT)).all()
    places: dict[tuple[str, str], dict[int, str]] = {}
    for row in rows:
        places.setdefault((row.app, row.form), {})[row.record_id] = row.title
    return sum(_gone(act, *place, titles) for place, titles in places.items())


def _gone(act: Act, app: str, form: str, titles: Mapping[int, str]) -> int:
    """Remove rows of the bin and everything that only made sense with the record."""
    ids = sorted(titles)
    for start in range(0, len(ids), MOST):
        part = ids[start : start + MOST]
        for table in (bin_table, comments):
            here = and_(table.c.app == app, table.c.form == form, table.c.record_id.in_(part))
            act.connection.execute(delete(table).where(here))
        for side in ("source", "target"):
            at_form, at_id = links.c[f"{side}_form"], links.c[f"{side}_id"]
            here = and_(links.c.app == app, at_form == form, at_id.in_(part))
            act.connection.execute(delete(links).where(here))
        # What lies on the disk without a row is swept.
        kept = files.file_table.c
        mine = and_(kept.form == f"{app}.{form}", kept.record_id.in_(part))
        act.connection.execute(delete(files.file_table).where(mine))
    audit.write_many(act, "purge", f"{app}.{form}", [(key, {"title": titles[key]}) for key in ids])
    outbox.note_many(act, app, form, "purge", ids)
    return len(ids)


def _require(act: Act, form: Form) -> None:
    access.require(act.actor, "view", form)
    access.require(act.actor, "delete", form)


def _own(act: Act, form: Form) -> ColumnElement[bool]:
    """What of the bin the actor may see.

    The row is gone, so no condition on it can be asked: who may not see and delete every record is
    left with those they made or deleted themselves.
    """
    columns = bin_table.c
    here = and_(columns.app == form.app_code, columns.form == form.code)
    sees_all = access.row_condition(act.actor, form) is None
    if sees_all and access.row_condition(act.actor, form, "delete") is None:
        return and_(here, true())
    me = act.actor.user_id
    return and_(here, or_(columns.created_by == me, columns.deleted_by == me))


def _row(act: Act, form: Form, record_id: int, *, lock: bool = False) -> Row[Any]:
    query = select(bin_table).where(_own(act, form), bin_table.c.record_id == record_id)
    row = act.connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound
    return row


def _read(form: Form, row: Row[Any]) -> Record:
    content = row.content
    return Record(
        form=form,
        id=row.record_id,
        version=content["version"],
        status=row.status,
        values=_values(form.fields, content["values"]),
        lines={
            table.code: _lines(table, content["lines"].get(table.code, ())) for table in form.lines
        },
        created_by=row.created_by,
        created_at=datetime.fromisoformat(content["created_at"]),
        updated_by=content["updated_by"],
        updated_at=datetime.fromisoformat(content["updated_at"]),
    )


def _lines(table: LineTable, rows: Collection[Mapping[str, Any]]) -> tuple[LineRecord, ...]:
    return tuple(
        LineRecord(row["id"], number, _values(table.fields, row["values"]))
        for number, row in enumerate(rows, start=1)
    )


def _values(fields: Collection[Field], values: Mapping[str, Any]) -> Values:
    return {
        item.code: read_value(item, values.get(item.code))
        for item in fields
        if item.column is not None
    }


def _lost(act: Act, form: Form, values: Mapping[str, Any]) -> list[Problem]:
    """References whose record has been deleted in the meantime."""
    loaded = references.load(act, form, values)
    return [
        Problem(pointer, "reference_missing", {"label": item.label.zh})
        for pointer, item, row in references.places(form, values)
        if (key := row.get(item.code)) is not None and key not in loaded[str(item.options["form"])]
    ]


def _name(form: Form) -> str:
    return f"{form.app_code}.{form.code}"
