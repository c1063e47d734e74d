"""Formulas: a column of a whole table by hand and by us, one record in Python, saves among many."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import simpleeval
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, text, update

from bench import formula_saving
from bench.databases import KINDS, fresh
from bench.ratio import Ratio, side_by_side
from runtime.formula import FieldName, Formula, Scope, evaluate, parse
from runtime.formula.sql import Clock, Source, Task, recompute
from runtime.infra.columns import ExactDecimal
from runtime.infra.db import Database
from runtime.kinds.functions import FUNCTIONS

FORMULA = "ROUND(qty*price*(1-discount),2)"
SIZES = {"quick": 100_000, "full": 1_000_000}
GOAL = 1.3
RECORDS = 20_000
CHUNK = 20_000
REPEATS = 5
CLOCK = Clock(datetime(2026, 11, 22, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
CENT = Decimal("0.01")
ROWS = Table(
    "rows",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("qty", ExactDecimal(6)),
    Column("price", ExactDecimal(6)),
    Column("discount", ExactDecimal(4)),
    Column("amount", ExactDecimal(2)),
    sqlite_strict=True,
)
NAMES = {"qty": "number", "price": "money", "discount": "percent"}
# As one who knows the columns writes it: exact, half a cent up, with nothing proved or guarded.
BY_HAND = {
    "sqlite": "UPDATE rows SET amount = qty * price / 100000000000000 * (10000 - discount)"
    " + (qty * price % 100000000000000 * (10000 - discount) + 50000000000000) / 100000000000000",
    "postgresql": "UPDATE rows SET amount = round(qty * price * (1 - discount), 2)",
}


def measure(size: str) -> Iterator[Ratio]:
    """A table on both databases, then one record after the other."""
    for kind in KINDS:
        yield from _table(kind, SIZES[size])
    yield from _records()
    yield from formula_saving.measure(size)


def formula() -> Formula:
    """The formula over a row."""
    fields = {name: FieldName(name, name, (), kind) for name, kind in NAMES.items()}
    return parse(FORMULA, Scope(fields, functions=FUNCTIONS))


def _table(kind: str, rows: int) -> Iterator[Ratio]:
    source = Source({(None, name): ROWS.c[name] for name in NAMES})
    task = Task(formula(), ROWS, ROWS.c.id, ROWS.c.amount, source, store=lambda value: value)

    def ours(connection: Connection) -> None:
        done = recompute(connection, task, CLOCK)
        assert done.native, done
        assert done.by_sql == rows, done

    def by_hand(connection: Connection) -> None:
        assert connection.execute(text(BY_HAND[kind])).rowcount == rows

    with _filled(kind, rows) as database:
        work = (ours, by_hand)
        turns = [[_seconds(database, each) for each in work] for _ in range(1 + REPEATS)][1:]
        figures = (rows / statistics.median(times) for times in zip(*turns, strict=True))
        yield Ratio(f"{FORMULA}, {rows:,} rows", kind, "rows/s", *figures, GOAL)
        again = statistics.median(_again(database, task) for _ in range(REPEATS))
        yield Ratio("the same when nothing changes", kind, "rows/s", rows / again)


def _seconds(database: Database, work: Callable[[Connection], None]) -> float:
    """How long it takes to fill the empty column."""
    with database.transaction() as connection:
        connection.execute(update(ROWS).values(amount=None))
    _swept(database)
    with database.transaction() as connection:
        began = time.perf_counter()
        work(connection)
        return time.perf_counter() - began


def _again(database: Database, task: Task) -> float:
    with database.transaction() as connection:
        began = time.perf_counter()
        assert recompute(connection, replace(task, only_changed=True), CLOCK).by_sql == 0
        return time.perf_counter() - began


def _swept(database: Database) -> None:
    """Without the dead rows that the run before has left behind."""
    if database.kind == "postgresql":
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM rows"))


@contextmanager
def _filled(kind: str, rows: int) -> Iterator[Database]:
    """A database with the table, its values drawn by a fixed seed."""
    drawn = random.Random(20261122)
    with fresh(kind) as address:
        database = Database(address)
        with database.transaction() as connection:
            ROWS.create(connection)
            for start in range(0, rows, CHUNK):
                connection.execute(insert(ROWS), [_row(drawn) for _ in range(start, start + CHUNK)])
        yield database
        database.dispose()


def _row(drawn: random.Random) -> dict[str, Decimal]:
    return {
        "qty": Decimal(drawn.randrange(1, 500_000)).scaleb(-3),
        "price": Decimal(drawn.randrange(1, 500_000)).scaleb(-2),
        "discount": Decimal(drawn.randrange(0, 5_000)).scaleb(-4),
    }


def _records() -> Iterator[Ratio]:
    """One record after the other: ours, simpleeval with a kept tree, compiled Python."""
    drawn = random.Random(20261122)
    records = [_row(drawn) for _ in range(RECORDS)]
    program = formula()

    def ours() -> int:
        for record in records:
            evaluate(program, record, {}, CLOCK.now, CLOCK.zone)
        return RECORDS

    def kept() -> int:
        for record in records:
            simple.names = record
            simple.eval("", previously_parsed=tree)
        return RECORDS

    def compiled() -> int:
        for record in records:
            eval(code, {"round_": _round, **record})  # noqa: S307 - our own text
        return RECORDS

    words = "round_(qty*price*(1-discount),2)"
    simple = simpleeval.SimpleEval(functions={"round_": _round})
    tree, code = simple.parse(words), compile(words, "<formula>", "eval")
    for name, bare in (("simpleeval with a kept tree", kept), ("compiled Python", compiled)):
        figures = side_by_side(ours, bare)
        yield Ratio(f"one record beside {name}", "", "records/s", *figures)


def _round(value: Decimal, digits: int) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP) if digits == 2 else round(value, digits)
