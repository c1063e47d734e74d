"""Data of fields that are no more: what is still kept of them, and erasing it when asked to.

Publishing keeps the values of a removed field, and those a field had before it was of another kind.
Here they go for good, column by column, never by themselves: the records stay, the books are not
touched, and what the history of a record says of its changes stays said.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, inspect, select, update
from sqlalchemy import column as sql_column
from sqlalchemy import null as sql_null
from sqlalchemy import table as sql_table

from builder.bound import posted_forms
from builder.conversion import Place
from builder.plan import is_aside
from builder.retyped import Before
from runtime.catalogue import PHYSICAL_COLUMN, Catalogue, take
from runtime.compile import App, Form
from runtime.documents import stored
from runtime.documents.computing import write_search_texts
from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Forbidden, NotFound

_CHUNK: Final = 500
_ASIDE: Final = re.compile(r"o([0-9]+)_(.+)")


@dataclass(frozen=True)
class Kept:
    """Values no field shows any more. `version` is the last one in which a field had them."""

    table: str
    column: str
    form: str
    lines: str | None
    code: str
    label: str
    rows: int
    version: int | None = None


def kept(act: Act, code: str) -> tuple[Kept, ...]:
    """What an app keeps of fields it has no more; columns that are empty are left out."""
    app = Catalogue().app(act.connection, code)
    return tuple(each for each in _columns(act.connection, app) if each.rows)


def purge(act: Act, code: str, table: str, column: str, *, rows: int) -> int:
    """Erase one of them for good; `rows` is how many values were seen. Returns how many went.

    Raises NotFound for what is not kept, Conflict when there are more or fewer by now, or the form
    has documents in the books.
    """
    if not act.actor.is_admin:
        raise Forbidden
    take(act.connection, code)
    app = Catalogue().app(act.connection, code)
    found = next(
        (
            each
            for each in _columns(act.connection, app)
            if (each.table, each.column) == (table, column)
        ),
        None,
    )
    if found is None or not found.rows:
        raise NotFound("purge_not_kept")
    if found.rows != rows:
        raise Conflict("purge_other_count", {"count": found.rows})
    if found.form not in app.forms and posted_forms(act.connection, code)(found.form):
        # Documents of the books are evidence, whether a form shows them or not.
        raise Conflict("purge_of_posted", {"form": found.form})
    target = sql_table(table, sql_column(column))
    held = target.c[column].is_not(None)
    act.connection.execute(update(target).where(held).values({column: sql_null()}))
    _forget_words(act, app.forms.get(found.form))
    noted = {"field": found.code, "column": column, "rows": rows}
    audit.write(act, "purge", f"{code}.{found.form}", None, noted)
    return rows


def _forget_words(act: Act, form: Form | None) -> None:
    """Records are not found any more by what was erased."""
    if form is None or form.aggregate is not None:
        return
    key, after = form.table.c.id, 0
    while True:
        query = select(key).where(key > after).order_by(key).limit(_CHUNK)
        ids = list(act.connection.execute(query).scalars())
        if not ids:
            return
        write_search_texts(act, form, list(stored.lock_several(act, form, ids)))
        after = ids[-1]


def _columns(connection: Connection, app: App) -> Iterator[Kept]:
    """Columns of fields in the tables of an app that no field of it has."""
    before = Before(connection, app.code)
    live = {
        (table.name, column.name)
        for table in app.metadata.tables.values()
        for column in table.columns
    }
    there = set(inspect(connection).get_table_names())
    places = dict(_places(app))
    query = select(PHYSICAL_COLUMN.c.table_name, PHYSICAL_COLUMN.c.column_name)
    prefix = f"a_{app.code}__"
    named = query.where(PHYSICAL_COLUMN.c.table_name.startswith(prefix, autoescape=True))
    for table, column in connection.execute(named.order_by(*named.selected_columns)):
        is_field = column.startswith("f_") or is_aside(column)
        if table in there and is_field and (table, column) not in live:
            form, lines = places.get(table) or _told(table, prefix)
            yield _kept(connection, before, Place(form, lines, ""), table, column)


def _kept(connection: Connection, before: Before, place: Place, table: str, column: str) -> Kept:
    target = sql_table(table, sql_column(column))
    counted = select(func.count()).select_from(target).where(target.c[column].is_not(None))
    rows = int(connection.execute(counted).scalar_one())
    aside = _ASIDE.fullmatch(column)
    code = aside[2] if aside else column.removeprefix("f_")
    here = Place(place.form, place.lines, code)
    was = (before.field(here) if aside else before.last(here)) if rows else None
    label = code if was is None else was.label.zh
    version = int(aside[1]) if aside else None
    return Kept(table, column, place.form, place.lines, code, label, rows, version)


def _places(app: App) -> Iterator[tuple[str, tuple[str, str | None]]]:
    for form in app.forms.values():
        yield form.table.name, (form.code, None)
        for each in form.lines:
            yield each.table.name, (form.code, each.code)


def _told(table: str, prefix: str) -> tuple[str, str | None]:
    """The form and line table of a table whose form is no more."""
    form, _, lines = table.removeprefix(prefix).partition("__")
    return form, lines or None
