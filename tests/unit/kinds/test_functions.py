"""The catalogue of functions: how many, what the browser computes, and what Excel documents."""

import gzip
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runtime.formula import Context, Work, evaluate_in, parse, to_json
from runtime.formula.browser import run
from runtime.formula.cases import Backend, eval_cases
from runtime.formula.scope import FieldName, Scope
from runtime.kinds.chinese_calendar import ANNOUNCED, DAYS_OFF, WORKED_WEEKENDS
from runtime.kinds.functions import CATEGORIES, FAMILIES, FUNCTIONS

JS = Path(__file__).parents[3] / "static" / "js"
CATALOGUE = [each for members in FAMILIES.values() for each in members]
# The 80 of 明道云 but GETPOSITION, which asks the device that only a browser has.
MINGDAO = """
    NETWORKDAY MINUTE HOUR WEEKDAY DAY MONTH YEAR DATEADD DATEIF DATENOW WORKDAY WORKDAY_INTL
    WEEKNUM COUNTARRAY RANDBETWEEN ROUND ROUNDUP ROUNDDOWN CEILING FLOOR MOD INT ABS COUNTA
    COUNTBLANK PRODUCT MAX MIN AVERAGE SUM NUMBER POWER LOG PI RADIANS DEGREES SIN COS TAN COT
    ASIN ACOS ATAN ACOT COUNTCHAR NORM_S_DIST PERMUT COMBIN REPLACE REPT MID LEFT RIGHT UPPER
    LOWER CONCAT STRING TRIM CLEAN SUBSTITUTE FIND FINDA SPLIT JOIN STRREVERSE IF IFS AND OR NOT
    TRUE FALSE ISBLANK INCLUDE ENCODEURI DECODEURI ENCODEURICOMPONENT DECODEURICOMPONENT DISTANCE
"""
# The list of 简道云 but those of the person and the device: IP, GETUSERNAME, TEXTUSER …, RECNO.
JIANDAO = """
    AND OR NOT XOR TRUE FALSE IF IFS CONCATENATE EXACT LEFT RIGHT MID LEN LOWER UPPER REPLACE REPT
    SEARCH SPLIT TRIM CHAR ISEMPTY JOIN UNION TEXT VALUE RMBCAP ABS AVERAGE CEILING FLOOR COUNT
    COUNTIF SUM PRODUCT SUMIF SUMIFS SUMPRODUCT MAX MIN LARGE SMALL ROUND INT FIXED MOD POWER SQRT
    LOG RAND COS COT SIN TAN RADIANS DATE DAY MONTH YEAR HOUR MINUTE SECOND DAYS DAYS360 DATEDELTA
    DATEDIF TODAY NOW SYSTIME TIME TIMESTAMP WEEKDAY WEEKNUM ISOWEEKNUM WORKDAY NETWORKDAYS MAPX
    DISTANCE UUID INDEX
"""


def answer(formula: str, backend: Backend = "python", **lines: list[Any]) -> Any:
    tables = {code: [{"n": cell} for cell in cells] for code, cells in lines.items()}
    case = {"id": "1", "formula": formula, "now": "2026-11-21T18:30:00", "lines": tables}
    (found,) = eval_cases([case], FUNCTIONS, backend=backend)
    return found


def value(formula: str, backend: Backend = "python", **lines: list[Any]) -> Any:
    found = answer(formula, backend, **lines)
    return found["value"] if found["ok"] else found["error"]


def test_catalogue__is_as_large_as_promised() -> None:
    assert len(CATALOGUE) >= 170
    assert sum(not each.server_only for each in CATALOGUE) >= 110
    assert set(MINGDAO.split()) <= set(FUNCTIONS)
    assert set(JIANDAO.split()) <= set(FUNCTIONS)


def test_catalogue__each_is_found_by_category_and_by_chinese_words() -> None:
    assert {each.category for each in CATALOGUE} == set(CATEGORIES)
    assert [each.name for each in CATALOGUE if not each.words] == []

    def called(word: str) -> set[str]:
        return {each.name for each in CATALOGUE if word in each.words or word in each.help("zh")}

    assert "TODAY" in called("今天")
    assert "RMBCAP" in called("大写")
    assert {"XLOOKUP", "VLOOKUP", "MAPX"} <= called("跨表取数") | called("跨表")
    assert {"WORKDAYCN", "ISWORKDAY"} <= called("调休")


