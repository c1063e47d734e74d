"""Raw SQL against posted rows: everything the engine should never do is refused by the database."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pysqlite3
import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import tables

from .conftest import Books, open_books

TABLES = ("k_posting", "k_move", "k_value_entry", "k_pool_entry", "k_journal_line", "k_pool",
          "k_item", "k_item_policy", "k_uom_factor", "k_warehouse", "k_company",
          "k_period_event")  # fmt: skip


@pytest.fixture
def posted(books: Books) -> Books:
    for act in ("r1 1 receive 10 @ 10", "t1 2 transfer 4 W1 W2", "i1 3 issue 3 W2"):
        books.play(act)
    with books.database.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO k_period_event (company, n, kind, ym, closed_through, digest, reason,"
            f" user_name, at) VALUES ({books.company}, 1, 'open', '2020-01', '2019-12', '', '',"
            " 'x', '2020-01-01')"
        )
    return books


def attack(books: Books, *statements: str) -> str:
    """Run statements in one transaction; the text of the refusal, or nothing."""
    try:
        with books.database.transaction() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return str(error.orig)
    return ""


def columns(table: str) -> list[str]:
    return [column.name for column in tables.metadata.tables[table].columns]


def everything(books: Books) -> list[Any]:
    with books.database.reading() as connection:
        return [
            connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").all()
            for table in TABLES
        ]


def test_update_and_delete_are_refused(posted: Books) -> None:
    was = everything(posted)
    for table in TABLES:
        first = columns(table)[0]
        for statement in (f"UPDATE {table} SET {first} = {first}", f"DELETE FROM {table}"):
            assert "append-only" in attack(posted, statement), statement
    assert everything(posted) == was


KEYS = {"k_pool_entry": "pool, n", "k_journal_line": "posting, n", "k_period_event": "company, n"}


def test_writing_over_a_row_is_refused(posted: Books) -> None:
    """The same row once more, in every spelling that would put it in the place of the old one."""
    was = everything(posted)
    for table in TABLES:
        names = ", ".join(columns(table))
        first = columns(table)[0]
        copy = f"INTO {table} ({names}) SELECT {names} FROM {table} WHERE true LIMIT 1"
        attacks = [
            f"INSERT {copy}",
            f"INSERT {copy} ON CONFLICT ({KEYS.get(table, 'id')})"
            f" DO UPDATE SET {first} = {table}.{first}",
        ]
        if posted.database.kind == "sqlite":
            attacks += [f"INSERT OR REPLACE {copy}", f"REPLACE {copy}"]
        else:
            attacks += [f"TRUNCATE {table}", f"TRUNCATE {table} CASCADE"]
        for statement in attacks:
            assert attack(posted, statement), statement
    assert everything(posted) == was


def test_replacing_by_a_unique_key_is_refused(posted: Books) -> None:
    """SQLite's REPLACE would delete the row that holds the key, whatever its id."""
    was = everything(posted)
    verb = "INSERT OR REPLACE" if posted.database.kind == "sqlite" else "INSERT"
    for table in ("k_item", "k_warehouse", "k_pool", "k_company", "k_uom_factor"):
        rest = ", ".join(columns(table)[1:])
        copy = f"INTO {table} (id, {rest}) SELECT 4711, {rest} FROM {table} LIMIT 1"
        assert attack(posted, f"{verb} {copy}"), table
    assert everything(posted) == was


def insert(table: str, **values: Any) -> str:
    spelled = ", ".join(
        "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"
        for value in values.values()
    )
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({spelled})"


def move(**more: Any) -> str:
    row: dict[str, Any] = {
        "id": 90000001, "posting": 9, "line": 0, "kind": "receive", "item": 1, "pool": 1,
        "dq": 5, "at": 0, "ord": 9, "business_date": "2026-01-01", "amount": 5, "uom": "",
        "uom_qty": "", "unit_cost": "", "lot": "",
    }  # fmt: skip
    return insert("k_move", **{**row, **more})


def value(**more: Any) -> str:
    row: dict[str, Any] = {
        "id": 90000001, "posting": 9, "move": 90000001, "pool": 1, "kind": "original",
        "account": "receipt", "dv": 5, "effective_date": "2026-01-01",
    }  # fmt: skip
    return insert("k_value_entry", **{**row, **more})


def entry(**more: Any) -> str:
    row: dict[str, Any] = {"pool": 1, "n": 3, "posting": 9, "dq": 5, "dv": 5,
                           "q_after": 6000005, "v_after": 6005}  # fmt: skip
    return insert("k_pool_entry", **{**row, **more})


