"""Cents are exact: 100,000 half cents round away from zero, 100,000 cents add up, everywhere."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, or_, select

from runtime.formula import FieldName, Scope, parse, to_json
from runtime.formula.browser import run
from runtime.formula.cases import Backend, eval_cases
from runtime.formula.formula import evaluate_in
from runtime.formula.reading import Context
from runtime.formula.sql import Clock, Source, SqlFormula, compile_sql
from runtime.infra.columns import ExactDecimal
from runtime.infra.db import Database
from runtime.kinds.functions import FUNCTIONS
from tests.unit.formula.conftest import ZONE

COUNT = 100_000
# The limits of one record hold here too, so the rows come in several.
TOGETHER = 10_000
NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
NAMES = {code: FieldName(code, code, (), "number") for code in ("x", "away", "cut")}
# TRUE of every half cent: the first is asked of all of them, the others of the first rows.
AWAY = "ROUND(h.x,2)=h.away"
OTHERS = (
    "ROUNDDOWN(h.x,2)=h.cut",
    "TRUNC(h.x,2)=h.cut",
    "ROUNDUP(h.x,2)=h.away",
    "-ROUND(-h.x,2)=h.away",
    "ROUND(h.x*100,0)/100=h.away",
    "MROUND(ABS(h.x),0.01)=ABS(h.away)",
    "h.x*2=h.away+h.cut",
    'FIXED(h.x,2,TRUE)=TEXT(h.away,"0.00")',
)


def money(cents: int) -> str:
    """Cents as yuan, by whole numbers only."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def half_cent(n: int) -> dict[str, str]:
    """n cents and a half, every second one below zero: exact, away from zero, and cut."""
    sign = -1 if n % 2 else 1
    exact = f"{'-' if sign < 0 else ''}{money(n)}5"
    return {"x": exact, "away": money(sign * (n + 1)), "cut": money(sign * n)}


HALVES = [half_cent(n) for n in range(COUNT)]
Asked = Sequence[tuple[str, Sequence[Mapping[str, str]]]]
LINES = Scope({}, {"h": NAMES}, FUNCTIONS)


def by_python(asked: Asked) -> list[Any]:
    found = []
    for text, rows in asked:
        numbers = [{code: Decimal(value) for code, value in row.items()} for row in rows]
        found.append(evaluate_in(parse(text, LINES), Context({}, {"h": numbers}, NOW, ZONE)))
    return found


def by_browser(asked: Asked) -> list[Any]:
    moment = "2026-11-21T18:30:00"
    jobs = [
        {"tree": to_json(parse(text, LINES)), "context": {"lines": {"h": rows}, "now": moment}}
        for text, rows in asked
    ]
    return [found.get("value", found) for found in run(jobs)]


@pytest.mark.parametrize("answers", [by_python, by_browser])
def test_half_cents__round_away_from_zero(answers: Callable[[Asked], list[Any]]) -> None:
    starts = range(0, COUNT, TOGETHER)
    asked = [(f"AND({AWAY})", HALVES[start : start + TOGETHER]) for start in starts]
    asked += [(f"AND({formula})", HALVES[:2_000]) for formula in OTHERS]
    wrong = [*HALVES[:9], {**HALVES[9], "away": "-0.09"}]
    assert answers([*asked, (f"AND({AWAY})", wrong)]) == [True] * len(asked) + [False]


def test_half_cents__round_away_from_zero_in_sql(database: Database) -> None:
    """All of them by every formula: rows of a table, each compared in the database."""
    columns: dict[str, Column[Any]] = {code: Column(code, ExactDecimal(3)) for code in NAMES}
    table = Table("halves", MetaData(), Column("id", Integer, primary_key=True), *columns.values())
    numbers = [{code: Decimal(value) for code, value in row.items()} for row in HALVES]
    with database.engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), numbers)
        source = Source({(None, code): column for code, column in columns.items()})
        scope = Scope(NAMES, {}, FUNCTIONS)
        native = 0
        for text in (AWAY, *OTHERS):
            formula = parse(text.replace("h.", ""), scope)
            found = compile_sql(formula, source, connection.dialect.name, Clock(NOW, ZONE))
            if not isinstance(found, SqlFormula):
                continue
            native += 1
            wrong = or_(found.error.is_not(None), found.value.is_not(True))
            count = select(func.count()).select_from(table).where(wrong)
            assert connection.scalar(count) == 0, text
    assert native >= len(OTHERS) - 1


CENTS = {"formula": "SUM(s.x)", "lines": {"s": [{"x": "0.01"}] * COUNT}}


def thousand_yuan(backend: Backend, **where: str) -> None:
    (answer,) = eval_cases([CENTS], FUNCTIONS, backend=backend, **where)
    assert (answer["value"], answer["backend_used"]) == ("1000", backend)


@pytest.mark.parametrize("backend", ["python", "browser"])
def test_cents__a_hundred_thousand_are_a_thousand_yuan(backend: Backend) -> None:
    thousand_yuan(backend)


@pytest.mark.usefixtures("database")
def test_cents__a_hundred_thousand_are_a_thousand_yuan_in_sql(database_url: str) -> None:
    thousand_yuan("sql", database=database_url)
