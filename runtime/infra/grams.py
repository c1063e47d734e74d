"""Grams: single letters and pairs of letters, by which a search text is found without reading all.

Each database keeps an index of them of its own, up to date by itself whichever way a row is
written. It only narrows: what a word occurs in is still compared letter by letter.
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Table, inspect

COLUMN: Final = "search_text"
# Longer words say no more: a few of their pairs are rare enough.
MOST_GRAMS: Final = 24

_FUNCTION: Final = """
CREATE FUNCTION s_grams(words text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
    letter text;
    before text := '';
    found text[] := '{}';
BEGIN
    FOREACH letter IN ARRAY string_to_array(words, NULL) LOOP
        IF letter = ' ' THEN
            before := '';
            CONTINUE;
        END IF;
        found := found || letter;
        IF before <> '' THEN
            found := found || (before || letter);
        END IF;
        before := letter;
    END LOOP;
    RETURN found;
END
$$
"""
# The text is not kept a second time, and neither is where in it a gram stands.
_INDEX: Final = (
    "CREATE VIRTUAL TABLE \"{index}\" USING fts5(grams, content='', contentless_delete=1,"
    " detail=none, tokenize=\"ascii tokenchars '_'\")",
    'CREATE TRIGGER "{index}_made" AFTER INSERT ON "{table}" BEGIN'
    ' INSERT INTO "{index}" (rowid, grams) VALUES (new.id, s_grams(new.{column})); END',
    'CREATE TRIGGER "{index}_changed" AFTER UPDATE OF {column} ON "{table}"'
    " WHEN new.{column} IS NOT old.{column} BEGIN"
    ' DELETE FROM "{index}" WHERE rowid = old.id;'
    ' INSERT INTO "{index}" (rowid, grams) VALUES (new.id, s_grams(new.{column})); END',
    'CREATE TRIGGER "{index}_gone" AFTER DELETE ON "{table}" BEGIN'
    ' DELETE FROM "{index}" WHERE rowid = old.id; END',
    'INSERT INTO "{index}" (rowid, grams) SELECT id, s_grams({column}) FROM "{table}"',
)


def index_name(table: str) -> str:
    """Return what a table's index of grams is called."""
    # No code has two lines in a row: neither this nor a table behind it is a form's.
    return f"x_{table.removeprefix('a_')}__grams"


def grams(word: str) -> tuple[str, ...]:
    """Return grams that are in every text the word is in: its pairs, or the one letter it is."""
    pairs = (word[at : at + 2] for at in range(len(word) - 1))
    return (word,) if len(word) == 1 else tuple(dict.fromkeys(pairs))[:MOST_GRAMS]


def tokens(text: str | None) -> str:
    """Return the grams of a text as SQLite indexes them: words between spaces."""
    found: set[str] = set()
    for word in (text or "").lower().split():
        found.update(word)
        found.update(word[at : at + 2] for at in range(len(word) - 1))
    return " ".join(map(_token, found))


def asked(wanted: Iterable[str]) -> str:
    """Return what SQLite's index is asked for: a text that has every one of the grams."""
    return " AND ".join(f'"{_token(gram)}"' for gram in wanted)


def _token(gram: str) -> str:
    """Spell a gram with what the index takes for letters."""
    if gram.isalnum():
        return gram
    spelled = (c if c.isalnum() or ord(c) > 127 else f"_{ord(c):02x}" for c in gram)
    return "".join(spelled)


def prepare(connection: Any) -> None:
    """Give a SQLite connection of the driver's the function its triggers call."""
    connection.create_function("s_grams", 1, tokens, deterministic=True)


def make_function(connection: Connection) -> None:
    """Make the function PostgreSQL's indexes are of, unless it is there."""
    if connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql("SELECT to_regprocedure('s_grams(text)')").scalar()
        if found is None:
            connection.exec_driver_sql(_FUNCTION)


def make_index(connection: Connection, table: str) -> None:
    """Index the search text of a table, the rows it has included."""
    index = index_name(table)
    if connection.dialect.name == "sqlite":
        for statement in _INDEX:
            connection.exec_driver_sql(statement.format(index=index, table=table, column=COLUMN))
        return
    make_function(connection)
    # What is not yet sorted in is read through by every search, so it is kept short.
    connection.exec_driver_sql(
        f'CREATE INDEX "{index}" ON "{table}" USING gin (s_grams({COLUMN}))'
        " WITH (gin_pending_list_limit = 256)"
    )


def make_with(table: Table, connection: Connection, **_: Any) -> None:
    """Make the index together with its table: what a table's `after_create` calls."""
    make_index(connection, table.name)


def drop_with(table: Table, connection: Connection, **_: Any) -> None:
    """Take the index away before its table goes; PostgreSQL does so itself."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{index_name(table.name)}"')


def index_all(connection: Connection) -> None:
    """Index every form there is: for an installation that had its forms before."""
    make_function(connection)
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        if table.startswith("a_") and COLUMN in _columns(inspector, table):
            make_index(connection, table)


def _columns(inspector: Any, table: str) -> set[str]:
    return {column["name"] for column in inspector.get_columns(table)}
