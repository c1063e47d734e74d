"""What operations may ask of the database: what a form ever had columns of, and what is posted."""

from functools import cache

from sqlalchemy import select

from builder.drafts.model import Draft
from builder.drafts.working import Surroundings, every_field
from runtime.catalogue import PHYSICAL_COLUMN, active_definition
from runtime.compile.tables import line_table_name, table_name
from runtime.infra.act import Act


def surroundings(act: Act, draft: Draft) -> Surroundings:
    """The surroundings of a draft; each question is asked when it is needed, and once."""
    return Surroundings(
        by=act.actor.name,
        at=act.now.isoformat(),
        version=draft.base_version,
        published=cache(lambda form, lines: _published(act, draft.app_code, form, lines)),
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
    active = active_definition(act.connection, app)
    for each in active[0]["forms"] if active else ():
        if each["code"] == form:
            kept |= {field["code"] for at, field in every_field(each) if at == lines}
    return frozenset(kept)
