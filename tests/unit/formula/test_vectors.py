"""The shared vectors, written by hand, on Python and in the browser's interpreter."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from runtime.formula.cases import Backend, eval_cases
from runtime.kinds.functions import FAMILIES, FUNCTIONS

FILE = Path(__file__).parents[2] / "data" / "formula" / "vectors.json"
SHARED = json.loads(FILE.read_text(encoding="utf-8"))
EXAMPLES = [
    (function.name, example)
    for family in FAMILIES.values()
    for function in family
    for example in function.examples
]
EXAMPLE_LINES = {
    "lines": [{"qty": str(n), "price": p} for n, p in ((1, "30"), (2, "20"), (3, "30"))]
}
# What only the server computes: powers that are no whole number, and logarithms.
SERVER_ONLY = re.compile(r"^(LOG|LN|EXP)|\^-?[0-9]*\.[0-9]|POWER\(98.6,3.2\)")


def answers(backend: Backend) -> list[dict[str, Any]]:
    cases = [
        {"id": str(place), **SHARED["context"], "formula": each["formula"]}
        for place, each in enumerate(SHARED["vectors"])
    ]
    return eval_cases(cases, FUNCTIONS, backend=backend)


@pytest.mark.parametrize("backend", ["python", "browser"])
def test_vectors__agree(backend: Backend) -> None:
    wrong = []
    for vector, answer in zip(SHARED["vectors"], answers(backend), strict=True):
        found = {"value": answer["value"]} if answer["ok"] else {"error": answer["error"]}
        if found != {key: vector[key] for key in ("value", "error") if key in vector}:
            wrong.append((vector, answer))
    assert wrong == []


def test_vectors__the_browser_computes_them_itself() -> None:
    elsewhere = {
        vector["formula"]
        for vector, answer in zip(SHARED["vectors"], answers("browser"), strict=True)
        if answer["backend_used"] != "browser"
        and answer.get("error") not in ("parse", "name", "type")
    }
    assert elsewhere
    assert {formula for formula in elsewhere if not SERVER_ONLY.search(formula)} == set()


@pytest.mark.parametrize("backend", ["python", "browser"])
def test_examples__of_every_function_hold(backend: Backend) -> None:
    cases = [
        {"id": name, "formula": each.formula, "now": "2026-11-21T18:30:00", "lines": EXAMPLE_LINES}
        for name, each in EXAMPLES
    ]
    wrong = []
    found = eval_cases(cases, FUNCTIONS, backend=backend)
    for (_, example), answer in zip(EXAMPLES, found, strict=True):
        shown = answer.get("value", answer.get("error"))
        text = str(shown).upper() if isinstance(shown, bool) else str(shown)
        if answer.get("type") == "datetime":
            text = text.replace("T", " ")
        if text != example.value:
            wrong.append((example, answer))
    assert wrong == []


def test_functions__each_has_help_in_both_languages_and_an_example() -> None:
    for family in FAMILIES.values():
        for function in family:
            assert function.help("en")
            assert function.help("zh") != function.help("en")
            assert function.examples, function.name


def test_money__100_000_half_cents_round_half_away_from_zero() -> None:
    rows = [{"cent": f"{n // 100}.{n % 100:02}5"} for n in range(20_000)]
    for start in range(0, len(rows), 5_000):
        part = rows[start : start + 5_000]
        case = {"id": "1", "formula": "ROUND(lines.cent,2)", "lines": {"lines": part}}
        (answer,) = eval_cases([case], FUNCTIONS)
        exact = [f"{(n + 1) // 100}.{(n + 1) % 100:02}" for n in range(start, start + 5_000)]
        assert answer["value"] == [each.rstrip("0").rstrip(".") for each in exact]


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
    assert eval_cases([case], FUNCTIONS, backend="sql") == [{**expected, "backend_used": "python"}]


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
        ("SUM(items.n)", [{"n": {"type": "decimal", "value": "0.1"}}] * 3, "0.3"),
    ],
)
def test_eval_case__line_columns_have_the_type_of_their_values(
    formula: str, lines: list[dict[str, Any]], value: Any
) -> None:
    case = {"id": "1", "formula": formula, "lines": {"items": lines}}
    assert eval_cases([case], FUNCTIONS)[0]["value"] == value
