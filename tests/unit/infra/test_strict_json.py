"""The one JSON reader refuses what readers disagree about."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.infra import strict_json
from runtime.infra.errors import AppError

READ = [
    ('{"a": 1.10}', {"a": Decimal("1.10")}),
    ("12345678901234567890", 12345678901234567890),
    ('"二"', "二"),
    (b'{"a": [true, null]}', {"a": [True, None]}),
    ('"[[[["', "[[[["),
    ('"a\\"[{"', 'a"[{'),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_read(text: Any, value: Any) -> None:
    assert strict_json.loads(text) == value


REFUSED = [
    ('{"a": 1, "a": 2}', "json_invalid"),
    ('{"a": {"b": 1, "b": 1}}', "json_invalid"),
    ("NaN", "json_invalid"),
    ("[Infinity]", "json_invalid"),
    ("-Infinity", "json_invalid"),
    ("1e400", "json_invalid"),
    ("1e-400", "json_invalid"),
    ("9" * 41, "json_invalid"),
    ("0." + "1" * 60, "json_invalid"),
    ('"\\ud800"', "json_invalid"),
    ('{"\\udfff": 1}', "json_invalid"),
    ('"a\\u0000b"', "json_invalid"),
    ("[" * 41, "json_too_deep"),
    ('{"a":' * 41, "json_too_deep"),
    ("[" * 100_000, "json_too_deep"),
    ("{'a': 1}", "json_invalid"),
    ("", "json_invalid"),
    ("{} {}", "json_invalid"),
    (b"\xff\xfe", "json_invalid"),
    ('"' + "a" * 9_000_000 + '"', "json_too_large"),
]


@pytest.mark.parametrize(("text", "code"), REFUSED, ids=[str(row[0])[:12] for row in REFUSED])
def test_refused(text: Any, code: str) -> None:
    with pytest.raises(AppError) as caught:
        strict_json.loads(text)
    assert caught.value.code == code


WRITTEN = [
    (Decimal("1.10"), '"1.10"'),
    (Decimal("1E+3"), '"1000"'),
    (date(2026, 11, 21), '"2026-11-21"'),
    (("a", 1), '["a",1]'),
    ({"二": None}, '{"二":null}'),
]


@pytest.mark.parametrize(("value", "text"), WRITTEN)
def test_written(value: Any, text: str) -> None:
    assert strict_json.dumps(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"bytes"])
def test_never_written(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        strict_json.dumps(value)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
                      inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(values)
def test_there_and_back(value: Any) -> None:
    assert strict_json.loads(strict_json.dumps(value)) == value


@given(values)
def test_canonical__does_not_depend_on_the_order_of_keys(value: Any) -> None:
    def turned(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: turned(part[key]) for key in reversed(part)}
        return [turned(item) for item in part] if isinstance(part, list) else part

    assert strict_json.canonical(value) == strict_json.canonical(turned(value))
