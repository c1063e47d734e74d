"""The validator reads a record as its schema would: the same values, the same problems."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from runtime.compile import validate
from runtime.compile.field import COMPUTED_KINDS, Field
from runtime.compile.schemas import record_schema
from runtime.definitions import FieldDef, Label
from runtime.kinds.field_type import Unreadable
from runtime.kinds.fields import FIELD_TYPES
from runtime.kinds.strict import JOINERS, StrictDecimal, StrictText

COLOURS = [{"code": "red"}, {"code": "blue"}]
OPTIONS: dict[str, dict[str, Any]] = {
    "choice": {"options": COLOURS},
    "multi_choice": {"options": COLOURS},
    "text": {"max_length": 12, "min_length": 2},
    "number": {"places": 3, "min": "-5", "max": "1000.5", "min_exclusive": True},
    "date": {"min": "2020-01-01", "max": "=TODAY()"},
    "reference": {"form": "item"},
    "cascade": {"options": [{"code": "a", "options": [{"code": "b"}]}], "levels": ["甲", "乙"]},
}
KINDS = sorted(kind for kind in FIELD_TYPES if kind not in COMPUTED_KINDS | {"lines"})


def _field(kind: str) -> Field:
    told = FieldDef(code=f"c_{kind}", kind=kind, label=Label(kind), options=OPTIONS.get(kind, {}))
    return Field(told, FIELD_TYPES[kind], FIELD_TYPES[kind], told)


FIELDS = [_field(kind) for kind in KINDS]
FORM: Any = SimpleNamespace(
    schema=record_schema(FIELDS), by_code={field.code: field for field in FIELDS}, lines=()
)

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.decimals(-2000, 2000, places=3),
    st.text(max_size=20),
    st.sampled_from(["red", "", "  ", "2024-02-30", "2024-02-29", "12:30", "1.50", "a\x00b", "a‍b"]),
    st.sampled_from(["13800138000", "a@b.cn", "https://a.cn", "11010519491231002X"]),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.just(UTC)),
    st.datetimes(),
    st.builds(Unreadable, st.text(max_size=70), st.just("number_expected")),
    st.lists(st.sampled_from(["red", "blue", "green", 1, 2, 2**60, True]), max_size=3),
    st.tuples(st.sampled_from(["red", "blue"])),
    st.dictionaries(st.sampled_from(["id", "x"]), st.integers(), max_size=2),
    st.floats(),
)


@given(st.dictionaries(st.sampled_from(sorted(FORM.by_code)), values))
def test_a_record_is_read_as_its_schema_reads_it(raw: dict[str, Any]) -> None:
    expected: list[tuple[str, str, Any]] = []
    try:
        wanted = dict(FORM.schema.load(raw))
    except ValidationError as error:
        wanted = dict(error.valid_data)
        expected = [
            (f"/{code}", fault["code"], fault["params"])
            for code, faults in error.messages.items()
            for fault in faults
        ]
    found, problems = validate(FORM, raw)
    assert repr(found) == repr(wanted)
    told = [(each.pointer, each.code, dict(each.params)) for each in problems]
    assert repr(told) == repr(expected)


def test_every_kind_takes_part() -> None:
    assert len(KINDS) > 20
    good: dict[str, Any] = {
        "c_number": Decimal("1.5"),
        "c_text": "螺栓",
        "c_date": date(2024, 1, 2),
        "c_time": time(8),
        "c_datetime": datetime(2024, 1, 2, tzinfo=UTC),
        "c_boolean": True,
        "c_choice": "red",
        "c_multi_choice": ["red"],
        "c_reference": 7,
    }
    found, problems = validate(FORM, good)
    assert not problems
    assert found.keys() == good.keys()


def _plain_decimal(field: StrictDecimal, number: Decimal) -> Decimal | str:
    """The rule said step by step: digits behind the point, size, bounds."""
    if not number.is_finite() or number.adjusted() > 20:
        return "number_too_large"
    digits = format(number, "f").partition(".")[2].rstrip("0")
    if len(digits) > field.places:
        return "number_too_many_places"
    if abs(number) >= Decimal(10) ** (17 - field.places):
        return "number_too_large"
    if field.low is not None and (number < field.low or number == field.low):
        return "number_not_above" if number <= field.low else "number_below"
    if field.high is not None and number > field.high:
        return "number_above"
    return number.quantize(Decimal(1).scaleb(-field.places))


@given(
    st.sampled_from([(0, {}), (2, {}), (3, OPTIONS["number"]), (10, {})]),
    st.one_of(
        st.decimals(),
        st.decimals(-2000, 2000, places=4),
        st.decimals(-(10**18), 10**18, places=2),
        st.integers(-(10**18), 10**18).map(Decimal),
    ),
)
def test_a_number_is_judged_by_the_plain_rule(
    kind: tuple[int, dict[str, Any]], number: Decimal
) -> None:
    field = StrictDecimal(*kind)
    wanted = _plain_decimal(field, number)
    try:
        found: Any = field.read(number)
    except ValidationError as error:
        found = error.messages[0]["code"]
    assert str(found) == str(wanted)


@given(st.text(max_size=12), st.booleans())
def test_what_nobody_sees_is_refused_letter_by_letter(text: str, lines: bool) -> None:
    import unicodedata  # noqa: PLC0415

    trimmed = text.replace("\r\n", "\n").strip()
    allowed = JOINERS + ("\n\t" if lines else "")
    unseen = any(
        unicodedata.category(letter) in {"Cc", "Cs", "Cf"} and letter not in allowed
        for letter in trimmed
    )
    try:
        found: Any = StrictText(12, lines=lines).read(text)
    except ValidationError as error:
        found = error.messages[0]["code"]
    wanted = trimmed if trimmed.strip(JOINERS) else None
    assert found == ("text_control_character" if unseen else wanted)
