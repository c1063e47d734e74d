"""Switches, roles, owners and strangers: what guards the books, and that its absence is noticed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pysqlite3
import pytest
from flask import Flask
from sqlalchemy import event

import runtime.app
from runtime import kernel
from runtime.infra import self_check
from runtime.infra.db import Database
from runtime.infra.self_check import RefusedToStartError
from runtime.kernel.chain import columns_of, digest
from runtime.kernel.tables import metadata
from runtime.platform import of_books, set_up
from tests.tally import uses

from .conftest import Books, open_books
from .forgeries import ATTACKS, CASES
from .forging import (
    TABLES,
    Forged,
    attack,
    attacked,
    everything,
    header,
    refusal_of,
    rolled_back,
    told,
)

__all__ = ["attacked", "told"]

SWITCHES = {
    "sqlite": (
        "PRAGMA foreign_keys = OFF",
        "PRAGMA ignore_check_constraints = ON",
        "PRAGMA recursive_triggers = ON",
    ),
    "postgresql": ("SET LOCAL session_replication_role = replica",),
}


def test_switches__what_the_rules_forbid_stays_forbidden(attacked: Books) -> None:
    switches = SWITCHES[attacked.database.kind]
    assert refusal_of(attacked, switches=switches) == ""
    for table, text in CASES:
        refusal = refusal_of(attacked, ATTACKS[table][text], switches=switches)
        assert refusal == f"{table}: {text}"


def test_switches__nothing_changes_or_goes(attacked: Books) -> None:
    switches = [*SWITCHES[attacked.database.kind]]
    switches.append(
        "PRAGMA defer_foreign_keys = ON"
        if attacked.database.kind == "sqlite"
        else "SET CONSTRAINTS ALL DEFERRED"
    )
    for table in TABLES:
        first = columns_of(metadata.tables[table])[0]
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {first} = {first}"):
            assert "append-only" in attack(attacked, *switches, statement), statement


def test_switches__half_a_posting_that_slips_in_is_reported(attacked: Books) -> None:
    """Where foreign keys are off a row may stand alone; nobody can make it look like a posting."""
    with rolled_back(attacked, SWITCHES[attacked.database.kind]) as connection:
        forged = Forged(connection, attacked.company)
        forged.rows = {
            name: forged.rows[name] if name == "k_journal_line" else [] for name in TABLES
        }
        forged.write(until="sections")
        assert broken(connection) == {"INV-10", "INV-12"}


def broken(connection: Any) -> set[str]:
    return {finding.id for finding in kernel.verify(connection) if not finding.ok}


EMPTY_GUARD = "CREATE TRIGGER k_move_guard BEFORE INSERT ON k_move BEGIN SELECT 1; END"
# What somebody can do to whom the file or the tables belong.
OWNERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "sqlite": (
        *((f"DROP TRIGGER {table}_no_update",) for table in TABLES),
        ("DROP TRIGGER k_posting_guard",),
        ("DROP TRIGGER k_pool_entry_numbered",),
        ("DROP TRIGGER k_move_guard", EMPTY_GUARD),
        ("CREATE TRIGGER x BEFORE INSERT ON k_lot BEGIN SELECT RAISE(IGNORE); END",),
        ("DROP INDEX ix_k_value_entry_move",),
        ("ALTER TABLE k_move ADD COLUMN more TEXT",),
        ("CREATE VIEW k_seen AS SELECT * FROM k_move",),
    ),
    "postgresql": (
        *((f"DROP TRIGGER {table}_append_only ON {table}",) for table in TABLES),
        ("ALTER TABLE k_move DISABLE TRIGGER k_move_guard",),
        ("ALTER TABLE k_move ENABLE TRIGGER k_move_guard",),
        ("ALTER TABLE k_posting DISABLE TRIGGER ALL",),
        (
            "CREATE OR REPLACE FUNCTION k_append_only() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NULL; END'",
        ),
        (
            "CREATE OR REPLACE FUNCTION k_hash(spelled text) RETURNS text LANGUAGE sql IMMUTABLE"
            " STRICT AS $$SELECT ''$$",
        ),
        ("ALTER FUNCTION k_move_guard() SET search_path = elsewhere",),
        ("ALTER TABLE k_pool_entry DROP CONSTRAINT ck_k_pool_entry_no_negative_value",),
        ("ALTER TABLE k_posting DROP CONSTRAINT uq_k_posting_voids",),
        ("CREATE RULE x AS ON INSERT TO k_lot DO INSTEAD NOTHING",),
        ("ALTER TABLE k_account_rule SET UNLOGGED",),
        ("ALTER TABLE k_move ENABLE ROW LEVEL SECURITY",),
        ("CREATE TABLE beside () INHERITS (k_journal_line)",),
        ("ALTER TABLE k_lot ADD COLUMN more TEXT",),
        ("ALTER TABLE k_lot ALTER COLUMN key DROP NOT NULL",),
    ),
}


def test_owner__whatever_is_taken_away_is_noticed(attacked: Books) -> None:
    for statements in OWNERS[attacked.database.kind]:
        with rolled_back(attacked) as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            with pytest.raises(kernel.UnfitBooksError) as unfit:
                kernel.check_fit(connection)
            assert unfit.value.reason == "changed", statements
            with pytest.raises(kernel.UnfitBooksError):
                kernel.install(connection)
    with rolled_back(attacked) as connection:
        kernel.check_fit(connection)


def test_owner__a_mark_that_fits_does_not_help(attacked: Books) -> None:
    """Who takes a guard away can also write the digest of what is left."""
    is_sqlite = attacked.database.kind == "sqlite"
    for guard in ("k_move_no_delete", "k_posting_guard"):
        with rolled_back(attacked) as connection:
            if is_sqlite:
                connection.exec_driver_sql(f"DROP TRIGGER {guard}")
            else:
                guard = guard.replace("no_delete", "append_only")  # noqa: PLW2901
                table = guard.removesuffix("_append_only").removesuffix("_guard")
                connection.exec_driver_sql(f"DROP TRIGGER {guard} ON {table}")
            left = kernel.schema_digest(connection)
            connection.exec_driver_sql(f"INSERT INTO k_schema (id, digest) VALUES (99, '{left}')")
            with pytest.raises(kernel.UnfitBooksError) as unfit:
                kernel.check_fit(connection)
            assert unfit.value.what == (guard,)
            findings = {finding.id: finding for finding in kernel.verify(connection)}
            assert guard in findings["INV-1"].detail


@pytest.fixture
def tampered(database: Database) -> Database:
    """Books of which somebody has taken one guard away, for good."""
    books = open_books(database)
    books.play("r1 1 receive 10 @ 10")
    on = "" if database.kind == "sqlite" else " ON k_move"
    guard = "k_move_no_update" if database.kind == "sqlite" else "k_move_append_only"
    with database.transaction() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {guard}{on}")
    return database


def test_start__refused_where_a_guard_is_missing(
    tampered: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = "k_move_no_update" if tampered.kind == "sqlite" else "k_move_append_only"
    with pytest.raises(RefusedToStartError) as refused:
        self_check.demand(of_books(tampered))
    assert [(one.code, one.params) for one in refused.value.findings] == [
        ("ledger_not_sealed", {"detail": guard})
    ]
    with pytest.raises(RefusedToStartError) as refused, tampered.transaction() as connection:
        set_up(connection)
    assert [one.code for one in refused.value.findings] == ["ledger_not_sealed"]
    address = tampered.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DAJIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAJIAN_DATABASE", address)
    monkeypatch.setattr(runtime.app.log, "configure", lambda _level: None)
    made: list[Flask] = []
    make = runtime.app.create_app
    monkeypatch.setattr(
        runtime.app, "create_app", lambda *a, **more: made.append(make(*a, **more)) or made[0]
    )
    with pytest.raises(RefusedToStartError) as refused:
        runtime.app.serve()
    assert [one.code for one in refused.value.findings] == ["ledger_not_sealed"]
    made[0].extensions["dajian"].database.dispose()
    with tampered.reading() as connection:
        assert "INV-1" in broken(connection)


def test_start__books_of_an_earlier_kernel_are_refused(database: Database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE k_schema (id INTEGER, digest TEXT)")
        connection.exec_driver_sql("CREATE TABLE k_posting (id INTEGER, company INTEGER)")
    with pytest.raises(RefusedToStartError) as refused:
        self_check.demand(of_books(database))
    assert [one.code for one in refused.value.findings] == ["books_too_old"]
    with pytest.raises(RefusedToStartError) as refused, database.transaction() as connection:
        set_up(connection)
    assert [one.code for one in refused.value.findings] == ["books_too_old"]
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM k_schema").scalar()
    assert rows == 0


@pytest.fixture
def in_a_file(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Books]:
    """Books on SQLite, where whoever holds the file can open it."""
    uses(request, "sqlite")
    database = Database(f"sqlite:///{tmp_path / 'books.db'}")
    books = open_books(database)
    books.play("r1 1 receive 10 @ 10")
    yield books
    database.dispose()


def test_a_foreign_connection_cannot_insert(in_a_file: Books) -> None:
    """A function that only the application knows is named in every insert trigger."""
    was = everything(in_a_file)
    stranger = pysqlite3.connect(in_a_file.database.url.database)
    for table in TABLES:
        names = columns_of(metadata.tables[table])
        for verb in ("INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE", "REPLACE"):
            statement = f"{verb} INTO {table} VALUES ({', '.join('1' for _ in names)})"
            with pytest.raises(pysqlite3.OperationalError, match="no such function: k_hash"):
                stranger.execute(statement)
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {names[0]} = 1"):
            stranger.execute("PRAGMA foreign_keys = OFF")
            there = stranger.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            if there:
                with pytest.raises(pysqlite3.IntegrityError, match="append-only"):
                    stranger.execute(statement)
    stranger.close()
    assert everything(in_a_file) == was


def test_a_foreign_connection_that_knows_the_function(in_a_file: Books) -> None:
    """It still meets every rule, and what it does with foreign keys off is found."""
    stranger = pysqlite3.connect(in_a_file.database.url.database)
    stranger.create_function("k_hash", 1, digest, deterministic=True)
    with pytest.raises(pysqlite3.IntegrityError, match="is complete"):
        stranger.execute("INSERT INTO k_journal_line VALUES (1, 9, 'stock', 'stock', 5)")
    stranger.execute("INSERT INTO k_journal_line VALUES (77, 1, 'stock', 'stock', 0)")
    stranger.commit()
    stranger.close()
    assert in_a_file.broken() == {"INV-12"}


DENIED = (
    "DROP TABLE k_move",
    "DROP TRIGGER k_move_no_update",
    "DROP INDEX ix_k_value_entry_move",
    "ALTER TABLE k_move ADD COLUMN more TEXT",
    "ALTER TABLE k_move RENAME TO k_moved",
    "UPDATE k_move SET dq = 1",
    "DELETE FROM k_move",
    "PRAGMA writable_schema = ON",
    "PRAGMA ignore_check_constraints = ON",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA journal_mode = OFF",
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA synchronous = OFF",
    "ATTACH ':memory:' AS other",
    "CREATE TEMP TABLE k_move (id INTEGER)",
    "CREATE TEMP VIEW k_move AS SELECT 1",
    "CREATE TEMP TRIGGER x BEFORE INSERT ON k_lot BEGIN SELECT RAISE(IGNORE); END",
)


def test_guarded_connection(in_a_file: Books) -> None:
    guarded = pysqlite3.connect(in_a_file.database.url.database)
    guarded.execute("PRAGMA foreign_keys = ON")
    kernel.guard_connection(guarded)
    for statement in DENIED:
        with pytest.raises(pysqlite3.DatabaseError, match="not authorized"):
            guarded.execute(statement)
    assert guarded.execute("SELECT count(*) FROM k_move").fetchone() == (1,)
    guarded.execute("CREATE TABLE other (id INTEGER)")
    guarded.execute("ALTER TABLE other ADD COLUMN more TEXT")
    guarded.execute("UPDATE other SET id = 1")
    guarded.execute("DROP TABLE other")
    guarded.execute("CREATE TEMP TABLE scratch (id INTEGER)")
    guarded.close()


def test_guarded_connection__posts_as_ever(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'guarded.db'}")
    event.listen(database.engine, "connect", lambda raw, _: kernel.guard_connection(raw))
    books = open_books(database)
    for act in ("r1 1 receive 10 @ 10", "i1 3 issue 3", "r0 2 receive 1 @ 99", "v1 - void i1"):
        assert isinstance(books.play(act), kernel.Posted)
    assert books.broken() == set()
    database.dispose()


@pytest.fixture
def clerk(told: Books, request: pytest.FixtureRequest) -> Iterator[str]:
    """How to become the role with which an application works on PostgreSQL."""
    if told.database.kind == "sqlite":
        yield ""
        return
    uses(request, "postgresql")
    role = f"clerk_{told.database.url.database}"
    with told.database.transaction() as connection:
        connection.exec_driver_sql(f'CREATE ROLE "{role}"')
        connection.exec_driver_sql(f'GRANT USAGE ON SCHEMA public TO "{role}"')
        kernel.grant(connection, role)
    yield f'SET LOCAL ROLE "{role}"'
    with told.database.transaction() as connection:
        connection.exec_driver_sql(f'DROP OWNED BY "{role}"')
        connection.exec_driver_sql(f'DROP ROLE "{role}"')


def test_application_role__may_append_and_nothing_else(attacked: Books, clerk: str) -> None:
    if not clerk:
        return
    own = (
        "ALTER TABLE k_move DISABLE TRIGGER ALL",
        "DROP TRIGGER k_move_guard ON k_move",
        "CREATE OR REPLACE FUNCTION k_append_only() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
        "SET session_replication_role = replica",
        "CREATE RULE x AS ON DELETE TO k_move DO INSTEAD NOTHING",
        "CREATE TABLE beside () INHERITS (k_move)",
        "ALTER FUNCTION k_move_guard() SET search_path = pg_temp",
        "SELECT setval('k_posting_id', 1)",
    )
    for statement in own:
        refusal = attack(attacked, clerk, statement)
        assert "permission denied" in refusal or "must be owner" in refusal, statement
    for table in TABLES:
        first, second = columns_of(metadata.tables[table])[:2]
        for statement in (
            f"UPDATE {table} SET {second} = {second}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"DROP TABLE {table}",
        ):
            refusal = attack(attacked, clerk, statement)
            assert (
                "permission denied" in refusal
                or "must be owner" in refusal
                or (table == "k_period" and "append-only" in refusal)
            ), statement
        if table in {"k_pool", "k_company"}:
            statement = f"UPDATE {table} SET {first} = {first}"
            assert "append-only" in attack(attacked, clerk, statement)


def test_application_role__meets_every_rule(attacked: Books, clerk: str) -> None:
    if clerk:
        assert refusal_of(attacked, switches=(clerk,)) == ""
        for table, text in CASES:
            assert refusal_of(attacked, ATTACKS[table][text], switches=(clerk,)).endswith(text)


def test_application_role__posts_as_ever(attacked: Books, clerk: str) -> None:
    if not clerk:
        return
    goods = kernel.ReceiveLine("A", "W2", 3, unit_cost=1)
    commands = (
        kernel.Receive(header(attacked, "as-clerk", "02-01"), (goods,)),
        kernel.Void(header(attacked, "void", "02-01"), attacked.postings["r3"]),
        kernel.Release(header(attacked, "let-go", "02-05"), "q1"),
        kernel.Reserve(header(attacked, "hold", "02-05"), "A", "W1", 1),
        kernel.ClosePeriod(header(attacked, "close", "03-01"), "2026-02"),
        kernel.ReopenPeriod(header(attacked, "reopen", "03-01"), "2026-02", "an error"),
    )
    with rolled_back(attacked, (clerk,)) as connection:
        for command in commands:
            outcome = kernel.post(connection, command)
            assert isinstance(outcome, kernel.Posted), (command, outcome)
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        connection.exec_driver_sql("RESET ROLE")
        assert broken(connection) == set()


def test_no_floating_point_in_the_schema(attacked: Books) -> None:
    catalogue = {
        "sqlite": (
            "SELECT DISTINCT p.type FROM sqlite_master m, pragma_table_info(m.name) p"
            " WHERE m.type = 'table' AND m.name LIKE 'k~_%' ESCAPE '~'"
        ),
        "postgresql": (
            "SELECT DISTINCT data_type FROM information_schema.columns"
            " WHERE table_name LIKE 'k~_%%' ESCAPE '~'"
        ),
    }
    with attacked.database.reading() as connection:
        kinds = {row[0] for row in connection.exec_driver_sql(catalogue[attacked.database.kind])}
    assert {kind.upper() for kind in kinds} <= {"INTEGER", "TEXT", "BIGINT"}


def test_install__is_repeatable_and_says_what_is_missing(attacked: Books) -> None:
    with attacked.database.transaction() as connection:
        kernel.install(connection)
        assert kernel.missing_guards(connection) == []
        assert kernel.schema_digest(connection) == kernel.marked_digest(connection)


def test_sqlite_floor() -> None:
    """The triggers need ordered aggregates, which the bundled SQLite has."""
    assert pysqlite3.sqlite_version_info >= (3, 44)
