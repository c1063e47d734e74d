"""Every invariant is broken on purpose, behind the guards' back, and `verify` reports it.

What is done is what somebody who owns the database can do: take the guards away, change rows, forge
the hash chain and put the guards back. Each case happens in a transaction that is rolled back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Connection

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel.chain import posting_hash
from runtime.kernel.guards import postgresql_triggers
from runtime.kernel.verify.rows import _postings
from runtime.kernel.verify.states import _digest
from tests.tally import uses

from .conftest import NOW, Books, exact

ALL = {f"INV-{number}" for number in range(1, 27)}


class Story:
    """A little of everything: each document by name, each posting remembered."""

    def __init__(self, database: Database) -> None:
        with database.transaction() as connection:
            kernel.install(connection)
            company = kernel.create_company(connection, "books").id
            kernel.register_warehouses(connection, company, ["W1", "W2", "W3"])
            thirds = {"box": Fraction(1), "bottle": Fraction(1, 3)}
            for key, terms in {
                "A": kernel.ItemTerms(),
                "B": kernel.ItemTerms("box", thirds),
                "F": kernel.ItemTerms(method="fifo"),
                "N": kernel.ItemTerms(negative="allow"),
                "P": kernel.ItemTerms(),
                "S": kernel.ItemTerms(tracking="serial"),
            }.items():
                kernel.register_item(connection, company, key, terms)
        self.books = Books(database, company)

    def header(self, name: str, day: str) -> kernel.Header:
        month, number = map(int, day.split("-"))
        ref = kernel.DocumentRef("document", name)
        return kernel.Header(self.books.company, name, date(2026, month, number), ref, "clerk", NOW)

    def post(self, command: kernel.Command) -> None:
        outcome = self.books.post(command)
        assert isinstance(outcome, kernel.Posted), (command, outcome)

    def line_of(self, name: str) -> kernel.LineRef:
        return kernel.LineRef(self.books.postings[name], 0)

    def receive(self, name: str, day: str, item: str, qty: str, cost: str, at: str = "W1",  # noqa: PLR0913
                serials: tuple[str, ...] = ()) -> None:  # fmt: skip
        line = kernel.ReceiveLine(item, at, exact(qty), unit_cost=exact(cost), serials=serials)
        self.post(kernel.Receive(self.header(name, day), (line,)))

    def issue(self, name: str, day: str, item: str, qty: str, at: str = "W1",
              serials: tuple[str, ...] = ()) -> None:  # fmt: skip
        line = kernel.IssueLine(item, at, exact(qty), serials=serials)
        self.post(kernel.Issue(self.header(name, day), (line,)))

    def transfer(self, name: str, day: str, item: str, qty: str, at: str, to: str,  # noqa: PLR0913
                 of: str = "") -> None:  # fmt: skip
        source = self.line_of(of) if of else None
        line = kernel.TransferLine(item, at, to, exact(qty), source=source)
        self.post(kernel.Transfer(self.header(name, day), (line,)))

    def january(self) -> None:
        self.receive("r1", "1-1", "A", "10", "10")
        self.receive("r2", "1-1", "A", "10", "12", "W2")
        self.transfer("t1", "1-2", "A", "4", "W1", "W2")
        self.transfer("t2", "1-3", "A", "3", "W2", "W3", of="t1")
        self.issue("i1", "1-4", "A", "3", "W2")
        self.issue("i2", "1-5", "A", "1")
        self.post(kernel.Void(self.header("x2", "1-5"), self.books.postings["i2"]))
        self.receive("r0", "1-1", "A", "5", "20")
        self.receive("f1", "1-2", "F", "5", "10")
        self.receive("f2", "1-3", "F", "5", "12")
        self.issue("g1", "1-4", "F", "3")
        self.transfer("h1", "1-5", "F", "4", "W1", "W2")
        landed = (kernel.LandedLine(self.line_of("f1")), kernel.LandedLine(self.line_of("f2")))
        self.post(kernel.LandedCost(self.header("l1", "1-6"), 7, landed))
        billed = kernel.InvoiceLine(self.line_of("f2"), 2, unit_cost=13)
        self.post(kernel.Invoice(self.header("v1", "1-6"), (billed,)))
        back = kernel.ReturnLine(self.line_of("g1"), 1)
        self.post(kernel.SalesReturn(self.header("s1", "1-7"), (back,)))
        self.post(
            kernel.Assemble(
                self.header("k1", "1-8"), (kernel.IssueLine("F", "W1", 1),),
                (kernel.OutputLine("P", "W1", 2), kernel.OutputLine("P", "W2", 1)), 5,
            )
        )  # fmt: skip
        self.receive("c1", "1-9", "S", "2", "4", serials=("S1", "S2"))
        self.issue("c2", "1-10", "S", "1", serials=("S1",))
        self.issue("n1", "1-10", "N", "2")
        self.receive("n2", "1-11", "N", "5", "3")
        self.post(kernel.ClosePeriod(self.header("close", "1-31"), "2026-01"))

    def february(self) -> None:
        self.receive("f3", "2-1", "F", "5", "9")
        late = (kernel.LandedLine(self.line_of("f1")),)
        self.post(kernel.LandedCost(self.header("l2", "2-2"), 6, late))
        self.issue("i9", "2-3", "A", "2")
        self.post(kernel.ChangePolicy(self.header("m1", "2-4"), "P", method="fifo"))
        self.post(kernel.Reserve(self.header("q1", "2-5"), "A", "W1", 3))

    def moves(self, connection: Connection) -> dict[str, int]:
        """The first move and the posting of every document: `i1` and `p_i1`; pools as `pool_A`."""
        found: dict[str, int] = {}
        for name, posting in self.books.postings.items():
            found[f"p_{name}"] = posting
            found[name] = posting * 10_000_000 + 1
        pools = connection.exec_driver_sql(
            "SELECT i.key, w.key, p.id FROM k_pool p JOIN k_item i ON i.id = p.item"
            " JOIN k_warehouse w ON w.id = p.warehouse"
        )
        return found | {f"pool_{item}_{at}": number for item, at, number in pools}


@pytest.fixture(scope="module")
def told(module_url: str) -> Iterator[Story]:
    """The story on a database of each kind, told once for all cases."""
    database = Database(module_url)
    story = Story(database)
    story.january()
    story.february()
    yield story
    database.dispose()


@contextmanager
def behind_the_guards(told: Story) -> Iterator[Connection]:
    """A transaction of the owner, rolled back at the end."""
    with told.books.database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys = OFF")
            driver.execute("PRAGMA ignore_check_constraints = ON")
        transaction = connection.begin()
        try:
            yield connection
        finally:
            transaction.rollback()
            if connection.dialect.name == "sqlite":
                driver.execute("PRAGMA ignore_check_constraints = OFF")
                driver.execute("PRAGMA foreign_keys = ON")


@contextmanager
def without_guards(connection: Connection) -> Iterator[None]:
    run = connection.exec_driver_sql
    if connection.dialect.name == "sqlite":
        rows = run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in rows:
            run(f"DROP TRIGGER {name}")
        yield
        for _, sql in rows:
            connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        return
    triggers = [(name, table) for name, (table, _) in postgresql_triggers().items()]
    off = "".join(f"; ALTER TABLE {table} DISABLE TRIGGER {name}" for name, table in triggers)
    run(f"SET LOCAL session_replication_role = replica{off}")
    yield
    run("; ".join(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name, table in triggers))


def forge(connection: Connection, *, digests: bool = True) -> None:
    """Make the hash chain fit what the rows say now, and the digest of what was closed, too."""
    chain(connection)
    if digests:
        ((posting, company),) = connection.exec_driver_sql(
            "SELECT posting, company FROM k_period_event"
        )
        own = _digest(connection, company, ("", "2026-01"), posting)
        connection.exec_driver_sql(f"UPDATE k_period_event SET digest = '{own}'")
        chain(connection)


def chain(connection: Connection) -> None:
    before: dict[Any, str] = {}
    for header, sections, others in list(_postings(connection)):
        row = [*header[:-2], before.get(header[1], "")]
        own = posting_hash(row, sections, others)
        connection.exec_driver_sql(
            f"UPDATE k_posting SET prev_hash = '{row[-1]}', hash = '{own}' WHERE id = {header[0]}"
        )
        before[header[1]] = own


def broken(connection: Connection) -> set[str]:
    return {finding.id for finding in kernel.verify(connection) if not finding.ok}


HEAD = "n = (SELECT max(n) FROM k_pool_entry WHERE pool = {0})"
# What is done to the rows, and exactly which invariants notice; the hash chain is forged.
CASES: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "a last balance that is not the sum": (
        ("UPDATE k_pool_entry SET q_after = q_after + 1 WHERE pool = {pool_A_W3}",),
        {"INV-2", "INV-3", "INV-11"},
    ),
    "a last place that is not the sum": (
        ("UPDATE k_position_entry SET q_after = q_after + 1 WHERE posting = {p_c2}",),
        {"INV-2", "INV-3", "INV-11"},
    ),
    "a balance in between": (
        ("UPDATE k_pool_entry SET q_after = q_after + 1 WHERE pool = {pool_A_W1} AND n = 2",),
        {"INV-3"},
    ),
    "a layer of another size": (
        ("UPDATE k_pool_entry SET state = '1,1,0' WHERE pool = {pool_F_W2}",),
        {"INV-7", "INV-23"},
    ),
    "goods costed one by one in another's pool": (
        ("UPDATE k_item SET scope = 'batch' WHERE key = 'S'",), {"INV-7"},
    ),
    "value from nowhere": (
        ("UPDATE k_posting SET ext_dv = ext_dv + 1 WHERE id = {p_r1}",), {"INV-8"},
    ),
    "a date in a closed month": (
        ("UPDATE k_posting SET business_date = '2026-01-31' WHERE id = {p_i9}",), {"INV-9"},
    ),
    "a value in a closed month": (
        ("UPDATE k_value_entry SET effective_date = '2026-01-31' WHERE posting = {p_i9}",),
        {"INV-9"},
    ),
    "another digest": (
        ("UPDATE k_period_event SET digest = 'x' WHERE n = 1",), {"INV-9"},
    ),
    "stock on another account": (
        ("UPDATE k_journal_line SET account = 'x' WHERE posting = {p_r1} AND role = 'stock'",),
        {"INV-10"},
    ),
    "an uneven journal": (
        ("UPDATE k_journal_line SET amount = amount + 1 WHERE posting = {p_r1}"
         " AND role = 'receipt'",),
        {"INV-10"},
    ),
    "a value for another reason": (
        ("UPDATE k_value_entry SET account = 'scrap' WHERE move = {i1}",), {"INV-11"},
    ),
    "rows that are counted and not there": (
        ("UPDATE k_posting SET n_other = n_other + 1 WHERE id = {p_r1}",), {"INV-12"},
    ),
    "a row of no posting": (
        ("INSERT INTO k_journal_line VALUES (99, 1, 'stock', 'stock', 0)",), {"INV-12"},
    ),
    "a row that names no other": (
        ("UPDATE k_posting SET reverses = 99 WHERE id = {p_i9}",), {"INV-12"},
    ),
    "an issue before all receipts": (
        ("UPDATE k_move SET at = 0 WHERE id = {i1}",), {"INV-11", "INV-13", "INV-23"},
    ),
    "a policy without a posting": (
        ("INSERT INTO k_item_policy SELECT item, 99, CAST(NULL AS BIGINT), 4000000000000000000, 0,"
         " method, variance, negative, standard, estimate FROM k_item_policy WHERE n = 1"
         " AND item = (SELECT id FROM k_item WHERE key = 'B')",),
        {"INV-14"},
    ),
    "more held for somebody than there is": (
        ("UPDATE k_reservation_event SET dq = 99000000, pending_after = 99000000",), {"INV-15"},
    ),
    "less than nothing held": (
        ("UPDATE k_reservation_event SET pending_after = -1",), {"INV-15"},
    ),
    "an undoing of something else": (
        ("UPDATE k_value_entry SET account = 'scrap' WHERE posting = {p_x2}",), {"INV-17"},
    ),
    "more invoiced than received": (
        ("UPDATE k_move SET weight = 6000000 WHERE id = {v1}",), {"INV-11", "INV-18", "INV-23"},
    ),
    "a landed cost that does not add up": (
        ("UPDATE k_move SET amount = amount + 1 WHERE id = {l1}",),
        {"INV-11", "INV-19", "INV-23"},
    ),
    "an assembly that does not add up": (
        ("UPDATE k_move SET amount = amount + 1 WHERE id = {k1}",),
        {"INV-11", "INV-19", "INV-23"},
    ),
    "one serial number twice": (
        ("UPDATE k_move SET serial = 'S1' WHERE posting = {p_c1} AND serial = 'S2'",),
        {"INV-11", "INV-20", "INV-23"},
    ),
    "a departure that is lost": (
        ("UPDATE k_move SET peer = NULL WHERE posting = {p_t2} AND kind = 'transfer_in'",),
        {"INV-11", "INV-21"},
    ),
    "a past that was written later": (
        ("UPDATE k_posting SET seq = -seq WHERE id IN ({p_f3}, {p_l2})",
         "UPDATE k_posting SET seq = (SELECT -seq FROM k_posting WHERE id = {p_l2})"
         " WHERE id = {p_f3}",
         "UPDATE k_posting SET seq = (SELECT seq - 1 FROM k_posting WHERE id = {p_f3})"
         " WHERE id = {p_l2}"),
        {"INV-22"},
    ),
    "a closed month that was otherwise": (
        ("UPDATE k_snapshot SET v = v + 1 WHERE pool = {pool_A_W3}",), {"INV-9", "INV-23"},
    ),
    "a place that was otherwise": (
        ("UPDATE k_snapshot_position SET q = q + 1",), {"INV-9", "INV-23"},
    ),
    "another last cost": (
        ("UPDATE k_pool_entry SET state = '||1/7' WHERE pool = {pool_N_W1} AND n ="
         " (SELECT max(n) FROM k_pool_entry WHERE pool = {pool_N_W1})",),
        {"INV-23"},
    ),
    "a unit off the grid": (
        ("INSERT INTO k_uom_factor SELECT 99, id, 'seventh', 1, 7 FROM k_item WHERE key = 'B'",),
        {"INV-25"},
    ),
}  # fmt: skip

# What constraints refuse as well; PostgreSQL's owner has to drop them, and that is seen, too.
CONSTRAINED: dict[str, tuple[str, str, str, set[str]]] = {
    "value without goods": (
        "k_pool_entry", "no_value_without_qty",
        "UPDATE k_pool_entry SET q_after = 0 WHERE pool = {pool_A_W1} AND n = 1",
        {"INV-3", "INV-4"},
    ),
    "goods of negative value": (
        "k_pool_entry", "no_negative_value",
        "UPDATE k_pool_entry SET v_after = -1 WHERE pool = {pool_A_W1} AND n = 1",
        {"INV-3", "INV-5"},
    ),
    "more than a number may be": (
        "k_move", "weight_bounded",
        "UPDATE k_move SET weight = 5000000000000000000 WHERE id = {r1}", {"INV-6"},
    ),
}  # fmt: skip
EXTRA = {"INV-1", "INV-16", "INV-24", "INV-26"}


def note(request: pytest.FixtureRequest, told: Story) -> None:
    uses(request, told.books.database.kind)


def test_what_was_told_is_proved(told: Story, request: pytest.FixtureRequest) -> None:
    note(request, told)
    with told.books.database.reading() as connection:
        findings = kernel.verify(connection)
    assert [one.id for one in findings] == sorted(ALL, key=lambda one: int(one[4:]))
    assert [one for one in findings if not one.ok] == []
    assert [one.id for one in findings if not one.checked] == []


@pytest.mark.parametrize("name", CASES)
def test_verify_reports(told: Story, request: pytest.FixtureRequest, name: str) -> None:
    note(request, told)
    statements, expected = CASES[name]
    with behind_the_guards(told) as connection:
        names = told.moves(connection)
        with without_guards(connection):
            for statement in statements:
                changed = connection.exec_driver_sql(statement.format(**names))
                assert changed.rowcount, statement
            forge(connection, digests="INV-9" not in expected)
        findings = {one.id: one for one in kernel.verify(connection)}
    assert {one.id for one in findings.values() if not one.ok} == expected
    assert all("broken at" in findings[number].detail for number in expected)


@pytest.mark.parametrize("name", CONSTRAINED)
def test_verify_reports__what_constraints_refuse(
    told: Story, request: pytest.FixtureRequest, name: str
) -> None:
    note(request, told)
    table, constraint, statement, expected = CONSTRAINED[name]
    with behind_the_guards(told) as connection:
        names = told.moves(connection)
        with without_guards(connection):
            if connection.dialect.name == "postgresql":
                expected = expected | {"INV-1"}
                connection.exec_driver_sql(
                    f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{constraint}"
                )
            assert connection.exec_driver_sql(statement.format(**names)).rowcount
            forge(connection)
        assert broken(connection) == expected


def test_verify_reports__a_guard_taken_away(told: Story, request: pytest.FixtureRequest) -> None:
    note(request, told)
    with behind_the_guards(told) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER k_move_no_update")
            guard = "k_move_no_update"
        else:
            connection.exec_driver_sql("ALTER TABLE k_move DISABLE TRIGGER k_move_append_only")
            guard = "k_move_append_only"
        findings = {one.id: one for one in kernel.verify(connection)}
    assert {one.id for one in findings.values() if not one.ok} == {"INV-1"}
    assert guard in findings["INV-1"].detail


def test_verify_reports__a_guard_that_says_nothing(told: Story) -> None:
    if told.books.database.kind != "postgresql":
        return
    with behind_the_guards(told) as connection:
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION k_move_guard() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NEW; END'"
        )
        assert broken(connection) == {"INV-1"}


def test_verify_reports__a_key_that_posted_twice(
    told: Story, request: pytest.FixtureRequest
) -> None:
    note(request, told)
    with behind_the_guards(told) as connection:
        run = connection.exec_driver_sql
        with without_guards(connection):
            if connection.dialect.name == "sqlite":
                run("CREATE TABLE copy AS SELECT * FROM k_posting")
                run("DROP TABLE k_posting")
                run("ALTER TABLE copy RENAME TO k_posting")
            else:
                run("ALTER TABLE k_posting DROP CONSTRAINT uq_k_posting_company_idem_key")
            run("UPDATE k_posting SET idem_key = 'r1' WHERE idem_key = 'r2'")
            forge(connection)
        assert broken(connection) == {"INV-1", "INV-16"}


@pytest.mark.parametrize("column", ["user_name", "hash", "payload_hash"])
def test_verify_reports__a_rewritten_posting(
    told: Story, request: pytest.FixtureRequest, column: str
) -> None:
    note(request, told)
    with behind_the_guards(told) as connection:
        with without_guards(connection):
            connection.exec_driver_sql(f"UPDATE k_posting SET {column} = 'x' WHERE seq = 24")
        assert broken(connection) == {"INV-24"}


def test_verify_reports__a_door_left_open(told: Story, request: pytest.FixtureRequest) -> None:
    note(request, told)
    with behind_the_guards(told) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("CREATE TABLE other (x INTEGER)")
            connection.exec_driver_sql(
                "CREATE TRIGGER sneaky AFTER INSERT ON other"
                " BEGIN INSERT INTO k_warehouse (company, key) VALUES (1, NEW.x); END"
            )
        else:
            connection.exec_driver_sql("GRANT DELETE ON k_move TO PUBLIC")
        assert broken(connection) == {"INV-26"}


def test_every_invariant_is_broken_once() -> None:
    """An invariant nobody breaks on purpose is an invariant nobody knows to be checked."""
    tried = set().union(*(numbers for _, numbers in CASES.values()))
    tried |= set().union(*(numbers for *_, numbers in CONSTRAINED.values()))
    assert tried | EXTRA == ALL
