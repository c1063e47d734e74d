"""What operations may ask of the database: what a form ever had columns of, and what is posted."""

from functools import cache

from sqlalchemy import select

from builder.bound import bound_problems, posted_forms
from builder.drafts.model import Draft
from builder.drafts.store import active
from builder.drafts.working import Surroundings, every_field
from runtime.catalogue import PHYSICAL_COLUMN
from runtime.compile.tables import line_table_name, table_name
from runtime.infra.act import Act


def surroundings(act: Act, draft: Draft) -> Surroundings:
    """The surroundings of a draft; each question is asked when it is needed, and once."""
    posted = posted_forms(act.connection, draft.app_code)
    running = active(act.connection, draft.app_code)
    return Surroundings(
        by=act.actor.name,
        at=act.now.isoformat(),
        version=draft.base_version,
        bound=lambda source: bound_problems(running[0], source, posted) if running else (),
        tables=cache(lambda: _tables(act, draft.app_code)),
        published=cache(lambda form, lines: _published(act, draft.app_code, form, lines)),
    )


def _tables(act: Act, app: str) -> frozenset[str]:
    """Codes of forms there are tables of, also of forms that are gone."""
    start = table_name(app, "")
    names = act.connection.execute(select(PHYSICAL_COLUMN.c.table_name).distinct()).scalars()
    return frozenset(
        name.removeprefix(start).partition("__")[0] for name in names if name.startswith(start)
    )


def _published(act: Act, app: str, form: str, lines: str | None) -> frozenset[str]:
    """Codes of every field that ever was in a published version, as far as anything is left of it.

    A removed field's column stays; a field without a column (a line table, a note) counts as long
    as the running version has it.
    """
    table = table_name(app, form) if lines is None else line_table_name(app, form, lines)
    names = act.connection.execute(
        select(PHYSICAL_COLUMN.c.column_name).where(PHYSICAL_COLUMN.c.table_name == table)
    ).scalars()
    kept = {name.removeprefix("f_") for name in names if name.startswith("f_")}
    running = active(act.connection, app)
    for each in running[0]["forms"] if running else ():
        if each["code"] == form:
            kept |= {field["code"] for at, field in every_field(each) if at == lines}
    return frozenset(kept)
