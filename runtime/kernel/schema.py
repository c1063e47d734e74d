"""Making the kernel's tables and guards, and telling whether they are still what they were."""

from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, inspect

from runtime.kernel import guards, tables
from runtime.kernel.connections import ready
from runtime.kernel.sql import run


class UnfitBooksError(Exception):
    """The database holds books this version must not write; nothing was changed.

    `reason` is "older" (made by an earlier version of the kernel) or "changed" (tables or guards
    are not the ones that were installed; `what` names the guards that are missing or altered).
    """

    def __init__(self, reason: str, what: tuple[str, ...] = ()) -> None:
        super().__init__(reason, what)
        self.reason = reason
        self.what = what


def install(connection: Connection) -> None:
    """Create what is missing: tables, triggers and the mark of the schema. Safe to repeat.

    Books whose guards are not those that were installed are refused, not silently mended: somebody
    took them away, and what happened meanwhile has to be looked at first (`books verify`).
    """
    ready(connection)
    if not _is_sqlite(connection):
        # Several processes may start at once; the second finds everything there.
        run(connection, "SELECT pg_advisory_xact_lock(hashtext('k_schema'))")
    check_fit(connection)
    tables.metadata.create_all(connection)
    if _is_sqlite(connection):
        _guard_sqlite(connection)
    else:
        _guard_postgresql(connection)
    digest = schema_digest(connection)
    if digest != marked_digest(connection):
        run(connection, "INSERT INTO k_schema (digest) VALUES (?)", (digest,))


def check_fit(connection: Connection) -> None:
    """Raise `UnfitBooksError` where the books are not the ones this version installed."""
    inspector = inspect(connection)
    if not inspector.has_table("k_schema"):
        return
    if "party" not in {column["name"] for column in inspector.get_columns("k_posting")}:
        raise UnfitBooksError("older")
    marked = marked_digest(connection)
    if not marked:
        return
    # Who takes a guard away can write a mark that fits: the guards are looked at by themselves.
    wrong = tuple(missing_guards(connection))
    if wrong or schema_digest(connection) != marked:
        raise UnfitBooksError("changed", wrong)


