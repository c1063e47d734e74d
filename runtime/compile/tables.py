"""Forms -> SQLAlchemy tables: typed columns, real foreign keys, STRICT on SQLite."""

import hashlib
from collections.abc import Sequence, Set
from typing import Any, Final

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
)

from runtime.definitions import FieldDef, FormDef
from runtime.infra import grams
from runtime.infra.columns import Instant, Key
from runtime.kinds.field_type import column_name

# Columns every form has; field columns are `f_<code>`, so no field can collide with them.
SYSTEM_COLUMNS: Final = (
    "id",
    "version",
    "status",
    "created_by",
    "created_at",
    "updated_by",
    "updated_at",
    "search_text",
)
RECORD_STATUS: Final = "active"


def table_name(app: str, form: str) -> str:
    """Return a form's physical table: `a_<app>__<form>`."""
    return f"a_{app}__{form}"


def line_table_name(app: str, form: str, lines: str) -> str:
    """Return a line table's physical name: `a_<app>__<form>__<lines>`."""
    return f"{table_name(app, form)}__{lines}"


def form_table(metadata: MetaData, app: str, form: FormDef, columns: Sequence[Any]) -> Table:
    """Build the table of a form's header from its own columns and the system's."""
    name = table_name(app, form.code)
    table = Table(
        name,
        metadata,
        Column("id", Key(), primary_key=True, autoincrement=True),
        Column("version", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("created_by", Key()),
        Column("created_at", Instant(), nullable=False),
        Column("updated_by", Key()),
        Column("updated_at", Instant(), nullable=False),
        Column("search_text", Text, nullable=False),
        *columns,
        *_references(name, app, form.fields),
        *_indexes(name, form.fields),
        *_keys(name, form.unique_together, {str(column.name) for column in columns}),
        Index(f"ix_{name}__status", "status", "id"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    event.listen(table, "after_create", grams.make_with)
    event.listen(table, "before_drop", grams.drop_with)
    return table


def line_table(
    metadata: MetaData,
    app: str,
    form: str,
    lines: str,
    fields: Sequence[FieldDef],
    columns: Sequence[Any],
) -> Table:
    """Build the table of a form's lines."""
    name = line_table_name(app, form, lines)
    return Table(
        name,
        metadata,
        Column("id", Key(), primary_key=True, autoincrement=True),
        Column("parent_id", Key(), nullable=False),
        Column("line_no", Integer, nullable=False),
        *columns,
        ForeignKeyConstraint(
            ["parent_id"], [f"{table_name(app, form)}.id"], name=f"fk_{name}__parent"
        ),
        *_references(name, app, fields),
        *_indexes(name, fields, within="parent_id"),
        Index(f"ix_{name}__parent", "parent_id", "line_no"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )


def _references(name: str, app: str, fields: Sequence[FieldDef]) -> list[Any]:
    found: list[Any] = []
    for field in fields:
        if field.kind == "reference":
            column, target = column_name(field), table_name(app, str(field.options["form"]))
            found.append(
                ForeignKeyConstraint(
                    [column], [f"{target}.id"], name=short_name(f"fk_{name}__{field.code}")
                )
            )
            found.append(Index(short_name(f"ix_{name}__{field.code}"), column))
    return found


def _indexes(name: str, fields: Sequence[FieldDef], within: str = "") -> list[Index]:
    """Indexes of single fields; what is unique in a line table is so `within` its document."""
    found: list[Index] = []
    for field in fields:
        column = column_name(field)
        if field.unique or field.kind == "document_number":
            columns = (within, column) if within else (column,)
            found.append(Index(short_name(f"uq_{name}__{field.code}"), *columns, unique=True))
        elif field.index and field.kind != "reference":
            # With the id behind it the index also serves a page of a list sorted by the field.
            found.append(Index(short_name(f"ix_{name}__{field.code}"), column, "id"))
    return found


def _keys(name: str, groups: Sequence[Sequence[str]], columns: Set[str]) -> list[Index]:
    """Indexes of fields whose values together stand once; where one is empty, none counts.

    A draft is compiled to say what else is wrong with it: a group of fields it does not have, a
    problem of its own, has no index.
    """
    return [
        Index(
            short_name(f"uq_{name}__{'__'.join(codes)}"),
            *(f"f_{code}" for code in codes),
            unique=True,
        )
        for codes in groups
        if columns >= {f"f_{code}" for code in codes}
    ]


def short_name(name: str) -> str:
    """Keep a constraint's name under PostgreSQL's 63 bytes, distinct by a digest of the rest."""
    if len(name) <= 63:
        return name
    return f"{name[:50]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"
