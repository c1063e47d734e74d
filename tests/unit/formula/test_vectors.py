"""The shared vectors: every back end gives what Excel gives, and all give the same."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from runtime.formula.cases import Backend, eval_cases
from runtime.kinds.functions import FAMILIES, FUNCTIONS

FILE = Path(__file__).parents[2] / "data" / "formula" / "vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
EXAMPLES = [
    (function.name, example)
    for family in FAMILIES.values()
    for function in family
    for example in function.examples
]
EXAMPLE_LINES = {
    "lines": [{"qty": str(n), "price": p} for n, p in ((1, "30"), (2, "20"), (3, "30"))]
}
EXAMPLE_CASES = [
    {
        "id": name,
        "formula": each.formula,
        "now": "2026-11-21T18:30:00",
        "fields": {"qty": {"type": "decimal", "value": "5"}},
        "lines": EXAMPLE_LINES,
    }
    for name, each in EXAMPLES
]
# So many functions at least answer all their examples themselves.
NATIVE = 80
# What nobody foresees has no vector.
CHANCE = {"RAND", "RANDBETWEEN", "UUID"}
# What is refused while it is read is Python's answer everywhere.
REFUSED = ("parse", "name", "type")


@cache
def by_python() -> list[dict[str, Any]]:
    return eval_cases(VECTORS, FUNCTIONS)


@cache
def by_database(url: str) -> list[dict[str, Any]]:
    return eval_cases(VECTORS, FUNCTIONS, backend="sql", database=url)


@cache
def by_browser() -> list[dict[str, Any]]:
    return eval_cases(VECTORS, FUNCTIONS, backend="browser")


def outcome(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Value or kind of error, which is what all back ends share."""
    return {key: answer[key] for key in ("value", "error") if key in answer}


def rounded(value: Any, digits: int) -> Any:
    """Excel computes with 15 binary digits; where they show, fewer are compared."""
    number = Decimal(value)
    return number and Decimal(f"{number:.{digits - 1}e}")


