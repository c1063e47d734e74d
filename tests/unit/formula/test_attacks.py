"""Every hostile formula of the catalogue is refused or ends, bounded, with the right value."""

import json
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runtime.formula import CellError, FieldName, FormulaError, Scope, evaluate, parse, values
from runtime.formula.formula import evaluate_in
from runtime.formula.reading import Context
from runtime.formula.values import Work
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
# No attack of the catalogue comes to more: a thousand operands and their operators.
MOST_STEPS = 3_000
# What one step stands for at most, and what reading a formula and its answer takes anyway.
CALLS_A_STEP = 150
CALLS_FREE = 20_000


def outcome(attack: dict[str, Any]) -> Any:
    row = dict(ROW)
    for code, given in attack.get("vars", {}).items():
        row[code] = None if given is None else Decimal(str(given))
    formula = parse(attack["input"], scope_of())
    context = Context(row, LINE_ROWS, NOW, ZONE)
    found = evaluate_in(formula, context)
    assert values.MAX_STEPS - context.work.left <= MOST_STEPS
    assert len(str(found)) <= values.MAX_TEXT
    return found


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
    # growth of texts
    'REPT(REPT("ab",1000),qty)',
    'SUBSTITUTE(REPT("a",30000),"a",REPT("b",1000))',
    'SUBSTITUTE(REPT("a",30000),"",REPT("b",1000))',
    'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(REPT("a",99),"a","aaaaaaaaa"),"a","aaaaaaaaa"),"a","aaaaaaaaa")',
    'REPT("a",30000)&REPT("a",30000)',
    "CONCAT(" + ",".join(['REPT("a",30000)'] * 50) + ")",
    'TEXTJOIN(REPT("-",30000),FALSE,' + ",".join(['"a"'] * 200) + ")",
    'REPLACE(REPT("a",32000),1,0,REPT("b",32000))',
    'LEN(CONCAT(LEFT(REPT("中",30000)&many.qty,1)))',
    'SUM(LEN(SUBSTITUTE(REPT("a",30000),"a",many.note)))',
    'SUM(LEN(UPPER(LOWER(REPT("é",30000)&many.note))))',
    "SUM(LEN(CLEAN(huge&many.note)))",
    "SUM(--(many.note=huge))",
    'TEXTJOIN("",TRUE,SPLIT(huge,""))',
    'SUM(LEN(TEXTBEFORE(huge&many.qty,"b",1,1,1)))',
    "+".join(["LEN(PROPER(huge))"] * 200),
    "+".join(["LEN(ASC(WIDECHAR(huge)))"] * 99),
    'LEN(ENCODEURICOMPONENT(REPT("中",32000)))',
    # patterns: what would go back over and over
    'SEARCH(REPT("?",200)&"b",huge)',
    'SEARCH("*a*a*a*a*a*a*a*a*a*b",huge)',
    'COUNTIF(many.note,"*a*a*a*a*b")',
    'COUNTIF(texts.note,"*a*a*a*a*a*a*a*a*b")',
    'COUNTIF(texts.note,"*' + "?a" * 100 + 'b*")',
    'SUM(COUNTIF(texts.note,"*?a?a*?b"&many.qty))',
    'SUMIF(texts.note,"~*~?~~*~",texts.qty)',
    'COUNTIF(many.note,"(a+)+$")',
    'COUNTIF(many.note,"^(([a-z])+.)+[A-Z]([a-z])+$")',
    'SUBSTITUTE(name,"(a|a)*","$1")',
    # numbers
    "9^9^9",
    "9^9^9^9^9",
    "-9^-999999",
    "COMBIN(10^9,5*10^8)",
    "PERMUT(10^9,10^8)",
    "FACT(10^20)",
    "1.0000000001^1000000",
    "0.5^1000000",
    "(1+many.qty/1000000)^999999",
    "LCM(" + ",".join(str(10**30 + n) for n in range(60)) + ")",
    "ROUND(1,-10^30)",
    "ROUND(1/3,10^30)",
    "MOD(10^33,10^-33)",
    "EXP(EXP(EXP(9)))",
    "EXP(-10^30)",
    "LN(10^-60)",
    "SIN(10^30)",
    "FV(0.01,10^9,-1)",
    "RATE(10^9,-1,1)",
    "NPER(0,0,0)",
    "DDB(10^9,1,10^9,10^9)",
    "IRR(many.qty-50)",
    'VALUE(REPT("9",32000))',
    'VALUE("1e"&REPT("9",100))',
    '"1e999999"+1',
    'VALUE("１２３"&"٣")',
    # days
    "EDATE(today,10^30)",
    "today+10^30",
    "DATE(10^30,10^30,10^30)",
    'DATEDIF(today,today,REPT("D",32000))',
    'DATEADD(today,"' + "+9d" * 300 + '")',
    "WORKDAY(today,10^9)",
    'WORKDAY.INTL(today,10^9,"1111110")',
    'WORKDAY.INTL(today,1,"1111111")',
    "NETWORKDAYS(DATE(1,1,1),DATE(9999,12,31))",
    "NETWORKDAYSCN(DATE(1,1,1),DATE(9999,12,31))",
    # formats
    'TEXT(1,REPT("0",255)&"."&REPT("0",200))',
    'TEXT(10^33,REPT("#,##0",51))',
    'TEXT(1,REPT(";",255))',
    'TEXT(1,"[>=100]0;[<0]-0")',
    'TEXT(today,REPT("yyyy",63))',
    'TEXT(1,"{0.__class__}")',
    'TEXT(1,"%s%n%1000000000d")',
    "FIXED(1,10^9)",
    # many and deep
    "+".join(["qty"] * 1000),
    "-" * 60 + "1",
    "IF(" * 60 + "1" + ",1,1)" * 60,
    "(" * 60 + "1" + ")" * 60,
    "NOT(" * 60 + "1" + ")" * 60,
    "IFERROR(" * 60 + "1/0" + ",1/0)" * 60,
    "qty" + "%" * 60,
    "=".join(["qty"] * 60),
    "&".join(["huge"] * 300),
    "SUM(" + ",".join(["many.qty"] * 200) + ")",
    "SUM(IF(many.qty>1,IF(many.qty>2,IF(many.qty>3,many.qty*2,1),2),3))",
    "+".join(f"SMALL(many.qty,{n})" for n in range(1, 40)),
    "+".join(["MEDIAN(many.qty)"] * 100),
    "SUM(RANK(many.qty,many.qty))",
    "SUM(COUNTIF(many.note,many.note))",
    "SUM(XLOOKUP(many.note,many.note,many.qty))",
    "SUM(SUMIFS(many.qty,many.note,many.note,many.qty,many.qty))",
    "COUNTARRAY(UNION(" + ",".join(["many.note"] * 60) + "))",
    "+".join(["COUNTARRAY(UNIQUE(many.note))"] * 60),
    "+".join(["INDEX(SORT(many.note),1)"] * 60),
    "SUM(FILTER(FILTER(many.qty,many.qty>1),FILTER(many.qty,many.qty>1)>2))",
    # values nobody should believe
    "LEN(million)",
    "million=million",
    "VALUE(million)",
    "monster+1",
    "monster*monster",
    "tiny*tiny",
    "digits*digits",
    "1/tiny",
    "ROUND(digits,2)",
    "today+monster",
    "REPT(name,monster)",
    "MOD(monster,tiny)",
]
MANY = [
    {"qty": Decimal(n * 7919 % 5003), "note": f"n{n * 7919 % 5003}", "day": date(2020, 1, 1)}
    for n in range(2_000)
]
TEXTS = [{"qty": Decimal(n), "note": "a" * 2_000} for n in range(300)]
VALUES_GIVEN = {
    "qty": Decimal(10**9),
    "huge": "a" * 32_000,
    "million": "9" * 10**6,
    "monster": Decimal("1e9999"),
    "tiny": Decimal("1e-9999"),
    "digits": Decimal("9" * 100_000),
}


