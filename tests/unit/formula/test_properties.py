"""Random formulas on random records: Python and the browser agree, and nothing escapes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.formula import CellError, FormulaError, evaluate, parse, to_json
from runtime.formula.browser import run
from runtime.formula.cases import wire
from runtime.kinds.functions import FAMILIES
from tests.conftest import depth
from tests.unit.formula.conftest import NOW, ZONE, scope_of

SCOPE = scope_of()
# Each run asks the browser's interpreter about sixty formulas at once.
BROWSER_RUNS = {"quick": 25, "full": 400}

# Cased letters whose forms differ between Unicode versions are not the language's business.
CHARACTERS = "aAbBzZ09 -*?~.,%¥万元中文é𠮷\n"
digits = st.integers(-(10**12), 10**12)
decimals = st.builds(lambda n, places: Decimal(n).scaleb(-places), digits, st.integers(0, 8))
EDGES = [
    Decimal(t) for t in ("0", "0.5", "1.005", "2.675", "-0.5", "1e33", "9" * 34, "1e-60", "0.01")
]
edges = st.sampled_from(EDGES)
dates = st.dates(date(1, 1, 1), date(9999, 12, 31))
instants = st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1)).map(  # noqa: DTZ001 - UTC below
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
texts = st.text(CHARACTERS, max_size=8)
rows = st.fixed_dictionaries(
    {
        "qty": st.none() | decimals | edges,
        "price": st.none() | decimals | edges,
        "fix": decimals,
        "name": st.none() | texts,
        "status": st.none() | texts,
        "tags": st.lists(texts, max_size=3).map(tuple),
        "today": st.none() | dates,
        "moment": st.none() | instants,
        "checked": st.none() | st.booleans(),
    }
)
lines = st.lists(
    st.fixed_dictionaries(
        {
            "qty": st.none() | decimals,
            "amount": st.none() | decimals | edges,
            "note": st.none() | texts,
        }
    ),
    max_size=4,
)


def literal(number: Decimal) -> str:
    return f"({number:f})" if number < 0 else f"{number:f}"


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def leaf(random: Random, kind: str) -> str:
    """A name or a literal of a kind."""
    match kind:
        case "number":
            drawn = Decimal(random.randint(-(10**12), 10**12)).scaleb(-random.randint(0, 8))
            return random.choice(
                ["qty", "price", "fix", literal(drawn), literal(random.choice(EDGES))]
            )
        case "text":
            drawn_text = "".join(random.choices(CHARACTERS, k=random.randint(0, 8)))
            return random.choice(["name", "status", '""', '"12%"', '">1"', quoted(drawn_text)])
        case "boolean":
            return random.choice(["checked", "TRUE", "FALSE"])
        case "date":
            day = date.fromordinal(random.randint(1, date.max.toordinal()))
            made = f"DATE({day.year},{day.month},{day.day})"
            return random.choice(["today", "moment", "TODAY()", "NOW()", made])
    return random.choice(["lines.qty", "lines.amount", "lines.note", "d.items", "tags"])


KIND_OF = {
    **dict.fromkeys(("number", "numbers", "ordered"), "number"),
    **dict.fromkeys(("text",), "text"),
    **dict.fromkeys(("boolean",), "boolean"),
    **dict.fromkeys(("date",), "date"),
    **dict.fromkeys(("array",), "array"),
}
OTHERWISE = ("number", "text", "boolean", "date", "array")
FUNCTIONS = [
    function for family in FAMILIES.values() for function in family if not function.server_only
]
OPERATORS = ("+", "-", "*", "/", "&", "=", "<>", "<", "<=", ">", ">=")


def call(random: Random, depth: int) -> str:
    """A call of any function with arguments of fitting kinds, sometimes a column instead."""
    function = random.choice(FUNCTIONS)
    arguments = []
    for parameter in function.parameters:
        if parameter.optional and random.random() < 0.5:
            break
        for _ in range(random.randint(1, 2) if parameter.repeated else 1):
            kind = KIND_OF.get(parameter.type) or random.choice(OTHERWISE)
            if random.randrange(6) == 0:
                kind = "array"
            arguments.append(expression(random, kind, depth))
    return f"{function.name}({','.join(arguments)})"


def expression(random: Random, kind: str, depth: int) -> str:
    """A formula that is mostly of a kind; what the type check refuses is no loss."""
    shape = random.randrange(5) if depth else 0
    if shape == 1:
        operator = random.choice(OPERATORS)
        left, right = (expression(random, kind, depth - 1) for _ in range(2))
        return f"({left}{operator}{right})"
    if shape == 2:
        return f"({leaf(random, kind)})^({random.randint(-30, 60)})"
    if shape == 3:
        return f"-({expression(random, kind, depth - 1)})%"
    return leaf(random, kind) if shape == 0 else call(random, depth - 1)


def some_formulas(seed: int, count: int) -> list[str]:
    """Random formulas by seed: drawn plainly, because many small choices are slow to shrink."""
    random = Random(seed)
    return [expression(random, random.choice(OTHERWISE), 3) for _ in range(count)]


seeds = st.integers(0, 2**32)


def answered(value: Any) -> Any:
    """A value as both back ends tell it."""
    if isinstance(value, CellError):
        return (value.kind, value.reason)
    return wire(value, ZONE)


@settings(
    max_examples=BROWSER_RUNS[depth()], deadline=None, suppress_health_check=list(HealthCheck)
)
@given(seeds, rows, lines)
def test_browser__agrees_with_python(
    seed: int, row: dict[str, Any], line_rows: list[dict[str, Any]]
) -> None:
    checked = []
    for text in some_formulas(seed, 60):
        try:
            checked.append(parse(text, SCOPE))
        except FormulaError:
            continue
    tables = {"lines": line_rows, "d": [{"items": Decimal(5)}]}
    context = {
        "values": {code: wire(value, ZONE) for code, value in row.items()},
        "lines": {
            code: [{key: wire(cell, ZONE) for key, cell in each.items()} for each in table]
            for code, table in tables.items()
        },
        "now": wire(NOW, ZONE),
    }
    results = run([{"tree": to_json(each), "context": context} for each in checked])
    for formula, result in zip(checked, results, strict=True):
        if result.get("error") == "server_only":
            continue
        found = answered(evaluate(formula, row, tables, NOW, ZONE))
        there = (result["error"], result["reason"]) if "error" in result else result["value"]
        assert found == there, (formula.text, row, line_rows)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=80) | seeds.map(lambda seed: some_formulas(seed, 1)[0]), rows, lines)
def test_formula__raises_nothing_but_its_own_error(
    text: str, row: dict[str, Any], line_rows: list[dict[str, Any]]
) -> None:
    try:
        formula = parse(text, SCOPE)
    except FormulaError as error:
        for problem in error.problems:
            assert 0 <= problem.span[0] <= problem.span[1] <= len(text)
        return
    value = evaluate(formula, row, {"lines": line_rows, "d": []}, NOW, ZONE)
    for each in value if isinstance(value, tuple) else (value,):
        assert isinstance(each, Decimal | str | bool | date | CellError | None)
        if isinstance(each, Decimal):
            assert len(each.as_tuple().digits) <= 34
            assert each.is_finite()


@given(decimals, decimals, decimals)
def test_arithmetic__obeys_its_laws(a: Decimal, b: Decimal, c: Decimal) -> None:
    row = {"qty": a, "price": b, "fix": c}

    def holds(text: str) -> bool:
        return evaluate(parse(text, SCOPE), row, {}, NOW, ZONE) is True

    assert holds("qty+price=price+qty")
    assert holds("(qty+price)+fix=qty+(price+fix)")
    assert holds("qty*price=price*qty")
    assert holds("qty-price=-(price-qty)")
    assert holds("ROUND(qty,2)=-ROUND(-qty,2)")
    assert holds("OR(fix=0,QUOTIENT(qty,fix)*ABS(fix)<=ABS(qty)+ABS(fix))")


@given(dates, st.integers(-5000, 5000))
def test_dates__days_go_forth_and_back(day: date, count: int) -> None:
    row = {"today": day, "qty": Decimal(count)}
    found = evaluate(parse("today+qty-today", SCOPE), row, {}, NOW, ZONE)
    try:
        assert day + timedelta(days=count)
        assert found == Decimal(count)
    except OverflowError:
        assert found == CellError("#NUM!", "cell_no_such_date")
