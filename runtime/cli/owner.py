"""Two roles on PostgreSQL: one owns the system tables and the ledger, the other works with them."""

from typing import Final

from sqlalchemy import Connection, make_url

from runtime import posting
from runtime.infra.db import Database
from runtime.infra.errors import BadRequest
from runtime.platform import set_up

OWNER: Final = "dajian_owner"
# What happened may be read and appended to, not changed.
_APPEND_ONLY: Final = frozenset({"s_audit", "s_audit_seal", "s_workflow_event"})
_READ_ONLY: Final = frozenset({"s_schema_version"})


def make_roles(owner_url: str, application_url: str) -> None:
    """Make the owner and the application's login, set everything up, grant what is needed."""
    application = make_url(application_url)
    owner = Database(owner_url)
    if owner.kind != "postgresql" or application.get_backend_name() != "postgresql":
        raise BadRequest("owner_needs_postgresql")
    if not application.username or application.username == owner.url.username:
        raise BadRequest("owner_is_application")
    with owner.transaction() as connection:
        quote = connection.dialect.identifier_preparer.quote
        role, database = quote(application.username), quote(str(application.database))
        _make_role(connection, OWNER, "NOLOGIN")
        _make_role(connection, application.username, "LOGIN", application.password)
        _run(connection, f"GRANT {OWNER} TO CURRENT_USER")
        _run(connection, f"GRANT CONNECT ON DATABASE {database} TO {role}")
        _run(connection, f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}, {role}")
        _run(connection, f"SET LOCAL ROLE {OWNER}")
        set_up(connection)
        _grant(connection, application.username)
    owner.dispose()


def _make_role(connection: Connection, name: str, kind: str, password: str | None = None) -> None:
    found = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).first()
    quoted = connection.dialect.identifier_preparer.quote(name)
    if found is None:
        _run(connection, f"CREATE ROLE {quoted} {kind}")
    if password is not None:
        text = connection.exec_driver_sql("SELECT quote_literal(%s)", (password,)).scalar_one()
        _run(connection, f"ALTER ROLE {quoted} PASSWORD {text}")


def _grant(connection: Connection, name: str) -> None:
    role = connection.dialect.identifier_preparer.quote(name)
    tables = connection.exec_driver_sql(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 's\\_%%'"
    ).scalars()
    for table in tables.all():
        rights = "SELECT, INSERT, UPDATE, DELETE, REFERENCES"
        if table in _APPEND_ONLY:
            rights = "SELECT, INSERT"
        if table in _READ_ONLY:
            rights = "SELECT"
        _run(connection, f'GRANT {rights} ON "{table}" TO {role}')
    _run(connection, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
    posting.grant(connection, name)


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
