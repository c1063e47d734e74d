"""What kinds with structure read, refuse and show: one row a case."""

from typing import Any

import pytest

from runtime.kinds.barcodes import ean_check_digit
from runtime.kinds.field_type import Unreadable
from runtime.kinds.fields import FIELD_TYPES
from tests.unit.kinds.test_fields import field, refusal

EAN = {"symbology": "ean13"}
CODE = {"symbology": "code128"}
QR = {"symbology": "qr"}

TYPED = [
    # kind, options, what a person types or a page posts, value, what people read
    ("image", {}, "7,8,7", (7, 8), "2"),
    ("image", {}, " ", None, ""),
    ("signature", {}, "9", (9,), "1"),
    ("users", {}, "3, 4,3", (3, 4), "3，4"),
    ("users", {}, "", None, ""),
    ("department", {}, "7", 7, "7"),
    ("departments", {}, "7", (7,), "7"),
    ("barcode", EAN, " 6901234567892 ", "6901234567892", "6901234567892"),
    ("barcode", QR, "设备 7", "设备 7", "设备 7"),
    ("barcode", CODE, "", None, ""),
]


@pytest.mark.parametrize(("kind", "options", "text", "value", "shown"), TYPED)
def test_typed(kind: str, options: dict[str, Any], text: str, value: Any, shown: str) -> None:
    definition = field(kind, **options)
    found = FIELD_TYPES[kind].parse(text, definition)
    assert found == value
    assert FIELD_TYPES[kind].format(found, definition) == shown


UNREADABLE = [
    ("users", {}, "李静", "reference_unknown"),
    ("department", {}, "销售部", "reference_unknown"),
    ("departments", {}, "1;2", "reference_unknown"),
    ("image", {}, "a.png", "files_expected"),
    ("signature", {}, "１", "files_expected"),
]


@pytest.mark.parametrize(("kind", "options", "text", "code"), UNREADABLE)
def test_unreadable(kind: str, options: dict[str, Any], text: str, code: str) -> None:
    found = FIELD_TYPES[kind].parse(text, field(kind, **options))
    assert found == Unreadable(text, code)
    assert refusal(kind, field(kind, **options), found) == code


SENT = [
    ("users", {}, 3, "references_expected"),
    ("users", {}, [True], "references_expected"),
    ("users", {}, list(range(1, 202)), "references_too_many"),
    ("department", {}, "7", "reference_expected"),
    ("departments", {}, [0], "references_expected"),
    ("image", {"max_files": 2}, [1, 2, 3], "files_too_many"),
    ("image", {}, "1", "files_expected"),
    ("signature", {}, [1, 2], "files_too_many"),
    ("barcode", EAN, "6901234567893", "barcode_ean"),
    ("barcode", EAN, "690123456789", "barcode_ean"),
    ("barcode", EAN, "６901234567892", "barcode_ean"),
    ("barcode", CODE, "设备", "barcode_ascii"),
    ("barcode", CODE, "a" * 81, "barcode_too_long"),
    ("barcode", QR, "a" * 501, "text_too_long"),
    ("barcode", QR, 7, "text_expected"),
]


@pytest.mark.parametrize(("kind", "options", "value", "code"), SENT)
def test_refused(kind: str, options: dict[str, Any], value: Any, code: str) -> None:
    assert refusal(kind, field(kind, **options), value) == code


@pytest.mark.parametrize(
    ("twelve", "digit"), [("690123456789", "2"), ("400638133393", "1"), ("000000000000", "0")]
)
def test_the_thirteenth_digit(twelve: str, digit: str) -> None:
    assert ean_check_digit(twelve) == digit


def test_a_drawn_barcode_keeps_nothing() -> None:
    assert FIELD_TYPES["barcode"].columns(field("barcode", **QR, field="no")) == ()