def hostile_scope() -> Scope:
    usual = scope_of()
    numbers = ("monster", "tiny", "digits")
    texts = ("huge", "million")
    kinds = {**dict.fromkeys(numbers, "number"), **dict.fromkeys(texts, "text")}
    fields = {code: FieldName(code, code, (), kind) for code, kind in kinds.items()}
    column = {"qty": "number", "note": "text", "day": "date"}
    names = {code: FieldName(code, code, (), kind) for code, kind in column.items()}
    lines = {**usual.lines, "many": names, "texts": names}
    return replace(usual, fields={**usual.fields, **fields}, lines=lines)


def calls_of(act: Callable[[], Any]) -> tuple[Any, int]:
    """What comes of it, and how many calls that took: work counted, not timed."""
    count = 0

    def counted(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        found = act()
    finally:
        sys.setprofile(None)
    return found, count


def hostile_context(steps: int) -> Context:
    rows = {"many": MANY, "texts": TEXTS}
    return Context({**ROW, **VALUES_GIVEN}, rows, NOW, ZONE, work=Work(steps))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:40])
def test_hostile__costs_what_its_steps_say(text: str) -> None:
    """With a tenth of a record's budget: what steps do not count would show as calls."""
    formula = parse(text, hostile_scope())
    context = hostile_context(values.MAX_STEPS // 10)
    found, calls = calls_of(lambda: evaluate_in(formula, context))
    spent = values.MAX_STEPS // 10 - context.work.left
    assert calls <= CALLS_A_STEP * spent + CALLS_FREE
    assert isinstance(found, CellError | Decimal | str | bool | date | None)
    assert len(str(found)) <= values.MAX_TEXT


# Those that would keep most: long texts in every row, and many columns at once.
LARGE = [text for text in HOSTILE if "huge" in text or "many" in text]


@pytest.mark.parametrize("text", LARGE, ids=lambda text: text[:40])
def test_hostile__keeps_little(text: str) -> None:
    formula = parse(text, hostile_scope())
    tracemalloc.start()
    try:
        evaluate_in(formula, hostile_context(values.MAX_STEPS // 10))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


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
