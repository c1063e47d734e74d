"""Books with a row in every table, and a posting written by hand whose every row is right."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import tables
from runtime.kernel.chain import OTHERS, SECTIONS, WRITTEN, columns_of, posting_hash
from runtime.kernel.connections import ready
from runtime.kernel.sql import insert_rows, run
from runtime.kernel.tables import ROWS_PER_POSTING
from tests.tally import uses

from .conftest import NOW, Books

TABLES = tuple(table.name for table in tables.metadata.sorted_tables)
Row = dict[str, Any]


def story(database: Database) -> Books:
    """A little of everything, January closed, so that no table is empty."""
    with database.transaction() as connection:
        kernel.install(connection)
        company = kernel.create_company(connection, "books", rules={"late_cost": "replay"}).id
        kernel.register_warehouses(connection, company, ["W1", "W2"])
        kernel.register_item(connection, company, "A", kernel.ItemTerms("box", {"case": 12}))  # type: ignore[dict-item]
        kernel.register_item(connection, company, "L", kernel.ItemTerms(tracking="batch"))
        kernel.set_account_rule(
            connection, company, kernel.AccountRule(1, "*", "scrap", "*", "*", "6602"), "x", "x"
        )
        other = kernel.create_company(connection, "others").id
        kernel.register_item(connection, other, "O")
        kernel.register_warehouses(connection, other, ["V"])
        # SQLite has one writer and holds no months.
        run(connection, "INSERT INTO k_period (company, ym) VALUES (?, '2020-01')", (company,))
    books = Books(database, company)
    for command in _january(books):
        assert isinstance(books.post(command), kernel.Posted), command
    return books


def header(books: Books, name: str, day: str) -> kernel.Header:
    ref = kernel.DocumentRef("document", name)
    when = date.fromisoformat(f"2026-{day}")
    return kernel.Header(books.company, name, when, ref, "clerk", NOW)


def _january(books: Books) -> Iterator[kernel.Command]:
    def head(name: str, day: str) -> kernel.Header:
        return header(books, name, day)

    of_a = (kernel.ReceiveLine("A", "W1", 10, unit_cost=10),)
    yield kernel.Receive(head("r1", "01-01"), of_a)
    of_l = (kernel.ReceiveLine("L", "W1", 10, unit_cost=7, lot="X", expiry=date(2027, 1, 1)),)
    yield kernel.Receive(head("r2", "01-01"), of_l)
    yield kernel.Transfer(head("t1", "01-02"), (kernel.TransferLine("A", "W1", "W2", 4),))
    yield kernel.Issue(head("i1", "01-03"), (kernel.IssueLine("A", "W2", 3),))
    yield kernel.Issue(head("i2", "01-03"), (kernel.IssueLine("A", "W2", 1),))
    yield kernel.Void(head("v2", "01-03"), books.postings["i2"])
    parts = [kernel.Receive(head(name, "01-04"), of_a) for name in ("p1", "p2")]
    yield kernel.Batch(head("b1", "01-04"), tuple(parts))
    yield kernel.Reserve(head("q1", "01-05"), "A", "W1", 2)
    yield kernel.ClosePeriod(head("c1", "02-01"), "2026-01")
    yield kernel.Receive(head("r3", "02-02"), of_a)
    yield kernel.ChangePolicy(head("m1", "02-03"), "A", method="fifo")


@pytest.fixture(scope="module")
def told(module_url: str) -> Iterator[Books]:
    """The story on a database of each kind, told once for all attacks of a module."""
    database = Database(module_url)
    yield story(database)
    database.dispose()


@pytest.fixture
def attacked(told: Books, request: pytest.FixtureRequest) -> Iterator[Books]:
    """The same; whatever a test does to it, not a row may be another afterwards."""
    uses(request, told.database.kind)
    before = everything(told)
    yield told
    assert everything(told) == before


def everything(books: Books) -> dict[str, list[Any]]:
    """Every row of every table."""
    with books.database.reading() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1, 2").all()
            for name in TABLES
        }


def attack(books: Books, *statements: str) -> str:
    """Run statements in one transaction; the text of the refusal, or nothing."""
    try:
        with books.database.transaction() as connection:
            ready(connection)
            for statement in statements:
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    except DBAPIError as error:
        return str(error.orig)
    return ""


class Forged:
    """A receipt of five atoms worth five, made row by row; a test makes one of them wrong."""

    def __init__(self, connection: Connection, company: int) -> None:
        self.connection = connection
        self.company = company
        ((last,),) = run(connection, "SELECT max(id) FROM k_posting")
        self.id = last + 1
        self.rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.said: Row = {}
        self.old = self.find("k_posting", "seq = 1 AND company = 1")
        self.pool = self.find("k_pool", "lot = '' AND item = (SELECT id FROM k_item WHERE key='L')")
        self.head = self.find("k_pool_entry", f"pool = {self.pool['id']}", "n DESC")
        self.place = self.find("k_position_entry", "1 = 1", "n DESC")
        self._goods()

    def find(self, table: str, condition: str, order: str = "1") -> Row:
        """A row of a table by its columns."""
        names = columns_of(tables.metadata.tables[table])
        statement = f"SELECT {', '.join(names)} FROM {table} WHERE {condition} ORDER BY {order}"
        return dict(zip(names, run(self.connection, f"{statement} LIMIT 1")[0], strict=True))

    def _goods(self) -> None:
        first, pool = self.id * ROWS_PER_POSTING + 1, self.pool["id"]
        own = {"posting": self.id, "pool": pool}
        self.add(
            "k_move", **own, id=first, line=0, kind="receive", item=self.pool["item"],
            warehouse=self.pool["warehouse"], dq=5, at=14200000000, ord=self.id,
            business_date="2026-02-05", amount=5, weight=None, mode="", peer=None, origin=None,
            voids=None, lot="X", serial="", bin="", uom="", uom_qty="5", unit_cost="1",
        )  # fmt: skip
        self.add(
            "k_value_entry", **own, id=first, move=first, kind="original", account="receipt", dv=5,
            effective_date="2026-02-05", layers="",
        )  # fmt: skip
        head = self.head
        after = {"q_after": head["q_after"] + 5, "v_after": head["v_after"] + 5}
        self.add("k_pool_entry", **{**head, **own, **after, "n": head["n"] + 1, "dq": 5, "dv": 5})
        more = {"n": self.place["n"] + 1, "dq": 5, "q_after": self.place["q_after"] + 5}
        self.add("k_position_entry", **{**self.place, **more, "posting": self.id})
        for n, role, account, amount in (
            (1, "stock", self.pool["account"], 5), (2, "receipt", "receipt", -5),
        ):  # fmt: skip
            self.add(
                "k_journal_line", posting=self.id, n=n, role=role, account=account, amount=amount
            )

    def add(self, table: str, **values: Any) -> None:
        """One more row."""
        assert set(values) == set(columns_of(tables.metadata.tables[table])), table
        self.rows[table].append(values)

    def change(self, table: str, **values: Any) -> None:
        """Make the first row of a table say something else."""
        assert set(values) <= set(self.rows[table][0])
        self.rows[table][0] |= values

    def say(self, **values: Any) -> None:
        """Make the header say something else."""
        self.said |= values

    def as_rows(self, table: str) -> list[tuple[Any, ...]]:
        """The rows of a table in the order of its columns."""
        names = columns_of(tables.metadata.tables[table])
        return [tuple(row[name] for name in names) for row in self.rows[table]]

    def write(self, until: str = "k_posting") -> None:
        """Write every row where it belongs and the header last."""
        late = {table.name for table in (*SECTIONS, *OTHERS, tables.posting)}
        order = [name for name in TABLES if name not in late]
        order += [table.name for table in (*WRITTEN, *OTHERS)]
        for name in order:
            insert_rows(self.connection, tables.metadata.tables[name], self.as_rows(name))
        if until == "k_posting":
            insert_rows(self.connection, tables.posting, [self.header()])

    def header(self) -> tuple[Any, ...]:
        """The header that fits the rows, but for what a test wants said."""
        last = self.find("k_posting", f"company = {self.company}", "seq DESC")
        counts = [len(self.rows[table.name]) for table in SECTIONS]
        names = ("n_moves", "n_values", "n_entries", "n_positions", "n_journal")
        row = {
            **last, "id": self.id, "seq": last["seq"] + 1, "idem_key": "forged",
            "payload_hash": "x", "kind": "receive", "business_date": "2026-02-05",
            "at": 14200000000, "ord": self.id, "voids": None, "reverses": None, "ext_dv": 5,
            **dict(zip(names, counts, strict=True)),
            "n_other": sum(len(self.rows[table.name]) for table in OTHERS),
            "prev_hash": last["hash"], **self.said,
        }  # fmt: skip
        values = tuple(row[name] for name in columns_of(tables.posting))
        sections = [self.as_rows(table.name) for table in SECTIONS]
        others = [self.as_rows(table.name) for table in OTHERS] if row["n_other"] else []
        own = self.said.get("hash", posting_hash(values[:-1], sections, others))
        return (*values[:-1], own)


@contextmanager
def rolled_back(books: Books, switches: Sequence[str] = ()) -> Iterator[Connection]:
    """A transaction of which nothing stays; switches of SQLite are set before it begins."""
    with books.database.engine.connect() as connection:
        connection.info["write"] = True
        driver: Any = connection.connection.driver_connection
        is_sqlite = books.database.kind == "sqlite"
        for switch in switches if is_sqlite else ():
            driver.execute(switch)
        transaction = connection.begin()
        ready(connection)
        for switch in () if is_sqlite else switches:
            connection.exec_driver_sql(switch)
        try:
            yield connection
        finally:
            transaction.rollback()
            if is_sqlite and switches:
                connection.invalidate()


def refusal_of(
    books: Books, *tampers: Callable[[Forged], None], switches: Sequence[str] = ()
) -> str:
    """What the database says to a forged posting; nothing of it stays whatever it says."""
    with rolled_back(books, switches) as connection:
        try:
            forged = Forged(connection, books.company)
            for tamper in tampers:
                tamper(forged)
            forged.write()
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        except DBAPIError as error:
            return str(error.orig).split("\n", maxsplit=1)[0]
    return ""