def header(**more: Any) -> str:
    row: dict[str, Any] = {
        "id": 9, "company": 1, "seq": 4, "idem_key": "forged", "payload_hash": "x",
        "kind": "receive", "business_date": "2026-01-01", "at": 0, "ord": 9, "doc_type": "x",
        "doc_id": "x", "ext_dv": 5, "n_moves": 1, "n_values": 1, "n_entries": 1, "n_journal": 2,
        "user_name": "x", "posted_at": "x", "prev_hash": "", "hash": "x",
    }  # fmt: skip
    return insert("k_posting", **{**row, **more})


LINES = (insert("k_journal_line", posting=9, n=1, account="stock", amount=5),
         insert("k_journal_line", posting=9, n=2, account="receipt", amount=-5))  # fmt: skip
ROWS = (move(), value(), entry(), *LINES)

FORGED: dict[str, tuple[tuple[str, ...], str]] = {
    "a further row for a finished posting": ((move(id=10000009, posting=1),), "is complete"),
    "a value for a finished posting": (
        (value(id=10000009, posting=1, move=10000001),),
        "is complete",
    ),
    "an entry for a finished posting": ((entry(posting=1),), "is complete"),
    "a journal line for a finished posting": (
        (insert("k_journal_line", posting=1, n=7, account="stock", amount=5),),
        "is complete",
    ),
    "an id of another posting": ((move(id=10000009),), "id does not belong"),
    "a move of nothing": ((move(dq=0),), "moves something"),
    "a move of another item": ((move(item=2),), "another item"),
    "an arrival without a departure": ((move(kind="transfer_in", peer=1),), "has gone out"),
    "a void that is no mirror": ((move(kind="void", voids=10000001, dq=-1),), "mirrors"),
    "a value for another pool": ((move(), value(pool=2)), "another pool"),
    "a value of no change": ((move(), value(kind="revalue", dv=0)), "changes a value"),
    "a gap in the chain": ((entry(n=4),), "chain of the pool"),
    "a wrong quantity": ((entry(q_after=7),), "quantity does not follow"),
    "a wrong value": ((entry(v_after=7),), "value does not follow"),
    "a value without goods": (
        (entry(dq=-6000000, q_after=0, dv=1, v_after=6001),),
        "no quantity, no value",
    ),
    "a negative value of goods": ((entry(dv=-6001, v_after=-1, q_after=6000005),), "no negative"),
    "negative stock": (
        (entry(dq=-6000001, q_after=-1, dv=-6000, v_after=0),),
        "no negative stock",
    ),
    "rows without a header": (ROWS, ""),
    "a header out of sequence": ((*ROWS, header(seq=6)), "chain of postings"),
    "a header that forgets the chain": ((*ROWS, header()), "previous hash"),
    "a header without its rows": ((header(n_moves=1),), ""),
    "an uneven sum": ((move(), value(), entry(dq=4, q_after=6000004), *LINES, header()), ""),
    "a wrong hash": ((*ROWS, "HEADER"), "hash is wrong"),
    "a frozen policy": (
        (
            insert(
                "k_item_policy", item=1, n=2, valid_from=1, method="fifo", scope="warehouse",
                negative="allow", tracking="none", base_uom="", atoms_per_base=1,
            ),
        ),
        "frozen",
    ),
    "a unit that is no whole number of atoms": (
        (insert("k_uom_factor", item=1, uom="seventh", num=1, den=7),),
        "whole number of atoms",
    ),
}  # fmt: skip


def test_forged_rows_are_refused(posted: Books) -> None:
    was = everything(posted)
    with posted.database.reading() as connection:
        last = connection.exec_driver_sql("SELECT hash FROM k_posting ORDER BY seq DESC").first()
    assert last is not None
    for name, (statements, says) in FORGED.items():
        filled = [header(prev_hash=last[0]) if one == "HEADER" else one for one in statements]
        refusal = attack(posted, *filled)
        assert refusal, name
        assert says in refusal, name
    assert everything(posted) == was


def test_half_a_posting_does_not_commit(posted: Books) -> None:
    assert "FOREIGN KEY" in attack(posted, *ROWS).upper()


SWITCHES = {
    "sqlite": (
        ("PRAGMA ignore_check_constraints = ON", entry(dv=-6001, v_after=-1)),
        ("PRAGMA recursive_triggers = OFF", "INSERT OR REPLACE INTO k_item SELECT * FROM k_item"),
        ("PRAGMA defer_foreign_keys = ON", "DELETE FROM k_move"),
    ),
    "postgresql": (
        ("SET LOCAL session_replication_role = replica", "UPDATE k_move SET dq = 1"),
        ("SET LOCAL session_replication_role = replica", entry(n=7)),
        ("SET CONSTRAINTS ALL DEFERRED", "DELETE FROM k_move"),
    ),
}


def test_switches_do_not_help(posted: Books) -> None:
    was = everything(posted)
    for switch, statement in SWITCHES[posted.database.kind]:
        assert attack(posted, switch, statement), switch
    assert everything(posted) == was


