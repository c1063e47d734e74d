"""Raw SQL against posted rows: everything the engine should never do is refused by the database."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError

from runtime.kernel import tables
from runtime.kernel.chain import columns_of
from runtime.kernel.connections import ready
from runtime.kernel.guards import RULES

from .conftest import Books
from .forgeries import AT_ONCE, ATTACKS, CASES
from .forging import TABLES, Forged, attack, attacked, refusal_of, told

__all__ = ["attacked", "told"]


def keys(table: Table) -> Iterator[tuple[str, ...]]:
    """The columns of every key by which a row can be found and written over."""
    for constraint in table.constraints:
        if type(constraint).__name__ in {"PrimaryKeyConstraint", "UniqueConstraint"}:
            names = tuple(column.name for column in constraint.columns)  # type: ignore[attr-defined]
            if names not in {("voids",), ("reverses",)}:
                yield names


def one_row_of_all(books: Books) -> None:
    with books.database.reading() as connection:
        for name in TABLES:
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar(), name


def test_there_is_a_row_to_attack_in_every_table(attacked: Books) -> None:
    assert len(TABLES) == 24
    one_row_of_all(attacked)


@pytest.mark.parametrize("table", TABLES)
def test_changing_and_deleting_are_refused(attacked: Books, table: str) -> None:
    first, *rest = columns_of(tables.metadata.tables[table])
    statements = [f"DELETE FROM {table}", f"DELETE FROM {table} WHERE {first} IS NOT NULL"]
    statements += [f"UPDATE {table} SET {name} = {name}" for name in (first, *rest)]
    if attacked.database.kind == "sqlite":
        statements += [f"UPDATE OR REPLACE {table} SET rowid = rowid + 1"]
    else:
        statements += [
            f"TRUNCATE {table}",
            f"TRUNCATE {table} CASCADE",
            f"DELETE FROM ONLY {table}",
            f"MERGE INTO {table} t USING {table} s ON t.{first} = s.{first}"
            " WHEN MATCHED THEN DELETE",
            f"WITH gone AS (DELETE FROM {table} RETURNING *) SELECT count(*) FROM gone",
        ]
    for statement in statements:
        refusal = attack(attacked, statement)
        assert refusal, statement
        # Other tables lean on this one, and PostgreSQL says so first.
        assert "append-only" in refusal or "cannot truncate" in refusal, (statement, refusal)


@pytest.mark.parametrize("table", TABLES)
def test_writing_over_a_row_is_refused(attacked: Books, table: str) -> None:
    """The same row once more, in every spelling that would put it in the place of the old one."""
    known = tables.metadata.tables[table]
    names = columns_of(known)
    listed, last = ", ".join(names), names[-1]
    copy = f"INTO {table} ({listed}) SELECT {listed} FROM {table} WHERE true"
    statements = [f"INSERT {copy}"]
    for key in keys(known):
        on = ", ".join(key)
        statements.append(f"INSERT {copy} ON CONFLICT ({on}) DO UPDATE SET {last} = {table}.{last}")
    if attacked.database.kind == "sqlite":
        statements += [f"REPLACE {copy}", f"INSERT OR IGNORE {copy}", f"INSERT OR FAIL {copy}"]
        statements += [f"INSERT OR {how} {copy} LIMIT 1" for how in ("REPLACE", "ROLLBACK")]
    for statement in statements:
        assert attack(attacked, statement), statement


@pytest.mark.parametrize("table", TABLES)
def test_replacing_a_row_by_one_of_its_keys_is_refused(attacked: Books, table: str) -> None:
    """SQLite's REPLACE deletes the row that holds a key, without a word to delete triggers."""
    known = tables.metadata.tables[table]
    is_sqlite = attacked.database.kind == "sqlite"
    verb = "INSERT OR REPLACE" if is_sqlite else "INSERT"
    for key in keys(known):
        fresh = {
            name: "999000000001" if column.type.python_type is int else "'never'"
            for name, column in known.columns.items()
            if name not in key and not column.foreign_keys
        }
        values = ", ".join(fresh.get(name, name) for name in columns_of(known))
        statement = f"{verb} INTO {table} ({', '.join(columns_of(known))}) SELECT {values}"
        refusal = attack(attacked, f"{statement} FROM {table} LIMIT 1")
        assert refusal, key
        if is_sqlite:
            assert refusal == f"{table}: exists already", (key, refusal)


@pytest.mark.parametrize("table", [name for name in TABLES if "id" not in columns_of(
    tables.metadata.tables[name])])  # fmt: skip
