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

TREE = {
    "options": [
        {"code": "lift", "label": "起重"},
        {"code": "truck", "label": "叉车", "parent": "lift"},
        {"code": "press", "label": {"zh": "冲压", "en": "Press"}},
    ]
}
CITY = {"level": "city"}

TYPED = [
    ("button", {"action": "open", "field": "a"}, "任何", None, ""),
    ("query", {"form": "a", "where": {"b": "c"}}, "任何", None, ""),
    # kind, options, what a person types or a page posts, value, what people read
    ("image", {}, "7,8,7", (7, 8), "2"),
    ("image", {}, " ", None, ""),
    ("signature", {}, "9", (9,), "1"),
    ("users", {}, "3, 4,3", (3, 4), "3，4"),
    ("users", {}, "", None, ""),
    ("department", {}, "7", 7, "7"),
    ("departments", {}, "7", (7,), "7"),
    ("cascade", TREE, "起重／ 叉车", "truck", "起重 / 叉车"),
    ("cascade", TREE, "叉车", "truck", "起重 / 叉车"),
    ("cascade", TREE, "press", "press", "冲压"),
    ("region", {}, "浙江省杭州市西湖区", "330106", "浙江省 杭州市 西湖区"),
    ("region", {}, "浙江 / 杭州 / 西湖", "330106", "浙江省 杭州市 西湖区"),
    ("region", {}, "北京朝阳", "110105", "北京市 朝阳区"),
    ("region", {}, "杭州市西湖区", "330106", "浙江省 杭州市 西湖区"),
    ("region", {}, "海南省文昌市", "469005", "海南省 文昌市"),
    ("region", CITY, "内蒙古 呼和浩特", "1501", "内蒙古自治区 呼和浩特市"),
    ("region", {}, " ", None, ""),
    (
        "address",
        {},
        "330106 文三路 1 号",
        {"region": "330106", "street": "文三路 1 号"},
        "浙江省 杭州市 西湖区 文三路 1 号",
    ),
    (
        "address",
        {},
        "浙江省杭州市西湖区文三路1号",
        {"region": "330106", "street": "文三路1号"},
        "浙江省 杭州市 西湖区 文三路1号",
    ),
    ("address", {}, "文三路1号", {"street": "文三路1号"}, "文三路1号"),
    ("address", {}, "", None, ""),
    ("location", {}, "31.2304， 121.4737", "31.2304,121.4737", "31.2304, 121.4737"),
    ("location", {}, "", None, ""),
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
    ("cascade", TREE, "起重/冲压", "option_unknown"),
    ("region", {}, "火星", "region_unknown"),
    ("region", {}, "浙江省西湖区", "region_unknown"),
    ("location", {}, "外滩", "location_expected"),
    ("location", {}, "31.23045678, 121", "location_expected"),
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
    ("cascade", TREE, "lift", "cascade_not_exact"),
    ("cascade", TREE, "none", "option_unknown"),
    ("region", {}, "33", "region_not_exact"),
    ("region", CITY, "330106", "region_not_exact"),
    ("region", {}, "999999", "region_unknown"),
    ("region", {}, 33, "region_unknown"),
    ("address", {"needs_region": True}, {"street": "文三路"}, "region_missing"),
    ("address", {}, {"region": "99"}, "region_unknown"),
    ("address", {}, {"city": "杭州"}, "address_expected"),
    ("address", {}, "杭州", "address_expected"),
    ("address", {}, {"street": "a" * 201}, "text_too_long"),
    ("location", {}, "91,0", "location_out_of_range"),
    ("location", {}, "0,-180.1", "location_out_of_range"),
    ("location", {}, {"lat": 31.2, "lng": "121", "x": 1}, "location_expected"),
    ("location", {}, 31.2, "location_expected"),
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


KEPT = [
    ("cascade", {**TREE, "any_level": True}, "lift", "lift"),
    ("region", {}, "4419", "4419"),  # Dongguan has no districts
    ("region", {}, "71", "71"),
    ("address", {}, {"region": "", "street": " "}, None),
    ("address", {}, {"region": "11", "street": None}, {"region": "11"}),
    ("location", {}, {"lat": "-0.0", "lng": "121.4700"}, "0,121.47"),
    ("location", {}, "90,-180", "90,-180"),
]


@pytest.mark.parametrize(("kind", "options", "value", "kept"), KEPT)
def test_kept(kind: str, options: dict[str, Any], value: Any, kept: Any) -> None:
    assert FIELD_TYPES[kind].schema(field(kind, **options)).deserialize(value) == kept


@pytest.mark.parametrize(
    ("twelve", "digit"), [("690123456789", "2"), ("400638133393", "1"), ("000000000000", "0")]
)
def test_the_thirteenth_digit(twelve: str, digit: str) -> None:
    assert ean_check_digit(twelve) == digit


def test_a_drawn_barcode_keeps_nothing() -> None:
    assert FIELD_TYPES["barcode"].columns(field("barcode", **QR, field="no")) == ()