@pytest.fixture
def in_a_file(tmp_path: Path) -> Iterator[Books]:
    """Books on SQLite, where whoever holds the file can open it."""
    database = Database(f"sqlite:///{tmp_path / 'books.db'}")
    books = open_books(database)
    books.play("r1 1 receive 10 @ 10")
    yield books
    database.dispose()


def test_a_foreign_connection_cannot_insert(in_a_file: Books) -> None:
    """The hash in the chain is computed by a function only the application registers."""
    was = everything(in_a_file)
    stranger = pysqlite3.connect(in_a_file.database.url.database)
    for statement in (move(), value(), entry(n=2, q_after=10000005, v_after=10005), *LINES):
        stranger.execute(statement)
    with pytest.raises(pysqlite3.OperationalError, match="no such function: k_hash"):
        stranger.execute(header(seq=2))
    stranger.close()
    assert everything(in_a_file) == was


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
    "ATTACH ':memory:' AS other",
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
    guarded.close()


def test_guarded_connection__posts_as_ever(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'guarded.db'}")
    event.listen(database.engine, "connect", lambda raw, _: kernel.guard_connection(raw))
    books = open_books(database)
    for act in ("r1 1 receive 10 @ 10", "i1 3 issue 3", "r0 2 receive 1 @ 99", "v1 - void i1"):
        assert isinstance(books.play(act), kernel.Posted)
    assert books.broken() == set()
    database.dispose()


def test_application_role__may_append_and_nothing_else(postgres_url: str) -> None:
    posted = open_books(Database(postgres_url))
    posted.play("r1 1 receive 10 @ 10")
    posted.play("i1 2 issue 1")
    role = f"clerk_{posted.database.url.database}"
    with posted.database.transaction() as connection:
        connection.exec_driver_sql(f'CREATE ROLE "{role}"')
        connection.exec_driver_sql(f'GRANT USAGE ON SCHEMA public TO "{role}"')
        kernel.grant(connection, role)
    become = f'SET LOCAL ROLE "{role}"'
    try:
        for statement in (
            "UPDATE k_move SET dq = 1",
            "DELETE FROM k_move",
            "TRUNCATE k_move",
            "DROP TABLE k_move",
            "ALTER TABLE k_move DISABLE TRIGGER ALL",
            "DROP TRIGGER k_move_guard ON k_move",
            "CREATE OR REPLACE FUNCTION k_append_only() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NULL; END'",
            "SET session_replication_role = replica",
        ):
            assert attack(posted, become, statement), statement
        for statement in ("UPDATE k_pool SET id = id", "UPDATE k_company SET id = id"):
            assert "append-only" in attack(posted, become, statement)
        with posted.database.transaction() as connection:
            connection.exec_driver_sql(become)
            line = kernel.ReceiveLine("A", "W3", 1, unit_cost=1)
            command = kernel.Receive(posted.header("as-clerk", "1"), (line,))
            assert isinstance(kernel.post(connection, command), kernel.Posted)
            void = kernel.Void(posted.header("void-clerk"), posted.postings["i1"])
            assert isinstance(kernel.post(connection, void), kernel.Posted)
    finally:
        with posted.database.transaction() as connection:
            connection.exec_driver_sql(f'DROP OWNED BY "{role}"')
            connection.exec_driver_sql(f'DROP ROLE "{role}"')
        assert posted.broken() == set()
        posted.database.dispose()


def test_no_floating_point_in_the_schema(posted: Books) -> None:
    catalogue: dict[str, Callable[[], str]] = {
        "sqlite": lambda: (
            "SELECT DISTINCT p.type FROM sqlite_master m, pragma_table_info(m.name) p"
            " WHERE m.type = 'table' AND m.name LIKE 'k~_%' ESCAPE '~'"
        ),
        "postgresql": lambda: (
            "SELECT DISTINCT data_type FROM information_schema.columns"
            " WHERE table_name LIKE 'k~_%%' ESCAPE '~'"
        ),
    }
    with posted.database.reading() as connection:
        kinds = {row[0] for row in connection.exec_driver_sql(catalogue[posted.database.kind]())}
    assert {kind.upper() for kind in kinds} <= {"INTEGER", "TEXT", "BIGINT"}


def test_install__is_repeatable_and_says_what_is_missing(posted: Books) -> None:
    with posted.database.transaction() as connection:
        kernel.install(connection)
        assert kernel.missing_guards(connection) == []
        assert kernel.schema_digest(connection) == kernel.marked_digest(connection)


def test_sqlite_floor() -> None:
    """The triggers need ordered aggregates, which the bundled SQLite has."""
    assert pysqlite3.sqlite_version_info >= (3, 44)