def test_browser__has_every_function_that_is_not_the_servers() -> None:
    for family, members in FAMILIES.items():
        path = JS / "formula" / f"{family}.js"
        # A family that is the server's alone has no module at all.
        text = path.read_text() if path.exists() else ""
        body = text[text.find("export const FUNCTIONS") :]
        found = set(re.findall(r'(?:^  |\{ )"?([A-Z][A-Z0-9_.]*)"?:', body, re.MULTILINE))
        assert found == {each.name for each in members if not each.server_only}, family


def test_browser__its_core_is_small() -> None:
    core, waiting = set(), ["formula.js"]
    while waiting:
        path = JS / waiting.pop()
        if path not in core:
            core.add(path)
            found = re.findall(
                r'^(?:import|\}) .*"\./([a-z/]+\.js)";$', path.read_text(), re.MULTILINE
            )
            waiting += [str((path.parent / name).relative_to(JS)) for name in found]
    assert len(core) == 5
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in core) <= 12 * 1024


def test_browser__loads_the_families_a_formula_names() -> None:
    formula = parse("SUM(1,LEN(2))+RADIANS(3)", Scope({}, {}, FUNCTIONS))
    assert to_json(formula)["families"] == ["aggregate", "text", "trigonometry"]
    assert answer("SUM(1,LEN(2))+RADIANS(3)", "browser")["backend_used"] == "browser"


# What the documentation of Excel gives for its own examples, or what its words say.
EXCEL = [
    ("PMT(0.08/12,10,10000)", "-1037.032089359154"),
    ("PMT(0.08/12,10,10000,0,1)", "-1030.164327178"),
    ("PPMT(0.08,10,10,200000)", "-27598.05346242"),
    ("IPMT(0.1,3,3,8000)", "-292.447129909366"),
    ("FV(0.12/12,12,-1000)", "12682.50301319697"),
    ("PV(0.08/12,12*20,500)", "-59777.145851188"),
    ("NPER(0.12/12,-100,-1000,10000,1)", "59.673865674295"),
    ("NPER(0.01,-100,-1000)", "-9.57859403981317"),
    ("RATE(4*12,-200,8000)", "0.007701472488202"),
    ("SYD(30000,7500,10,1)", "4090.909090909091"),
    ("DDB(2400,300,3650,1)", "1.315068493150685"),
    ("DDB(2400,300,10,2,1.5)", "306"),
    ("DB(1000000,100000,6,2,7)", "259639.416666666667"),
    ("DB(1000000,100000,6,7,7)", "15845.098473848"),
    ("EFFECT(0.0525,4)", "0.053542667370758"),
    ("NOMINAL(0.053543,4)", "0.052500319868356"),
    ("YEARFRAC(DATE(2012,1,1),DATE(2012,7,30))", "0.580555555555556"),
    ("YEARFRAC(DATE(2012,1,1),DATE(2012,7,30),1)", "0.576502732240437"),
    ("YEARFRAC(DATE(2012,1,1),DATE(2012,7,30),3)", "0.578082191780822"),
    ("NETWORKDAYS(DATE(2012,10,1),DATE(2013,3,1))", "110"),
    ("NETWORKDAYS.INTL(DATE(2006,2,28),DATE(2006,1,31))", "-21"),
    ("WORKDAY(DATE(2008,10,1),151)", "2009-04-30"),
    ("WORKDAY.INTL(DATE(2012,1,1),90,11)", "2012-04-14"),
    ("WORKDAY.INTL(DATE(2012,1,1),30,17)", "2012-02-05"),
    ('WORKDAY.INTL(DATE(2012,1,1),1,"1111111")', "#VALUE!"),
    ("NETWORKDAYS.INTL(DATE(2012,1,1),DATE(2012,2,1),9)", "#NUM!"),
    ("CEILING.MATH(6.7)", "7"),
    ("FLOOR.MATH(-5.5,2,-1)", "-4"),
    ("NORM.S.DIST(1.333333,TRUE)", "0.908788725604095"),
    ("NORM.S.DIST(1.333333,FALSE)", "0.164010147569137"),
    ("ATAN2(-1,-1)", "-2.35619449019234"),
    ("SIN(PI())", "0"),
    ("ACOS(-0.5)", "2.09439510239320"),
    ("COT(30)", "-0.156119952161659"),
    ("ACOT(2)", "0.463647609000806"),
    ("SIN(2^27)", "#NUM!"),
    ("COT(0)", "#DIV/0!"),
    ("TIME(12,0,0)-TIME(6,0,0)", "0.25"),
    ("TIME(0,0,-1)", "#NUM!"),
    ("TIME(32768,0,0)", "#NUM!"),
    ("DATE(2026,11,21)+TIME(8,30,0)", "2026-11-21T08:30:00"),
    ('TIMEVALUE("2:24 AM")=TIME(2,24,0)', True),
    ('TEXT(TIME(16,48,10),"hh:mm")', "16:48"),
    ('TEXTBEFORE("Red riding hood\'s, red hood","hood",2)', "Red riding hood's, red "),
    ('TEXTBEFORE("Red riding hood","HOOD",1,1)', "Red riding "),
    ('TEXTBEFORE("abc","-",1,0,1)', "abc"),
    ('TEXTAFTER("abc","-",1,0,1)', ""),
    ('TEXTAFTER("a-b-c","-",-2)', "b-c"),
    ('TEXTAFTER("a-b","-",3)', "#N/A"),
    ('PROPER("76BudGet")', "76Budget"),
    ('PROPER("this is a TITLE")', "This Is A Title"),
    ("PERMUT(100,3)", "970200"),
    ("PERMUT(3,4)", "#NUM!"),
    ("MODE(5.6,4,4,3,2,4)", "4"),
    ("MODE(1,2,3)", "#N/A"),
    ("DEVSQ(4,5,8,7,11,4,3)", "48"),
    ("HARMEAN(4,5,8,7,11,4,3)", "5.02837596206"),
    ("HARMEAN(1,0)", "#NUM!"),
    ("STDEV(1345,1301,1368,1322,1310,1370,1318,1350,1303,1299)", "27.46391571984349"),
    ("VARP(1345,1301,1368,1322,1310,1370,1318,1350,1303,1299)", "678.84"),
    ("STDEV(5)", "#DIV/0!"),
]