def test_replacing_by_the_hidden_key_is_refused(attacked: Books, table: str) -> None:
    """Every table of SQLite without a number of its own has a hidden one to find rows by."""
    if attacked.database.kind != "sqlite":
        return
    names = columns_of(tables.metadata.tables[table])
    fresh = ", ".join("999" if name == "n" else name for name in names)
    for row, says in (("rowid", "exists already"), ("-1", "numbered from one"), ("0", "")):
        statement = (
            f"INSERT OR REPLACE INTO {table} (rowid, {', '.join(names)})"
            f" SELECT {row}, {fresh} FROM {table} LIMIT 1"
        )
        refusal = attack(attacked, statement)
        assert refusal, statement
        if table in {"k_company_rule", "k_account_rule"} and row != "rowid":
            statement = statement.replace("999,", f"(SELECT max(n) + 1 FROM {table}),")
            assert says in attack(attacked, statement), statement


def test_every_rule_is_attacked() -> None:
    assert {(table, text) for table, rules in RULES.items() for text, _ in rules} == set(CASES)
    assert len(CASES) == sum(len(rules) for rules in RULES.values())


def test_a_posting_whose_every_row_is_right_is_let_in(attacked: Books) -> None:
    """The attacks prove something because this is what they make wrong."""
    assert refusal_of(attacked) == ""


@pytest.mark.parametrize(("table", "text"), CASES)
def test_what_the_rule_forbids_is_refused(attacked: Books, table: str, text: str) -> None:
    assert refusal_of(attacked, ATTACKS[table][text]) == f"{table}: {text}"


@pytest.mark.parametrize(("table", "text"), [case for case in CASES if case[0] in AT_ONCE])
def test_one_wrong_row_among_many_is_refused(attacked: Books, table: str, text: str) -> None:
    """PostgreSQL asks these rules once for all rows of a statement; each row is judged."""

    def right_ones_around(f: Forged) -> None:
        right = [dict(row) for row in f.rows[table]]
        wrong = f.rows[table]
        ATTACKS[table][text](f)
        number = "n" if table == "k_journal_line" else "id"
        around = [{**right[0], number: right[0][number] + step} for step in (50, 51)]
        f.rows[table] = [around[0], *wrong, around[1]]

    assert refusal_of(attacked, right_ones_around) == f"{table}: {text}"


@pytest.mark.parametrize(("table", "text"), [case for case in CASES if case[0] in AT_ONCE])
def test_rows_that_are_copied_in_are_judged(attacked: Books, table: str, text: str) -> None:
    if attacked.database.kind != "postgresql":
        return
    said = ""
    with attacked.database.engine.connect() as connection, connection.begin() as transaction:
        forged = Forged(connection, attacked.company)
        ATTACKS[table][text](forged)
        rows = forged.as_rows(table)
        before = ("k_item", "k_move", "k_pool_entry")
        kept = {name: forged.rows[name] for name in before if name != table}
        forged.rows = {name: kept.get(name, []) for name in TABLES}
        forged.write(until="sections")
        driver: Any = connection.connection.driver_connection
        try:
            with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        except driver.Error as error:
            said = str(error).split("\n", maxsplit=1)[0]
        transaction.rollback()
    assert said == f"{table}: {text}"


@pytest.mark.parametrize("table", ["k_move", "k_journal_line", "k_pool_entry", "k_position_entry"])
def test_half_a_posting_does_not_commit(attacked: Books, table: str) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        commit_half(attacked, table)


def test_a_value_stays_by_the_entry_of_its_pool(attacked: Books) -> None:
    """It has no key to the header itself; what it needs has one."""
    with pytest.raises(DBAPIError, match="no entry of a pool"):
        commit_half(attacked, "k_value_entry")
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        commit_half(attacked, "k_move", "k_pool_entry", "k_value_entry")


def commit_half(books: Books, *own: str) -> None:
    with books.database.transaction() as connection:
        ready(connection)
        forged = Forged(connection, books.company)
        forged.rows = {name: forged.rows[name] if name in own else [] for name in TABLES}
        forged.write(until="sections")


def test_a_header_without_a_number_is_refused(attacked: Books) -> None:
    """SQLite would number it after its trigger has looked."""
    if attacked.database.kind == "sqlite":
        columns = ", ".join(name for name in columns_of(tables.posting) if name != "id")
        statement = f"INSERT INTO k_posting ({columns}) SELECT {columns} FROM k_posting WHERE id=1"
        changed = statement.replace("SELECT company, seq, idem_key", "SELECT company, 99, 'new'")
        assert attack(attacked, changed) == "k_posting: a posting has a number"
