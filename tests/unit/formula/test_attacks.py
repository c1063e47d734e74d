"""Every hostile formula of the catalogue is refused or ends, bounded, with the right value."""

import json
import time
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runtime.formula import CellError, FormulaError, evaluate, parse
from runtime.formula.reading import Context
from runtime.formula.formula import evaluate_in
from tests.unit.formula.conftest import LINE_ROWS, NOW, ROW, ZONE, scope_of

ATTACKS = json.loads(
    (Path(__file__).parents[2] / "data" / "attacks" / "formula.json").read_text(encoding="utf-8")
)

# The catalogue expects these to be refused, for Python reads them otherwise; the language is
# Excel's, so they have Excel's meaning (decision 19).
EXCEL_MEANING: dict[str, tuple[Any, str]] = {
    "F062": (True, "= compares; it never assigns"),
    "F090": (False, "<> is Excel's unequal"),
    "F096": ("abc", "curly quotes of a Chinese keyboard are normalised to straight ones"),
    "F213": ("53", "& joins texts"),
    "F230": (Decimal(2), "TRUE is 1 in arithmetic"),
}
# The value that stands in the catalogue, as our type; None where the formula is refused because
# text stands in double quotes only, which the catalogue's `bounded` allows.
VALUES: dict[str, Any] = {
    "F031": (Decimal(5),),
    "F098": Decimal(2),
    "F177": Decimal("3.3"),
    "F178": True,
    "F179": Decimal(1),
    "F200": Decimal(3),
    "F201": Decimal("2.68"),
    "F217": None,
    "F220": None,
    "F222": Decimal(0),
    "F228": None,
    **dict.fromkeys(("F245", "F247", "F248", "F252", "F253", "F254", "F255"), None),
}
MOST_MEMORY = 5_000_000


def outcome(attack: dict[str, Any]) -> Any:
    row = dict(ROW)
    for code, given in attack.get("vars", {}).items():
        row[code] = None if given is None else Decimal(str(given))
    formula = parse(attack["input"], scope_of())
    return evaluate(formula, row, LINE_ROWS, NOW, ZONE)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["id"])
def test_attack__ends_as_expected(attack: dict[str, Any]) -> None:
    tracemalloc.start()
    try:
        found = outcome(attack)
    except FormulaError as error:
        found = error
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < MOST_MEMORY
    if isinstance(found, FormulaError):
        start, end = found.span
        assert 0 <= start <= end <= len(attack["input"])
        assert attack["id"] not in EXCEL_MEANING
        assert VALUES.get(attack["id"]) is None
    elif attack["id"] in EXCEL_MEANING:
        assert found == EXCEL_MEANING[attack["id"]][0]
    elif attack["expect"] == "reject":
        assert isinstance(found, CellError)
    elif "ok_value" in attack:
        assert found == VALUES[attack["id"]]


def test_attack__every_known_value_is_listed() -> None:
    assert {attack["id"] for attack in ATTACKS if "ok_value" in attack} == set(VALUES)


# More of the same kinds: what a person's value or a clever formula could blow up.
HOSTILE = [
    'REPT(REPT("ab",1000),qty)',
    'SUBSTITUTE(REPT("a",30000),"a",REPT("b",1000))',
    'SUBSTITUTE(REPT("a",30000),"",REPT("b",1000))',
    'REPT("a",30000)&REPT("a",30000)',
    "CONCAT(" + ",".join(['REPT("a",30000)'] * 50) + ")",
    'SEARCH(REPT("?",200)&"b",REPT("a",32000))',
    'SEARCH("*a*a*a*a*a*a*a*a*a*b",REPT("a",32000))',
    'TEXT(1,REPT("0",255)&"."&REPT("0",200))',
    "COMBIN(10^9,5*10^8)",
    "FACT(10^20)",
    "1.0000000001^1000000",
    "0.5^1000000",
    "LCM(" + ",".join(str(10**30 + n) for n in range(60)) + ")",
    "ROUND(1,-10^30)",
    "EDATE(today,10^30)",
    "today+10^30",
    "DATE(10^30,10^30,10^30)",
    'DATEDIF(today,today,REPT("D",32000))',
    'VALUE(REPT("9",32000))',
    "+".join(["qty"] * 1000),
    "-" * 60 + "1",
    "IF(" * 60 + "1" + ",1,1)" * 60,
    "qty" + "%" * 60,
    "=".join(["qty"] * 60),
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:40])
def test_hostile__ends_at_once(text: str) -> None:
    began = time.perf_counter()
    evaluate(parse(text, scope_of()), {**ROW, "qty": Decimal(10**9)}, LINE_ROWS, NOW, ZONE)
    # The steps bound it; the clock only catches a step that is not counted.
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-" * 5000 + "1", "formula_too_many_tokens"),
        ("-" * 200 + "1", "formula_too_deep"),
        ("(" * 500, "formula_too_deep"),
        ("NOT(" * 200 + "1" + ")" * 200, "formula_too_deep"),
        ("1" + "%" * 1000, "formula_too_deep"),
        ("=".join(["1"] * 500), "formula_too_deep"),
        ("1" + "^1" * 2000, "formula_too_many_tokens"),
        ("SUM(" + ",".join(["1"] * 300) + ")", "formula_too_many_tokens"),
        ("1+" * 4200, "formula_too_long"),
        ('"' + "a" * 2000 + '"', "formula_text_too_long"),
        ("9" * 35, "formula_number_too_long"),
        ("1e34", "formula_number_too_long"),
        ("q\u200bty", "formula_invisible_character"),
        ("\u202eqty", "formula_invisible_character"),
        ('"a\u2066b"', "formula_invisible_character"),
        ("qty\u00ad", "formula_invisible_character"),
        ("qty\u3164", "formula_invisible_character"),
        ("qty\ufe0f", "formula_invisible_character"),
        ("\x00qty", "formula_invisible_character"),
        ("\ud800", "formula_invisible_character"),
        ("ｑｔｙ", "formula_look_alike"),
        ("ﬁx", "formula_look_alike"),
    ],
    ids=lambda text: repr(text[:24]),
)
def test_hostile__refused_while_reading(text: str, code: str) -> None:
    with pytest.raises(FormulaError) as refused:
        parse(text, scope_of())
    assert refused.value.code == code


def test_work__a_large_column_ends_in_limit_and_iferror_does_not_hide_it() -> None:
    rows = [{"qty": Decimal(1)}] * 50_000
    formula = parse("IFERROR(SUM(lines.qty*2+lines.qty),0)", scope_of())
    found = evaluate(formula, ROW, {"lines": rows}, NOW, ZONE)
    assert found == CellError("limit", "cell_limit_steps")


def test_work__is_shared_by_the_formulas_of_a_record() -> None:
    context = Context(ROW, {"lines": [{"qty": Decimal(1)}] * 5_000}, NOW, ZONE)
    formula = parse("SUM(lines.qty)", scope_of())
    found = [evaluate_in(formula, context) for _ in range(100)]
    assert found[0] == Decimal(5_000)
    assert found[-1] == CellError("limit", "cell_limit_steps")
