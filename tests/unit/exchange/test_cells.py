"""Numbers, dates, addresses and formats as Excel means them."""

from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.exchange import cells, formats
from runtime.exchange.moments import text_moment
from runtime.exchange.refusals import FileRefused


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.3"),
        ("19.607289329538858", "19.6072893295389"),
        ("1E3", "1000"),
        ("1.50", "1.5"),
        ("46082", "46082"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_decimal_of__keeps_15_significant_digits(stored: str, value: str) -> None:
    assert cells.decimal_of(stored) == Decimal(value)


def test_plain_text__keeps_every_digit_of_a_long_code() -> None:
    assert cells.plain_text("1234567890123456789") == "1234567890123456789"
    assert cells.plain_text("6.9113166004780E12") == "6911316600478"


@pytest.mark.parametrize("text", ["1e999", "NaN", "INF", "--5", "1,5", "0x10", "1_000", "\u0661"])
def test_is_number__refuses_what_excel_never_writes(text: str) -> None:
    assert not cells.is_number(text)


@pytest.mark.parametrize(
    ("serial", "epoch_1904", "found"),
    [
        ("1", False, date(1900, 1, 1)),
        ("59", False, date(1900, 2, 28)),
        ("60", False, None),
        ("61", False, date(1900, 3, 1)),
        ("46082", False, date(2026, 3, 1)),
        ("45000.5", False, datetime(2023, 3, 15, 12)),  # noqa: DTZ001
        ("0.75", False, time(18)),
        ("2958465", False, date(9999, 12, 31)),
        ("2958466", False, None),
        ("-1", False, None),
        ("0", True, date(1904, 1, 1)),
    ],
)
def test_moment_of(serial: str, epoch_1904: bool, found: object) -> None:
    assert cells.moment_of(serial, epoch_1904=epoch_1904) == found


@pytest.mark.parametrize("reference", ["A0", "ZZZZ1", "A1048577", "XFE1", "a1", "1A", "A1:B2", ""])
def test_split_reference__refuses_addresses_that_do_not_exist(reference: str) -> None:
    with pytest.raises(FileRefused):
        cells.split_reference(reference)


def test_column_letters__and_back() -> None:
    assert [cells.column_letters(n) for n in (1, 26, 27, 702, 703, 16384)] == [
        "A", "Z", "AA", "ZZ", "AAA", "XFD",
    ]  # fmt: skip
    assert all(cells.column_number(cells.column_letters(n)) == n for n in range(1, 16385))


@pytest.mark.parametrize(
    ("code", "shape", "places"),
    [
        ("General", "general", 0),
        ("0.00", "number", 2),
        ("#,##0.00_ ", "number", 2),
        ("0.0%", "percent", 1),
        ('"¥"#,##0.00', "money", 2),
        ("[$¥-804]#,##0.00", "money", 2),
        ("yyyy/m/d;@", "date", 0),
        ('yyyy"年"m"月"d"日"', "date", 0),
        ("[$-F800]dddd, mmmm dd, yyyy", "date", 0),
        ("h:mm:ss", "time", 0),
        ("[h]:mm", "time", 0),
        ("yyyy-mm-dd hh:mm", "datetime", 0),
        ("@", "text", 0),
        ("000000", "code", 6),
        ("[Red]-0.00", "number", 2),
    ],
)
def test_understand(code: str, shape: str, places: int) -> None:
    found = formats.understand(code)
    assert (found.shape, found.places if found.shape != "general" else 0) == (shape, places)


def test_built_in__chinese_formats_are_dates_and_times() -> None:
    dates = {n for n, found in formats.BUILT_IN.items() if found.shape == "date"}
    assert {27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58} <= dates
    assert {formats.BUILT_IN[n].shape for n in (32, 33, 34, 35, 55, 56)} == {"time"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("2026/3/1", date(2026, 3, 1)),
        ("2026.3.1", date(2026, 3, 1)),
        ("2026年3月1日", date(2026, 3, 1)),
        ("20260301", date(2026, 3, 1)),
        ("3/1/2026", date(2026, 3, 1)),
        ("31/1/2026", date(2026, 1, 31)),
        ("2026-11-21 14:32", datetime(2026, 11, 21, 14, 32)),  # noqa: DTZ001
        ("2026年3月1日 下午2时5分", datetime(2026, 3, 1, 14, 5)),  # noqa: DTZ001
        ("14:32:05", time(14, 32, 5)),
        ("2026-13-45", None),
        ("A-001", None),
        ("待定", None),
        ("12345678901234567890", None),
    ],
)
def test_text_moment(text: str, found: object) -> None:
    assert text_moment(text) == found


numbers = st.one_of(
    st.from_regex(r"\A[+-]?[0-9]{0,20}\.?[0-9]{0,20}([eE][+-]?[0-9]{1,3})?\Z"),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)


@given(numbers)
def test_a_number_is_read_the_short_way_as_the_long_way(text: str) -> None:
    if not cells.is_number(text):
        return
    assert cells.plain_text(text) == (
        text if text.isascii() and text.isdigit() else format(cells.decimal_of(text), "f")
    )


@given(numbers)
def test_a_number_excel_could_not_hold_is_none(text: str) -> None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        assert not cells.is_number(text)
        return
    assert cells.is_number(text) == (value == 0 or -307 <= value.adjusted() <= 307)


@given(st.from_regex(r"\A[A-Z]{1,3}[0-9]{1,8}\Z"), st.integers(1, 1_048_576))
def test_an_address_is_never_read_into_another_row(reference: str, row: int) -> None:
    for known in ("A", "B", "AB", "XFD"):
        cells.column_number(known)
    found = cells.column_in(reference, str(row))
    if found is not None:
        assert cells.split_reference(reference) == (row, found)


def test_an_address_in_its_row_is_known_by_its_letters() -> None:
    assert cells.split_reference("AB11") == (11, 28)
    assert cells.column_in("AB11", "11") == 28
    assert cells.column_in("AB11", "1") is None
