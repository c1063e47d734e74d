"""Two roles on PostgreSQL: the application works, and cannot rewrite what happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from builder.cli import main
from runtime.infra import self_check
from runtime.infra.db import Database
from runtime.infra.settings import read
from runtime.platform import open_database

JXC = Path(__file__).parents[2] / "app_templates" / "jxc"


@contextmanager
def dropped_afterwards(database: Database, role: str) -> Iterator[None]:
    """Roles belong to the server, not to the database of the test."""
    try:
        yield
    finally:
        with database.transaction() as connection:
            for name in (role, "dajian_owner"):
                connection.exec_driver_sql(f"DROP OWNED BY {name} CASCADE")
                connection.exec_driver_sql(f"DROP ROLE {name}")


def test_init__the_application_may_append_and_read(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"dajian_app_{make_url(postgres_url).database}"[:60]
    application = make_url(postgres_url).set(username=role, password="a word for tests")
    url = application.render_as_string(hide_password=False)
    monkeypatch.setenv("DAJIAN_HOME", str(tmp_path))
    monkeypatch.setenv("DAJIAN_DATABASE", url)
    owner = Database(postgres_url)

    def dajian(*words: str) -> None:
        answer = CliRunner().invoke(main, words)
        assert answer.exit_code == 0, answer.output

    with dropped_afterwards(owner, role):
        dajian("init", "--owner-url", postgres_url)
        dajian("init", "--owner-url", postgres_url)
        # The application's own role installs apps, makes people and keeps the books.
        dajian("app", "install", str(JXC))
        dajian("user", "create", "li", "--role", "buyer", "--password", "correct horse")
        dajian("books", "verify")
        working = open_database(url)
        found = {finding.code for finding in self_check.of_database(working, read())}
        assert "application_owns_ledger" not in found
        for statement in (
            "UPDATE s_audit SET user_name = 'nobody'",
            "DELETE FROM s_audit",
            "TRUNCATE s_audit",
            "DROP TABLE s_audit",
            "ALTER TABLE s_audit DISABLE TRIGGER ALL",
            "DROP TRIGGER s_audit_no_change ON s_audit",
            "DELETE FROM k_schema",
            "DROP TABLE k_posting",
            "UPDATE s_schema_version SET version_num = '0'",
        ):
            with pytest.raises(DBAPIError), working.transaction() as connection:
                connection.exec_driver_sql(statement)
        working.dispose()
    owner.dispose()


def test_init__owner_and_application_are_two(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAJIAN_HOME", str(tmp_path))
    words = ["init", "--owner-url", postgres_url, "--database", postgres_url]
    assert CliRunner().invoke(main, words).exit_code == 1
    words = ["init", "--owner-url", postgres_url, "--database", f"sqlite:///{tmp_path / 'a.db'}"]
    assert CliRunner().invoke(main, words).exit_code == 1