@pytest.mark.parametrize("backend", ["python", "browser"])
@pytest.mark.parametrize(("formula", "expected"), EXCEL, ids=[formula for formula, _ in EXCEL])
def test_excel__gives_what_its_documentation_says(
    formula: str, expected: Any, backend: Backend
) -> None:
    found = value(formula, backend)
    if re.fullmatch(r"-?[0-9.]+", str(expected)):
        near = Decimal(10) ** (Decimal(expected).adjusted() - 10)
        assert abs(Decimal(found) - Decimal(expected)) < near
    else:
        assert found == expected


RISING = ["1", "2", "2", "5"]
COLUMNS: list[tuple[str, list[Any], Any]] = [
    # What Excel documents for its statistics.
    ("PERCENTILE(x.n,0.3)", ["1", "2", "3", "4"], "1.9"),
    ("PERCENTILE.EXC(x.n,0.25)", [str(n) for n in (6, 7, 15, 36, 39, 40, 41, 42, 43)], "11"),
    ("PERCENTILE.EXC(x.n,0.01)", ["1", "2", "3"], "#NUM!"),
    ("QUARTILE(x.n,1)", ["1", "2", "4", "7", "8", "9", "10", "12"], "3.5"),
    ("QUARTILE(x.n,5)", RISING, "#NUM!"),
    ("RANK(3.5,x.n,1)", ["7", "3.5", "3.5", "1", "2"], "3"),
    ("RANK(4,x.n)", RISING, "#N/A"),
    ("RANK.AVG(2,x.n)", RISING, "2.5"),
    ("ROUND(TRIMMEAN(x.n,0.2),3)", list("45672345123"), "3.778"),
    ("LARGE(x.n,9)", RISING, "#NUM!"),
    # The greatest not above, the last of equal ones; texts and numbers are not compared.
    ("MATCH(2,x.n)", RISING, "3"),
    ("MATCH(2,x.n,0)", RISING, "2"),
    ("MATCH(4,x.n,1)", RISING, "3"),
    ("MATCH(0,x.n)", RISING, "#N/A"),
    ("MATCH(4,x.n,-1)", ["9", "5", "3"], "2"),
    ('MATCH("2",x.n,0)', RISING, "#N/A"),
    ('MATCH("b*",x.n,0)', ["abc", "Bcd", "bce"], "2"),
    ('XMATCH("b*",x.n)', ["abc", "Bcd", "bce"], "#N/A"),
    ('XMATCH("b*",x.n,2,-1)', ["abc", "Bcd", "bce"], "3"),
    ("XLOOKUP(2,x.n,x.n,,0,3)", RISING, "#VALUE!"),
    ("XMATCH(3,x.n,1)", RISING, "4"),
    ("XMATCH(3,x.n,-1)", RISING, "2"),
    ("XMATCH(3,x.n,-1,-1)", RISING, "3"),
    ("XLOOKUP(9,x.n,x.n,,-1)", RISING, "5"),
    ("XLOOKUP(9,x.n,x.n)", RISING, "#N/A"),
    ("INDEX(x.n,0)", RISING, "#VALUE!"),
    ("INDEX(x.n,5)", RISING, "#REF!"),
    ("LOOKUP(3,x.n)", RISING, "2"),
    ("VLOOKUP(2,x.n,x.n)", RISING, "2"),
    ('MAPX("median",2,x.n,x.n)', RISING, "#VALUE!"),
    ('MAPX("avg",9,x.n,x.n)', RISING, None),
    ('MAPX("sum",9,x.n,x.n)', RISING, "0"),
    ('MAPX("count",2,x.n,x.n)', RISING, "2"),
    ("UNIQUE(x.n)", ["a", "A", "1", None, None], ["a", "1", None]),
    ("SORT(x.n,1,-1)", ["b", None, "a"], ["b", "a", None]),
    ("SORT(x.n)", ["b", "2", "a", "1"], ["1", "2", "a", "b"]),
    ("SORT(x.n)", ["2026-01-01", "2"], "#VALUE!"),
    ("FILTER(x.n,x.n>9)", RISING, "#N/A"),
    ("TAKE(x.n,9)", RISING, RISING),
    ("TAKE(x.n,0)", RISING, "#VALUE!"),
    ("DROP(x.n,-3)", RISING, ["1"]),
    ('JOIN(x.n,"")', ["a", None, "b"], "ab"),
    ("IRR(x.n)", ["-70000", "12000", "15000", "18000", "21000"], "-0.02124484827341093448"),
    ("IRR(x.n)", ["1", "2"], "#NUM!"),
    ("NPV(0.08,x.n)", ["8000", "9200", "10000", "12000", "14500"], "41922.06155493237"),
    ("NETWORKDAYS(DATE(2012,10,1),DATE(2013,3,1),x.n)", ["2012-11-22", "2013-01-21"], "108"),
    ("WORKDAY(DATE(2008,10,1),151,x.n)", ["2008-11-26", "2008-12-04", "2009-01-21"], "2009-05-05"),
    ("SPLIT(x.n,1)", ["1", "2"], ["#VALUE!", "#VALUE!"]),
]  # fmt: skip


