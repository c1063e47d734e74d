"""What formulas read of other forms: exactly the rows that count, and never too few of them."""

import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime import platform
from runtime.documents.related import KELVIN, Columns, _has_cases
from runtime.formula import Work
from runtime.formula.cell_errors import LimitReachedError
from runtime.formula.values import compare
from runtime.infra.db import Database
from tests.unit.documents.test_dependents import World, compiled, f, form

THING = form(
    "thing",
    "document",
    f("word", "text"),
    f("number", "number", places=4),
    f("day", "date"),
    f("is_so", "boolean"),
    f("rows", "lines", fields=[f("qty", "number")]),
    title="word",
)


@pytest.fixture
def world(database: Database, now: datetime) -> World:
    with database.transaction() as connection:
        platform.set_up(connection)
    return World(compiled(THING), database, now)


def columns(world: World, codes: Sequence[str], lines: str | None = None, **equal: Any) -> Any:
    with world.database.reading() as connection:
        found = Columns(connection, world.app.forms, Work(), {})
        return found.columns("thing", lines, codes, equal)


def test_columns__of_records_that_count_in_their_order(world: World) -> None:
    for n, verb in enumerate(("create", "create_and_submit", "create_and_submit")):
        rows = [{"qty": Decimal(n * 10 + m)} for m in range(2)]
        world.do(verb, "thing", {"word": str(n), "rows": rows})
    assert columns(world, ["word", "number"]) == {"word": ["1", "2"], "number": [None, None]}
    assert columns(world, ["qty"], "rows") == {"qty": [10, 11, 20, 21]}


def test_columns__cost_steps(world: World) -> None:
    for _ in range(9):
        world.do("create_and_submit", "thing", {})
    with world.database.reading() as connection, pytest.raises(LimitReachedError):
        Columns(connection, world.app.forms, Work(0), {}).columns("thing", None, ["word"], {})


# A text may have letters that the databases and Python make small in different ways.
WORDS = [
    "a",
    "A",
    "k",
    "K",
    KELVIN,
    "ß",
    "SS",
    "İ",
    "i̇",
    "i",
    "Σ",
    "σ",
    "ς",
    "甲",
    "Ａ",
    "ａ",
    "%",
    "_",
    "",
]
VALUES: list[tuple[str, list[Any]]] = [
    ("word", WORDS),
    ("number", [Decimal(0), Decimal("1.5"), Decimal("1.5000"), Decimal(-2), None]),
    ("day", [date(2026, 1, 1), date(2026, 1, 2), None]),
    ("is_so", [True, False, None]),
]
ASKED = {
    "word": [*WORDS[:-1], "aK", "甲k"],
    "number": [Decimal(0), Decimal("1.5"), Decimal("0.00001"), Decimal(10) ** 30],
    "day": [date(2026, 1, 1), date(1900, 1, 1)],
    "is_so": [True, False],
}


@pytest.mark.parametrize(("code", "values"), VALUES)
def test_columns__never_too_few(world: World, code: str, values: list[Any]) -> None:
    for value in values:
        world.do("create_and_submit", "thing", {code: value})
    every = columns(world, [code])[code]
    for asked in ASKED[code]:
        found = columns(world, [code], **{code: asked})[code]
        wanted = [value for value in every if compare(value, asked) == 0]
        assert [value for value in found if compare(value, asked) == 0] == wanted, asked
        if code != "word":
            assert found == wanted, asked


def test_columns__a_plain_text_leaves_the_others_out(world: World) -> None:
    for word in ("A1", "a1", "B2", "甲"):
        world.do("create_and_submit", "thing", {"word": word})
    table = [("a1", ["A1", "a1"]), ("甲", ["甲"]), ("乙", [])]
    for asked, wanted in table:
        assert columns(world, ["word"], word=asked)["word"] == wanted


def test_has_cases__all_of_unicode() -> None:
    """No sign that is said to have no cases is what another one becomes when it is made small."""
    for code in range(0x80, sys.maxunicode + 1):
        sign = chr(code)
        small = sign.lower()
        if small == sign or sign == KELVIN:
            continue
        assert any(not each.isascii() and _has_cases(each) for each in small), hex(code)
    assert KELVIN.lower() == "k"


@settings(max_examples=200)
@given(st.text(max_size=6), st.sampled_from([str.upper, str.lower, str.swapcase, str.title]))
def test_equal_texts__are_found(asked: str, spelled: Callable[[str], str]) -> None:
    """Where the databases are asked at all, making ASCII small is enough to find what is equal."""
    left = spelled(asked)
    if left.lower() != asked.lower() or any(not s.isascii() and _has_cases(s) for s in asked):
        return
    ascii_small = "".join(each.lower() if each.isascii() else each for each in left)
    assert ascii_small == asked.lower() or KELVIN in left