def grant(connection: Connection, role: str) -> None:
    """Let an application role of PostgreSQL read and append, and nothing else.

    A row lock needs the privilege to update a column; the triggers refuse the update itself.
    """
    name = connection.dialect.identifier_preparer.quote(role)
    for table in tables.metadata.sorted_tables:
        _ddl(connection, f"GRANT SELECT, INSERT ON {table.name} TO {name}")
    for table_name, column in (("k_company", "id"), ("k_pool", "id"), ("k_period", "ym")):
        _ddl(connection, f"GRANT UPDATE ({column}) ON {table_name} TO {name}")
    _ddl(connection, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {_schema(connection)} TO {name}")


def marked_digest(connection: Connection) -> str:
    """The digest noted when the schema was last installed; empty before that."""
    rows = run(connection, "SELECT digest FROM k_schema ORDER BY id DESC LIMIT 1")
    return str(rows[0][0]) if rows else ""


def schema_digest(connection: Connection) -> str:
    """A digest over tables, constraints, triggers and functions as the database has them."""
    found = _sqlite_facts(connection) if _is_sqlite(connection) else _postgresql_facts(connection)
    return sha256("\n".join(found).encode()).hexdigest()


def missing_guards(connection: Connection) -> list[str]:
    """The guards that are gone, switched off or altered, and triggers that are none of ours."""
    if _is_sqlite(connection):
        rows = run(
            connection,
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            " AND tbl_name LIKE 'k\\_%' ESCAPE '\\'",
        )
        found = {str(name): str(sql) for name, sql in rows}
        expected = guards.sqlite_triggers()
        return sorted(
            name for name in expected.keys() | found if found.get(name) != expected.get(name)
        )
    functions = {str(row[0]): str(row[1]) for row in _functions(connection)}
    triggers = {str(row[0]): str(row[1]) for row in _triggers(connection)}
    installed = guards.postgresql_triggers()
    bodies = guards.postgresql_functions()
    return sorted(
        [name for name, body in bodies.items() if functions.get(name) != body]
        + [name for name in installed if triggers.get(name) != "A"]
        + [name for name in triggers if name not in installed]
    )


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _ddl(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _schema(connection: Connection) -> str:
    return connection.dialect.identifier_preparer.quote(
        str(run(connection, "SELECT current_schema()")[0][0])
    )


def _guard_sqlite(connection: Connection) -> None:
    rows = run(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
    there = {row[0] for row in rows}
    for name, statement in guards.sqlite_triggers().items():
        if name not in there:
            _ddl(connection, statement)


def _guard_postgresql(connection: Connection) -> None:
    if not inspect(connection).has_sequence("k_posting_id"):
        _ddl(connection, "CREATE SEQUENCE k_posting_id")
    functions = {str(row[0]): str(row[1]) for row in _functions(connection)}
    if "k_hash" not in functions:
        _ddl(
            connection,
            "CREATE FUNCTION k_hash(spelled text) RETURNS text LANGUAGE sql IMMUTABLE STRICT"
            " AS $$SELECT encode(sha256(convert_to(spelled, 'UTF8')), 'hex')$$",
        )
    for name, body in guards.postgresql_functions().items():
        if functions.get(name) != body:
            # The definer's rights: the application role may not lock rows by itself. Plans are
            # kept: one made while the ledger was small must not read all of it later.
            _ddl(
                connection,
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
                f" SECURITY DEFINER SET search_path = {_schema(connection)}, pg_temp"
                " SET enable_seqscan = off SET jit = off"
                f" AS $body${body}$body$",
            )
    there = {str(row[0]) for row in _triggers(connection)}
    for name, (table, definition) in guards.postgresql_triggers().items():
        if name not in there:
            _ddl(connection, f"CREATE TRIGGER {name} {definition}")
            # ALWAYS: a session that plays a replica does not slip past.
            _ddl(connection, f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _functions(connection: Connection) -> list[Any]:
    return run(
        connection,
        "SELECT proname, prosrc, prosecdef, proconfig::text FROM pg_proc WHERE proname LIKE 'k\\_%'"
        " AND pronamespace = current_schema()::regnamespace ORDER BY proname",
    )


def _triggers(connection: Connection) -> list[Any]:
    return run(
        connection,
        "SELECT t.tgname, t.tgenabled::text, pg_get_triggerdef(t.oid) FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
        " AND c.relname LIKE 'k\\_%' AND c.relnamespace = current_schema()::regnamespace"
        " ORDER BY t.tgname",
    )


def _sqlite_facts(connection: Connection) -> list[str]:
    rows = run(
        connection,
        "SELECT type, name, coalesce(sql, '') FROM sqlite_master"
        " WHERE tbl_name LIKE 'k\\_%' ESCAPE '\\' ORDER BY type, name",
    )
    return ["|".join(row) for row in rows]


def _postgresql_facts(connection: Connection) -> list[str]:
    columns = run(
        connection,
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_name LIKE 'k\\_%' AND table_schema = current_schema()"
        " ORDER BY table_name, ordinal_position",
    )
    constraints = run(
        connection,
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid::regclass::text LIKE 'k\\_%'"
        " AND connamespace = current_schema()::regnamespace ORDER BY conname",
    )
    # A table that loses its rows in a crash, hides some of them or answers by a rule of its own.
    kinds = run(
        connection,
        "SELECT c.relname, c.relkind::text, c.relpersistence::text, c.relrowsecurity,"
        " (SELECT string_agg(pg_get_ruledef(r.oid), ';' ORDER BY r.rulename) FROM pg_rewrite r"
        " WHERE r.ev_class = c.oid),"
        " (SELECT count(*) FROM pg_inherits h WHERE h.inhparent = c.oid) FROM pg_class c"
        " WHERE c.relname LIKE 'k\\_%' AND c.relkind IN ('r', 'v', 'm', 'p', 'f')"
        " AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname",
    )
    rows = [*columns, *constraints, *kinds, *_functions(connection), *_triggers(connection)]
    return ["|".join(str(value) for value in row) for row in rows]