@pytest.mark.parametrize("backend", ["python", "browser"])
@pytest.mark.parametrize(
    ("formula", "column", "expected"), COLUMNS, ids=[formula for formula, *_ in COLUMNS]
)
def test_columns__give_what_excel_says(
    formula: str, column: list[Any], expected: Any, backend: Backend
) -> None:
    found = value(formula, backend, x=column)
    if isinstance(found, list):
        found = [each["error"] if isinstance(each, dict) else each for each in found]
    if isinstance(expected, str) and len(expected) > 12 and expected.startswith(("-0.", "4")):
        assert abs(Decimal(found) - Decimal(expected)) < Decimal("1e-10")
    else:
        assert found == expected


# Formula, known y, known x, and what Excel documents for them.
REGRESSIONS = [
    ("FORECAST(30,p.y,p.x)", [6, 7, 9, 15, 21], [20, 28, 31, 38, 40], "10.607253"),
    ("SLOPE(p.y,p.x)", [2, 3, 9, 1, 8, 7, 5], [6, 5, 11, 7, 5, 4, 4], "0.305556"),
    ("RSQ(p.y,p.x)", [2, 3, 9, 1, 8, 7, 5], [6, 5, 11, 7, 5, 4, 4], "0.057950"),
    ("INTERCEPT(p.y,p.x)", [2, 3, 9, 1, 8], [6, 5, 11, 7, 5], "0.048387"),
    ("CORREL(p.y,p.x)", [3, 2, 4, 5, 6], [9, 7, 12, 15, 17], "0.997054"),
    ("CORREL(p.y,p.x)", [1, 2, 3], [3, 2, 1], "-1.000000"),
    ("COVAR(p.y,p.x)", [3, 2, 4, 5, 6], [9, 7, 12, 15, 17], "5.200000"),
]


