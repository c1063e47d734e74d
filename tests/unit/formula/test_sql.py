"""The SQL back end: the values of Python's, on both databases, and what it leaves to Python."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, insert, select

from runtime.formula import CellError, FieldName, FormulaError, Scope, evaluate, parse
from runtime.formula.cases import Case, eval_cases, wire
from runtime.formula.sql import (
    Clock,
    Lines,
    Recomputed,
    Source,
    Task,
    Unsuitable,
    recompute,
    where_clause,
)
from runtime.formula.sql.answers import answers
from runtime.formula.sql.dialect import CASELESS
from runtime.formula.sql.native import NATIVE
from runtime.infra.columns import ExactDecimal, Flag, Instant, IsoDate
from runtime.infra.db import Database
from runtime.kinds.functions import FUNCTIONS
from tests.conftest import depth
from tests.unit.formula import test_properties as properties
from tests.unit.formula.conftest import HEADER, LINES, NOW, ZONE, scope_of

CLOCK = Clock(NOW, ZONE)
RUNS = {"quick": 6, "full": 150}
FORMULAS_A_RUN = 50
SCOPE = scope_of()
KINDS = {(None, code): kind for code, (_, kind) in HEADER.items()} | {
    (table, code): kind for table, columns in LINES.items() for code, (_, kind) in columns.items()
}

FIELDS = {
    "qty": {"type": "decimal", "value": "3"},
    "price": {"type": "money", "value": "1.005"},
    "discount": {"type": "percent", "value": "0.1"},
    "empty": {"type": "decimal", "value": None},
    "zero": {"type": "decimal", "value": "0"},
    "name": {"type": "text", "value": "Apple 苹果"},
    "accent": {"type": "text", "value": "Étage"},
    "noname": {"type": "text", "value": None},
    "day": {"type": "date", "value": "2026-01-31"},
    "noday": {"type": "date", "value": None},
    "moment": {"type": "datetime", "value": "2026-11-21T18:30:05"},
    "old": {"type": "datetime", "value": "1990-06-01T12:00:00"},
    "yes": {"type": "boolean", "value": True},
}
ROWS = [{"n": str(n), "note": note} for n, note in ((1, "甲"), (2, None), (40, "x"))]


# What the database computes itself, and what it leaves to Python.
BY_SQL = [
    ("ROUND(qty*price*(1-discount),2)", "2.71"),
    ("-2^2", "4"),
    ("price/4", "0.25125"),
    ("ROUND(qty/7,2)", "0.43"),
    ("ROUND(-qty/7,3)", "-0.429"),
    ("ROUNDUP(qty/7,1)", "0.5"),
    ("INT(-qty/7)", "-1"),
    ("qty/zero", "#DIV/0!"),
    ("IFERROR(qty/zero,-1)", "-1"),
    ('IF(zero=0,"",qty/zero)', ""),
    ("IF(qty>2,price,name)", None),
    ("empty+1", "1"),
    ("empty=0", True),
    ('noname=""', True),
    ("noday<day", True),
    ('name="apple 苹果"', True),
    ('"b">"A"', True),
    ("name>5", True),
    ("yes>name", True),
    ("MOD(-3,2)", "1"),
    ("MROUND(7,-2)", "#NUM!"),
    ("CEILING(-2.5,2)", "-2"),
    ("day+1", "2026-02-01"),
    ("EDATE(day,1)", "2026-02-28"),
    ("noday+1", None),
    ("YEAR(noday)", None),
    ('MONTH("")', None),
    ("EDATE(IF(qty>5,day,),1)", None),
    ('DATEDIF(DATE(2024,2,29),day,"YM")', "11"),
    ("DATE(10000,1,1)", "#NUM!"),
    ("moment-day", None),
    ("ROUND(moment-day,4)", "294.7709"),
    ('LEFT(name,5)&"-"&qty', "Apple-3"),
    ('FIND("z",name)', "#VALUE!"),
    ("RIGHT(name,-1)", "#VALUE!"),
    ("SUM(t.n)", "43"),
    ("SUM(t.n*qty)", "129"),
    ("AVERAGE(t.n)", None),
    ("ROUND(AVERAGE(t.n),2)", "14.33"),
    ("MAX(t.n,50,empty)", "50"),
    ("COUNTA(t.note)", "2"),
    ('SUMIFS(t.n,t.n,">1",t.note,"X")', "40"),
    ('TEXTJOIN("、",TRUE,t.note,"终")', "甲、x、终"),
    ("SUM(ROUND(4/(t.n-1),2))", "#DIV/0!"),
    # Rows that read no column of their own: PostgreSQL would take the sum for the outer query's.
    ("SUM(ISTEXT(t.n)+qty)", "9"),
    ("MAX(ISNUMBER(t.n)*0+qty)", "3"),
    ("COUNT(ISTEXT(t.n)+qty)", "3"),
    ("SUMPRODUCT(ISTEXT(t.n)+qty,ISTEXT(t.n)+qty)", "27"),
    ("AND(ISTEXT(t.n)+qty>1)", True),
    ("AVERAGE(ISTEXT(t.n)+qty)", "3"),
    ('1+"x"', "#VALUE!"),
    ("TODAY()", "2026-11-21"),
]
BY_PYTHON = [
    ("LN(qty)", "1.098612288668109691395245237"),
    ("UPPER(accent)", "ÉTAGE"),
    ("old", "1990-06-01T12:00:00"),
    ("IF(yes,qty,name)", "3"),
]


def asked(formula: str) -> dict[str, Any]:
    case = {"id": formula, "formula": formula, "fields": FIELDS, "lines": {"t": ROWS}}
    return {**case, "now": "2026-11-21T18:30:00"}


def test_cases__the_database_computes_them(database_url: str) -> None:
    cases = [asked(formula) for formula, _ in BY_SQL]
    found = eval_cases(cases, FUNCTIONS, backend="sql", database=database_url)
    for (formula, expected), answer, known in zip(
        BY_SQL, found, eval_cases(cases, FUNCTIONS), strict=True
    ):
        outcome = {**answer, "backend_used": "python"}
        assert outcome == known, formula
        if expected is not None:
            assert answer.get("value", answer.get("error")) == expected, formula
            assert answer["backend_used"] == "sql", formula


def test_cases__python_computes_what_sql_cannot(database_url: str) -> None:
    cases = [asked(formula) for formula, _ in BY_PYTHON]
    found = eval_cases(cases, FUNCTIONS, backend="sql", database=database_url)
    for (formula, expected), answer in zip(BY_PYTHON, found, strict=True):
        assert (answer["value"], answer["backend_used"]) == (expected, "python"), formula


def test_functions__eighty_at_least_are_native() -> None:
    assert len(NATIVE) >= 80
    assert set(NATIVE) <= set(FUNCTIONS)


def test_caseless__no_character_of_the_ranges_has_capitals() -> None:
    assert all(before[1] < after[0] for before, after in pairwise(CASELESS))
    for first, last in CASELESS:
        for code in range(first, last + 1):
            assert chr(code).lower() == chr(code) == chr(code).upper(), hex(code)


# Arguments that SQL wants written out.
WRITTEN = ("digits", "kind", "occurrence", "exponent", "count", "months")
UNITS = ('"D"', '"M"', '"Y"', '"YM"', '"MD"', '"YD"')


def native_formulas(seed: int, count: int) -> list[str]:
    """Random formulas of functions that SQL knows, with small digits and counts written out."""
    random = Random(seed)
    return [native_call(random, 2) for _ in range(count)]


def native_expression(random: Random, kind: str, left: int) -> str:
    def inner() -> str:
        return native_expression(random, kind, left - 1)

    match random.randrange(4) if left else 0:
        case 0:
            return properties.leaf(random, kind)
        case 1 if kind == "number":
            return f"({inner()}{random.choice('+-*/')}{inner()})"
        case 2:
            return f"IF({inner()}{random.choice(['=', '<', '>='])}{inner()},{inner()},{inner()})"
    return native_call(random, left - 1)


def native_argument(random: Random, name: str, kind: str, left: int) -> str:
    if name in WRITTEN:
        return str(random.randint(0, 4))
    if name == "unit":
        return random.choice(UNITS)
    drawn = properties.KIND_OF.get(kind) or random.choice(("number", "text"))
    return native_expression(random, drawn, left)


def native_call(random: Random, left: int) -> str:
    function = FUNCTIONS[random.choice(sorted(set(NATIVE) - {"PI"}))]
    given: list[str] = []
    for parameter in function.parameters:
        if parameter.optional and random.random() < 0.5:
            break
        times = random.randint(1, 2) if parameter.repeated else 1
        given += [
            native_argument(random, parameter.name, parameter.type, left) for _ in range(times)
        ]
    return f"{function.name}({','.join(given)})"


@pytest.mark.parametrize("formulas", [properties.some_formulas, native_formulas])
def test_sql__agrees_with_python(
    database: Database, formulas: Callable[[int, int], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    compared = 0

    @settings(max_examples=RUNS[depth()], deadline=None, suppress_health_check=list(HealthCheck))
    @given(properties.seeds, properties.rows, properties.lines)
    def agree(seed: int, row: dict[str, Any], line_rows: list[dict[str, Any]]) -> None:
        nonlocal compared
        cases = list(some_cases(formulas(seed, FORMULAS_A_RUN), row, line_rows))
        with database.engine.connect() as connection, connection.begin() as transaction:
            found = answers(connection, cases)
            transaction.rollback()
        for number, answer in found.items():
            formula = cases[number].formula
            shown = evaluate(formula, row, cases[number].lines, NOW, ZONE)
            if formula.type != "any":
                assert told(answer.value) == told(shown), (formula.text, row, line_rows)
            compared += 1

    with caplog.at_level(logging.WARNING):
        agree()
    # A statement that the database refused would have been reported.
    assert caplog.records == []
    assert compared > 20


def some_cases(
    texts: list[str], row: dict[str, Any], line_rows: list[dict[str, Any]]
) -> Iterator[Case]:
    tables: dict[str, list[dict[str, Any]]] = {"lines": line_rows, "d": [{"items": Decimal(5)}]}
    for text in texts:
        try:
            formula = parse(text, SCOPE)
        except FormulaError:
            continue
        yield Case(text, formula, row, tables, NOW, ZONE, KINDS, mixed=False)


def told(value: Any) -> Any:
    """A value as a record keeps it: the text "" of another field is nothing."""
    if isinstance(value, CellError):
        return (value.kind, value.reason)
    return None if value == "" else wire(value, ZONE)


GOODS = Table(
    "goods",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("qty", ExactDecimal(6)),
    Column("price", ExactDecimal(6)),
    Column("discount", ExactDecimal(4)),
    Column("name", Text),
    Column("day", IsoDate()),
    Column("at", Instant()),
    Column("amount", ExactDecimal(2)),
    Column("unit", ExactDecimal(4)),
    Column("label", Text),
    Column("due", IsoDate()),
    Column("late", Flag()),
    Column("moved", Instant()),
    sqlite_strict=True,
)
PARTS = Table(
    "parts",
    GOODS.metadata,
    Column("id", Integer, primary_key=True),
    Column("parent_id", Integer, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("n", ExactDecimal(3)),
    Column("share", ExactDecimal(8)),
    sqlite_strict=True,
)
TYPES = {"qty": "number", "price": "money", "discount": "percent", "name": "text"} | {
    "day": "date",
    "at": "datetime",
}
GOODS_SCOPE = Scope(
    {code: FieldName(code, code, (), kind) for code, kind in TYPES.items()},
    {"parts": {"n": FieldName("n", "n", (), "number")}},
    FUNCTIONS,
)
HUGE = Decimal("99999999999.999999")
# The formula, where it is kept, and whether a database must do all usual rows itself.
COLUMNS = [
    ("ROUND(qty*price*(1-discount),2)", "amount", True),
    ("qty*price*(1-discount)", "amount", True),
    ('IF(qty=0,"",price/qty)', "unit", True),
    ("IFERROR(price/qty,0)", "unit", True),
    ("SUM(parts.n)*price", "amount", True),
    ('SUMIFS(parts.n,parts.n,">1")', "amount", True),
    ("LN(price)", "amount", False),
    ('name&"/"&qty', "label", True),
    ("UPPER(name)", "label", True),
    ("IF(qty>100,EDATE(day,1),day)", "due", True),
    ("at", "due", True),
    ("AND(qty>1,price*discount<100)", "late", True),
    ("at+qty/1000000", "moved", False),
]


def goods(count: int) -> Iterator[dict[str, Any]]:
    random = Random(20261122)

    def number(top: int, places: int) -> Decimal | None:
        if random.random() < 0.1:
            return None
        drawn = Decimal(random.randint(-(top // 20), top)).scaleb(-places)
        return random.choice([drawn, drawn, drawn, Decimal(0), drawn.quantize(Decimal(1))])

    for place in range(1, count + 1):
        name = "".join(random.choices("abAB 中é", (9, 9, 9, 9, 9, 9, 1), k=5))
        yield {
            "id": place,
            "qty": HUGE if place == 7 else number(10**10, 6),
            "price": HUGE if place == 7 else number(10**9, 6),
            "discount": number(9_999, 4),
            "name": random.choice([None, "", name]),
            "day": random.choice([None, date(2026, random.randint(1, 12), 28), date(2024, 1, 31)]),
            "at": random.choice(
                [None, datetime(2026, 3, random.randint(1, 28), 23, 59, 59, 999, tzinfo=UTC)]
            ),
        }


@pytest.fixture
def filled(database: Database) -> Iterator[Connection]:
    random = Random(1)
    with database.transaction() as connection:
        GOODS.metadata.create_all(connection)
        connection.execute(insert(GOODS), list(goods(300)))
        parts = [
            {"parent_id": parent, "line_no": n, "n": Decimal(random.randint(-99, 9_999)).scaleb(-3)}
            for parent in range(1, 280)
            for n in range(random.randint(0, 4))
        ]
        connection.execute(insert(PARTS), parts)
        yield connection


def source() -> Source:
    columns = {(None, code): GOODS.c[code] for code in TYPES}
    lines = Lines(PARTS, {"n": PARTS.c.n}, PARTS.c.parent_id == GOODS.c.id, (PARTS.c.line_no,))
    return Source(columns, {"parts": lines}, longest={(None, "name"): 200})


def keeper(target: Column[Any]) -> Callable[[Any], Any]:
    """What a field keeps of a value; a figure too large for it is left out here."""

    def store(value: Any) -> Any:
        if value is None or isinstance(value, CellError) or value == "":
            return None
        match target.type:
            case ExactDecimal():
                step = Decimal(1).scaleb(-target.type.scale)
                exact = Decimal(value).quantize(step, ROUND_HALF_UP)
                return exact if abs(exact) < 10**17 * step else None
            case IsoDate():
                day = value.date() if isinstance(value, datetime) else value
                # A number of days later than no date is a number, which no date field keeps.
                return day if isinstance(day, date) else None
            case Instant():
                return value if isinstance(value, datetime) else None
        return value

    return store


@pytest.mark.parametrize(("text", "target", "native"), COLUMNS)
def test_recompute__writes_what_python_would(
    filled: Connection, text: str, target: str, native: bool
) -> None:
    formula, column = parse(text, GOODS_SCOPE), GOODS.c[target]
    store = keeper(column)
    task = Task(formula, GOODS, GOODS.c.id, column, source(), store)
    done = recompute(filled, task, CLOCK)
    assert done.by_sql + done.by_python == 300
    assert (done.by_python <= 60) is native, done
    parts: dict[int, list[dict[str, Any]]] = {}
    for part in filled.execute(select(PARTS).order_by(PARTS.c.parent_id, PARTS.c.line_no)):
        parts.setdefault(part.parent_id, []).append({"n": part.n})
    for row in filled.execute(select(GOODS)).mappings():
        tables = {"parts": parts.get(row["id"], [])}
        expected = store(evaluate(formula, dict(row), tables, NOW, ZONE))
        assert row[target] == expected, dict(row)


def test_recompute__touches_only_what_changed(filled: Connection) -> None:
    formula = parse("ROUND(qty*price*(1-discount),2)", GOODS_SCOPE)
    task = Task(
        formula, GOODS, GOODS.c.id, GOODS.c.amount, source(), keeper(GOODS.c.amount),
        where=GOODS.c.id != 7, only_changed=True,
    )  # fmt: skip
    first = recompute(filled, task, CLOCK)
    assert first.by_sql + first.by_python == 299
    assert recompute(filled, task, CLOCK).by_sql == 0
    filled.execute(GOODS.update().where(GOODS.c.id == 5).values(qty=3, price=2, discount=None))
    assert recompute(filled, task, CLOCK).by_sql == 1
    assert filled.scalar(select(GOODS.c.amount).where(GOODS.c.id == 5)) == Decimal("6.00")


@pytest.mark.parametrize("text", ["qty>100", 'name=""', "AND(qty>=0,day<DATE(2026,6,1))"])
def test_where__finds_the_rows_python_would(filled: Connection, text: str) -> None:
    formula = parse(text, GOODS_SCOPE)
    condition = where_clause(formula, source(), filled.dialect.name, CLOCK)
    assert not isinstance(condition, Unsuitable)
    found = set(filled.scalars(select(GOODS.c.id).where(condition)))
    rows = filled.execute(select(GOODS)).mappings()
    expected = {row["id"] for row in rows if evaluate(formula, dict(row), {}, NOW, ZONE) is True}
    assert found == expected
    assert 0 < len(found) < 300


def test_recompute__few_decimals_leave_room_for_large_numbers(filled: Connection) -> None:
    """Forty thousand millions: far beyond 64 bits of the columns' own units together."""
    rows = GOODS.update().where(GOODS.c.id <= 20)
    filled.execute(rows.values(qty=Decimal("200000.125"), price=Decimal(-200_000), discount=None))
    formula = parse("ROUND(qty*price*(1-discount),2)", GOODS_SCOPE)
    store = keeper(GOODS.c.amount)
    where = GOODS.c.id <= 20
    task = Task(formula, GOODS, GOODS.c.id, GOODS.c.amount, source(), store, where=where)
    assert recompute(filled, task, CLOCK) == Recomputed(20, 0, None)
    amounts = filled.scalars(select(GOODS.c.amount).where(where))
    assert set(amounts) == {Decimal("-40000025000.00")}


def test_where__what_sql_cannot_tell_is_no_filter() -> None:
    for text, why in (("LN(qty)>1", "LN"), ('name="é"', "Python"), ("qty", "number")):
        found = where_clause(parse(text, GOODS_SCOPE), source(), "sqlite", CLOCK)
        assert isinstance(found, Unsuitable)
        assert why in found.reason
