"""The hash chain: one spelling of a posting with all its rows, in Python and in SQL."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Table, Text

from runtime.kernel import tables

Row = Sequence[int | str | None]

# The rows of a posting, in the order in which they enter its hash.
SECTIONS: tuple[Table, ...] = (
    tables.move,
    tables.value_entry,
    tables.pool_entry,
    tables.position_entry,
    tables.journal_line,
)
# The order in which they are written: what a value is changed by needs the entry of a pool.
WRITTEN: tuple[Table, ...] = (
    tables.move,
    tables.pool_entry,
    tables.value_entry,
    tables.position_entry,
    tables.journal_line,
)
# Rows that few postings have; they enter the hash together, and only where there are any.
OTHERS: tuple[Table, ...] = (
    tables.posting_part,
    tables.item_policy,
    tables.reservation_event,
    tables.period_event,
    tables.snapshot,
    tables.snapshot_position,
)
HEADER_COLUMNS: tuple[str, ...] = tuple(
    column.name for column in tables.posting.columns if column.name != "hash"
)


def columns_of(table: Table) -> tuple[str, ...]:
    """The column names of a table, in the order in which rows are written."""
    return tuple(column.name for column in table.columns)


def digest(text: str) -> str:
    """SHA-256 of a text, in hexadecimal; SQLite's triggers call it as `k_hash`."""
    return sha256(text.encode()).hexdigest()


def spell(row: Row) -> str:
    """A row as text; lengths before the texts make the spelling unambiguous."""
    return "|".join(
        [
            str(value)
            if value.__class__ is int
            else ("" if value is None else f"{len(str(value))}:{value}")
            for value in row
        ]
    )


def spell_values(rows: Iterable[Row]) -> str:
    """Value entries as text, spelled column by column: a late document brings many thousands."""
    text = _Spelled()
    return ";".join(
        [
            f"{number}|{posting}|{move}|{pool}|{text[kind]}|{text[account]}|{dv}|{text[day]}"
            f"|{text[layers]}"
            for number, posting, move, pool, kind, account, dv, day, layers in rows
        ]
    )


class _Spelled(dict[int | str | None, str]):
    """Texts with their lengths; what occurs in many rows is spelled once."""

    def __missing__(self, text: int | str | None) -> str:
        spelled = self[text] = f"{len(str(text))}:{text}"
        return spelled


def posting_hash(
    header: Row, sections: Iterable[Iterable[Row]], others: Sequence[Iterable[Row]] = ()
) -> str:
    """The hash of a posting: its header (the previous hash is part of it) and all its rows.

    `others` are the rows of the tables of `OTHERS`, or nothing where there are none at all.
    """
    parts = [spell(header)]
    parts += [
        spell_values(rows) if table is tables.value_entry else ";".join(map(spell, rows))
        for table, rows in zip(SECTIONS, sections, strict=True)
    ]
    parts.append("#".join(";".join(map(spell, rows)) for rows in others))
    return digest("#".join(parts))


def _spell_sql(table: Table, names: Iterable[str], alias: str) -> str:
    return " || '|' || ".join(_cell_sql(table.c[name], f"{alias}.{name}") for name in names)


def _cell_sql(column: Column[Any], cell: str) -> str:
    text = f"CAST({cell} AS TEXT)"
    if isinstance(column.type, Text):
        text = f"CAST(length({cell}) AS TEXT) || ':' || {cell}"
    return f"coalesce({text}, '')" if column.nullable else text


def rows_of_posting(table: Table, posting_id: str) -> str:
    """The SQL condition that picks a posting's rows, by the primary key where it carries the id."""
    if table in {tables.move, tables.value_entry}:
        factor = tables.ROWS_PER_POSTING
        return f"id > {posting_id} * {factor} AND id < ({posting_id} + 1) * {factor}"
    return f"posting = {posting_id}"


def order_of(table: Table) -> str:
    """The SQL order in which a table's rows enter the hash."""
    return ", ".join(column.name for column in table.primary_key.columns)


def posting_hash_sql() -> str:
    """The expression by which a trigger on the header computes the same hash."""
    parts = [_spell_sql(tables.posting, HEADER_COLUMNS, "NEW")]
    parts += [_section_sql(table) for table in SECTIONS]
    others = " || '#' || ".join(_section_sql(table) for table in OTHERS)
    parts.append(f"CASE WHEN NEW.n_other = 0 THEN '' ELSE {others} END")
    return "k_hash(" + " || '#' || ".join(parts) + ")"


def _section_sql(table: Table) -> str:
    return (
        f"coalesce((SELECT string_agg({_spell_sql(table, columns_of(table), 't')}, ';'"
        f" ORDER BY {order_of(table)}) FROM {table.name} t"
        f" WHERE {rows_of_posting(table, 'NEW.id')}), '')"
    )