@pytest.mark.parametrize("backend", ["python", "browser"])
@pytest.mark.parametrize(("formula", "known_y", "known_x", "expected"), REGRESSIONS)
def test_regression__gives_what_excel_documents(
    formula: str, known_y: list[int], known_x: list[int], expected: str, backend: Backend
) -> None:
    rows = [{"y": str(y), "x": str(x)} for y, x in zip(known_y, known_x, strict=True)]
    case = {"id": "1", "formula": formula, "lines": {"p": rows}}
    (found,) = eval_cases([case], FUNCTIONS, backend=backend)
    assert f"{round(Decimal(found['value']), 6):f}" == expected
    assert found["backend_used"] == backend


def test_narrowing__rows_that_do_not_match_do_not_matter() -> None:
    """What `narrows` promises: the rows that equal the criterion alone give the same result."""
    keys, amounts = ["a", "b", "A", "c", "b"], ["1", "2", "4", "8", "16"]
    calls = {
        "SUMIF": 'SUMIF(t.k,"b",t.n)',
        "SUMIFS": 'SUMIFS(t.n,t.k,"b")',
        "COUNTIF": 'COUNTIF(t.k,"b")',
        "COUNTIFS": 'COUNTIFS(t.k,"b")',
        "AVERAGEIF": 'AVERAGEIF(t.k,"b",t.n)',
        "AVERAGEIFS": 'AVERAGEIFS(t.n,t.k,"b")',
        "MAXIFS": 'MAXIFS(t.n,t.k,"b")',
        "MINIFS": 'MINIFS(t.n,t.k,"b")',
        "XLOOKUP": 'XLOOKUP("b",t.k,t.n,,0,-1)',
        "VLOOKUP": 'VLOOKUP("b",t.k,t.n,FALSE)',
        "MAPX": 'MAPX("last","b",t.k,t.n)',
    }
    assert set(calls) == {each.name for each in CATALOGUE if each.narrows}
    for formula in calls.values():
        results = []
        for wanted in (keys, ["b"]):
            rows = [
                {"k": key, "n": amount}
                for key, amount in zip(keys, amounts, strict=True)
                if key in wanted
            ]
            case = {"id": "1", "formula": formula, "lines": {"t": rows}}
            results.append(eval_cases([case], FUNCTIONS)[0]["value"])
        assert results[0] == results[1], formula


def test_chinese_calendar__is_one_of_working_days_moved() -> None:
    assert not DAYS_OFF & WORKED_WEEKENDS
    assert {day.weekday() for day in WORKED_WEEKENDS} == {5, 6}
    assert all(
        date.fromisoformat(first) <= date.fromisoformat(last) for first, last, *_ in ANNOUNCED
    )
    # The working days of each year as its calendars print them.
    years = {2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248}
    for year, days in years.items():
        assert value(f"NETWORKDAYSCN(DATE({year},1,1),DATE({year},12,31))") == str(days)
    assert value("NETWORKDAYSCN(DATE(2035,10,1),DATE(2035,10,7))") == "5"
    assert value("WORKDAYCN(DATE(2026,10,8),-1)") == "2026-09-30"


COSTLY = ("SUM(lines.qty^2)", "SUMIFS(lines.qty,lines.price,lines.price)", "ROUND(lines.qty%,2)")


def test_steps__both_back_ends_spend_the_same() -> None:
    """With the steps Python needed the browser ends well, with one less it does not."""
    columns = {code: FieldName(code, code, (), "number") for code in ("qty", "price")}
    scope = Scope({}, {"lines": columns}, FUNCTIONS)
    rows = [{"qty": Decimal(n % 7), "price": Decimal(n % 5)} for n in range(83)]
    plain = [{code: str(cell) for code, cell in row.items()} for row in rows]
    texts = [shown.formula for each in CATALOGUE for shown in each.examples] + list(COSTLY)
    formulas = [parse(text, scope) for text in texts]
    trees = [to_json(each) for each in formulas]
    now = {"lines": {"lines": plain}, "now": "2026-11-21T18:30:00"}
    enough, short = [], []
    for formula in formulas:
        work = Work(100_000)
        context = Context({}, {"lines": rows}, datetime(2026, 11, 21, 10, 30, tzinfo=UTC), UTC)
        evaluate_in(formula, replace(context, work=work))
        enough.append({**now, "steps": 100_000 - work.left})
        short.append({**now, "steps": 100_000 - work.left - 1})
    for contexts, limited in ((enough, False), (short, True)):
        jobs = [
            {"tree": tree, "context": context}
            for tree, context in zip(trees, contexts, strict=True)
        ]
        for text, result in zip(texts, run(jobs), strict=True):
            if result.get("error") != "server_only":
                assert (result.get("error") == "limit") is limited, text
