"""Who could write past the posting API: guards taken away, rights given, triggers of others."""

from sqlalchemy import Connection

from runtime.kernel import guards, tables
from runtime.kernel.schema import marked_digest, missing_guards, schema_digest
from runtime.kernel.sql import run
from runtime.kernel.verify.findings import Finding, finding

# Row locks ask for the right to update a column; the triggers refuse the update itself.
_LOCKABLE = {("k_company", "id"), ("k_pool", "id"), ("k_period", "ym")}


def guarded(connection: Connection) -> Finding:
    """The guards that keep posted rows as they are are there and are ours."""
    broken = missing_guards(connection)
    if schema_digest(connection) != marked_digest(connection):
        broken.append("the schema is not the one that was installed")
    return finding("INV-1", "posted rows are guarded", len(tables.metadata.tables), broken)


def closed_doors(connection: Connection) -> Finding:
    """Nobody but the owner may do more than read and append, and nothing appends by itself."""
    says = "nothing but the posting API writes the books"
    if connection.dialect.name == "sqlite":
        return _sqlite(connection, says)
    return _postgresql(connection, says)


def _sqlite(connection: Connection, says: str) -> Finding:
    """A file knows no roles; but a trigger of somebody else could write our tables."""
    own = guards.sqlite_triggers()
    rows = run(connection, "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    names = tables.metadata.tables
    broken = [
        f"trigger {name}"
        for name, table, sql in rows
        if name not in own and (table in names or any(ours in str(sql) for ours in names))
    ]
    return finding("INV-26", says, len(names), broken)


def _postgresql(connection: Connection, says: str) -> Finding:
    granted = run(
        connection,
        "SELECT g.grantee, g.table_name, g.privilege_type FROM information_schema.table_privileges"
        " g JOIN pg_class c ON c.relname = g.table_name"
        " AND c.relnamespace = current_schema()::regnamespace"
        " WHERE g.table_schema = current_schema() AND g.table_name LIKE 'k\\_%'"
        " AND g.grantee <> pg_get_userbyid(c.relowner)",
    )
    columns = run(
        connection,
        "SELECT g.grantee, g.table_name, g.column_name FROM information_schema.column_privileges g"
        " JOIN pg_class c ON c.relname = g.table_name"
        " AND c.relnamespace = current_schema()::regnamespace"
        " WHERE g.table_schema = current_schema() AND g.table_name LIKE 'k\\_%'"
        " AND g.privilege_type = 'UPDATE' AND g.grantee <> pg_get_userbyid(c.relowner)",
    )
    broken = [
        f"{who} may {right} {table}"
        for who, table, right in granted
        if right not in {"SELECT", "INSERT"}
    ]
    broken += [
        f"{who} may UPDATE {table}.{column}"
        for who, table, column in columns
        if (table, column) not in _LOCKABLE
    ]
    own = guards.postgresql_triggers()
    strangers = run(
        connection,
        "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND c.relname LIKE 'k\\_%'"
        " AND c.relnamespace = current_schema()::regnamespace"
        " UNION ALL SELECT r.rulename FROM pg_rules r WHERE r.schemaname = current_schema()"
        " AND r.tablename LIKE 'k\\_%'",
    )
    broken += [f"trigger {name}" for (name,) in strangers if name not in own]
    return finding("INV-26", says, len(tables.metadata.tables), broken[:10])