def agrees(vector: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    expected, found = vector["expect"], outcome(answer)
    digits = vector.get("digits")
    if digits is None or "value" not in found:
        return bool(found == expected)
    return bool(rounded(found["value"], digits) == rounded(expected["value"], digits))


def native(answers: Sequence[Mapping[str, Any]], backend: str) -> set[str]:
    """The functions that answered all their examples themselves."""
    elsewhere = {
        name
        for (name, _), answer in zip(EXAMPLES, answers, strict=True)
        if answer["backend_used"] != backend
    }
    return {name for name, _ in EXAMPLES} - elsewhere


def test_vectors__are_many_of_all_kinds() -> None:
    assert len(VECTORS) >= 1500
    assert len({vector["id"] for vector in VECTORS}) == len(VECTORS)
    assert sum(vector["id"].startswith("excel") for vector in VECTORS) >= 600
    text = " ".join(vector["formula"].upper() for vector in VECTORS)
    called = set(re.findall(r"([A-Z][A-Z0-9_.]*)\(", text))
    assert {name for name, _ in EXAMPLES} - CHANCE <= called


def test_vectors__python() -> None:
    pairs = zip(VECTORS, by_python(), strict=True)
    assert [pair for pair in pairs if not agrees(*pair)] == []


def test_vectors__browser() -> None:
    pairs = zip(VECTORS, by_python(), by_browser(), strict=True)
    assert [each for each in pairs if outcome(each[1]) != outcome(each[2])] == []


@pytest.mark.usefixtures("database")
def test_vectors__sql(database_url: str) -> None:
    pairs = zip(VECTORS, by_python(), by_database(database_url), strict=True)
    assert [each for each in pairs if outcome(each[1]) != outcome(each[2])] == []


def mixed(vector: Mapping[str, Any]) -> bool:
    """Whether a column holds cells of several types, which no field does."""
    for rows in vector.get("lines", {}).values():
        for code in {code for row in rows for code in row}:
            cells = [row[code] for row in rows if row.get(code) is not None]
            kinds = {each["type"] if isinstance(each, dict) else "bare" for each in cells}
            if len(kinds) > 1:
                return True
    return False


def test_vectors__the_browser_leaves_to_the_server_only_what_is_marked() -> None:
    """Powers that are no whole number, mixed columns, and functions marked as the server's."""
    marked = [name for name, function in FUNCTIONS.items() if function.server_only]
    server = re.compile(rf"(?:^|[^\w.])(?:{'|'.join(map(re.escape, marked))})\(|\^|POWER\(")
    unmarked = [
        vector["formula"]
        for vector, answer in zip(VECTORS, by_browser(), strict=True)
        if answer["backend_used"] != "browser"
        and answer.get("error") not in REFUSED
        and not mixed(vector)
    ]
    assert unmarked
    assert [formula for formula in unmarked if not server.search(formula.upper())] == []


def examples_hold(backend: Backend, **where: str) -> None:
    wrong = []
    found = eval_cases(EXAMPLE_CASES, FUNCTIONS, backend=backend, **where)
    for (_, example), answer in zip(EXAMPLES, found, strict=True):
        shown = answer.get("value", answer.get("error"))
        text = str(shown).upper() if isinstance(shown, bool) else str(shown)
        if answer.get("type") == "datetime":
            text = text.replace("T", " ")
        if text != example.value:
            wrong.append((example, answer))
    assert wrong == []
    if backend != "python":
        assert len(native(found, backend)) >= NATIVE


@pytest.mark.parametrize("backend", ["python", "browser"])
def test_examples__of_every_function_hold(backend: Backend) -> None:
    examples_hold(backend)


@pytest.mark.usefixtures("database")
def test_examples__of_every_function_hold_in_sql(database_url: str) -> None:
    examples_hold("sql", database=database_url)


def test_functions__each_has_help_in_both_languages_and_an_example() -> None:
    for family in FAMILIES.values():
        for function in family:
            assert function.help("en")
            assert function.help("zh") != function.help("en")
            assert function.examples, function.name


def test_eval_case__of_the_contract() -> None:
    case = {
        "id": "1",
        "formula": "=ROUND(qty*price*(1-discount),2)",
        "fields": {
            "qty": {"type": "decimal", "value": "3"},
            "price": {"type": "money", "value": "1.005"},
            "discount": {"type": "percent", "value": "0"},
        },
        "lines": {"items": [{"qty": "1"}]},
    }
    expected = {"id": "1", "ok": True, "type": "decimal", "value": "3.02"}
    assert eval_cases([case], FUNCTIONS) == [{**expected, "backend_used": "python"}]


def test_eval_case__an_error_says_where() -> None:
    (answer,) = eval_cases([{"id": "x", "formula": "1+nofield"}], FUNCTIONS)
    assert answer["ok"] is False
    assert (answer["error"], answer["at"]) == ("name", [2, 9])
    assert answer["message"] == "没有名为“nofield”的字段"


@pytest.mark.parametrize(
    ("formula", "lines", "value"),
    [
        ("SUM(items.qty)", [], "0"),
        ("COUNTA(items.day)", [{"day": "2026-01-01"}, {"day": None}], "1"),
        ("MAX(items.day)", [{"day": "2026-01-01"}, {"day": "2026-05-01"}], "2026-05-01"),
        ("AND(items.ok)", [{"ok": True}, {"ok": False}], False),
        ("CONCAT(items.mixed)", [{"mixed": "1"}, {"mixed": "x"}], "1x"),
        ("SUM(items.mixed)", [{"mixed": "1"}, {"mixed": "x"}, {"mixed": "2.5"}], "3.5"),
        ("COUNT(items.mixed)", [{"mixed": 1}, {"mixed": "x"}, {"mixed": True}], "1"),
        ("CONCAT(items.code)", [{"code": "007"}, {"code": "1,234"}], "0071,234"),
        ("SUM(items.n)", [{"n": {"type": "decimal", "value": "0.1"}}] * 3, "0.3"),
    ],
)
def test_eval_case__line_columns_have_the_type_of_their_values(
    formula: str, lines: list[dict[str, Any]], value: Any
) -> None:
    case = {"id": "1", "formula": formula, "lines": {"items": lines}}
    assert eval_cases([case], FUNCTIONS)[0]["value"] == value


@pytest.mark.parametrize("backend", ["python", "browser"])
@pytest.mark.parametrize(
    ("formula", "kind", "value"),
    [
        ('IF(1>2,5,"")', "text", ""),
        ('IF(1<2,5,"x")', "decimal", "5"),
        ('IF(1<2,DATE(2024,2,29),"x")', "date", "2024-02-29"),
        ('IF(1<2,TRUE,"x")', "boolean", True),
        ('IF(1<2,"x",5)', "text", "x"),
        ("TIME(8,5,0)", "time", "08:05:00"),
    ],
)
def test_eval_case__the_type_is_that_of_the_value(
    formula: str, kind: str, value: Any, backend: Backend
) -> None:
    (answer,) = eval_cases([{"id": "1", "formula": formula}], FUNCTIONS, backend=backend)
    assert (answer["type"], answer["value"], answer["backend_used"]) == (kind, value, backend)
