"""What each field type reads, refuses and shows: one row a case."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from runtime.definitions import FieldDef, Label
from runtime.infra.columns import ExactDecimal
from runtime.infra.errors import Problem
from runtime.kinds import rich
from runtime.kinds.field_type import Unreadable
from runtime.kinds.fields import FIELD_TYPES

COLOURS = {"options": [{"code": "red", "label": {"zh": "红", "en": "Red"}}, {"code": "blue"}]}


def field(kind: str, **options: Any) -> FieldDef:
    return FieldDef(code="a", kind=kind, label=Label("甲"), options=options)


TYPED = [
    # kind, options, what a person types, value, what people read
    ("text", {}, "  螺栓 ", "螺栓", "螺栓"),
    ("text", {}, "   ", None, ""),
    ("long_text", {}, "第一行\n第二行 ", "第一行\n第二行", "第一行\n第二行"),
    ("lookup", {"reference": "item", "field": "name"}, "螺栓", "螺栓", "螺栓"),
    ("rollup", {"form": "order", "reference": "item"}, " 12 ", "12", "12"),
    ("document_number", {"prefix": "CK-"}, " CK-1 ", "CK-1", "CK-1"),
    ("lines", {"fields": []}, "任何", None, "0"),
    ("number", {"places": 0}, "１２", Decimal(12), "12"),
    ("number", {}, "1,234.5", Decimal("1234.5"), "1,234.5"),
    ("number", {}, "-3.10", Decimal("-3.10"), "-3.1"),
    ("money", {}, "￥1，234", Decimal(1234), "1,234.00"),
    ("money", {"places": 4}, "0.1250", Decimal("0.1250"), "0.125"),
    ("money", {}, "1.2万", Decimal("12000.0"), "12,000.00"),
    ("money", {}, "12 元", Decimal(12), "12.00"),
    ("quantity", {}, "0.333333", Decimal("0.333333"), "0.333333"),
    ("quantity", {}, "100", Decimal(100), "100"),
    ("percent", {}, "13%", Decimal("0.13"), "13%"),
    ("percent", {}, "13", Decimal("0.13"), "13%"),
    ("percent", {}, "0.5％", Decimal("0.005"), "0.5%"),
    ("date", {}, "2026/11/2", date(2026, 11, 2), "2026-11-02"),
    ("date", {}, "2026年11月2日", date(2026, 11, 2), "2026-11-02"),
    ("date", {}, "20261102", date(2026, 11, 2), "2026-11-02"),
    ("datetime", {"zone": "Asia/Shanghai"}, "2026-11-02 08:30",
     datetime(2026, 11, 2, 0, 30, tzinfo=UTC), "2026-11-02 08:30"),
    ("datetime", {"zone": "Asia/Shanghai"}, "2026-11-02 08:30:08",
     datetime(2026, 11, 2, 0, 30, 8, tzinfo=UTC), "2026-11-02 08:30:08"),
    ("datetime", {"zone": "Asia/Shanghai"}, "2026/11/2 08:30:00.25",
     datetime(2026, 11, 2, 0, 30, 0, 250_000, tzinfo=UTC), "2026-11-02 08:30:00.25"),
    ("boolean", {}, "是", True, "是"),
    ("boolean", {}, "×", False, "否"),
    ("choice", COLOURS, "红", "red", "红"),
    ("choice", COLOURS, "blue", "blue", "blue"),
    ("multi_choice", COLOURS, "红，blue", ("red", "blue"), "红，blue"),
    ("reference", {"form": "item"}, "17", 17, "17"),
    ("attachment", {}, "3,4", (3, 4), "2"),
    ("email", {}, " Zhang.San@Example.COM ", "Zhang.San@example.com", "Zhang.San@example.com"),
    ("email", {}, "ａ＠ｂ．ｃｎ", "a@b.cn", "a@b.cn"),
    ("phone", {}, "138 0013 8000", "13800138000", "13800138000"),
    ("phone", {}, "+86 138-0013-8000", "13800138000", "13800138000"),
    ("phone", {"number": "mobile"}, "008613800138000", "13800138000", "13800138000"),
    ("phone", {}, "（0571）8888 6666", "0571-88886666", "0571-88886666"),
    ("phone", {}, "010-62551234 转 801", "010-62551234-801", "010-62551234-801"),
    ("phone", {"number": "landline"}, "+86 571 88886666", "0571-88886666", "0571-88886666"),
    ("phone", {}, "400 820 8820", "400-820-8820", "400-820-8820"),
    ("phone", {}, "95588", "95588", "95588"),
    ("phone", {}, "+1 (415) 555-2671", "+14155552671", "+14155552671"),
    ("phone", {}, "0044 20 7946 0958", "+442079460958", "+442079460958"),
    ("url", {}, "www.example.com/a?b=1", "https://www.example.com/a?b=1",
     "https://www.example.com/a?b=1"),
    ("url", {}, "http://例子.中国:8080/", "http://例子.中国:8080/", "http://例子.中国:8080/"),
    ("id_card", {}, "11010519491231002x", "11010519491231002X", "11010519491231002X"),
    ("id_card", {}, "440524 19800101 0013", "440524198001010013", "440524198001010013"),
    ("time", {}, "14:30", time(14, 30), "14:30"),
    ("time", {}, "９：０５：０７", time(9, 5, 7), "09:05:07"),
    ("time", {}, "930", time(9, 30), "09:30"),
    ("time", {}, "下午 2 点半".replace(" ", ""), time(14, 30), "14:30"),
    ("time", {}, "12:05 am", time(0, 5), "00:05"),
    ("duration", {}, "1:30", Decimal(5400), "1:30"),
    ("duration", {}, "90", Decimal(5400), "1:30"),
    ("duration", {"unit": "hour"}, "1.5", Decimal(5400), "1:30"),
    ("duration", {"unit": "second"}, "75", Decimal(75), "0:01:15"),
    ("duration", {}, "1 小时 30 分", Decimal(5400), "1:30"),
    ("duration", {}, "2天3小时", Decimal(183600), "51:00"),
    ("duration", {}, "1h 15s", Decimal(3615), "1:00:15"),
    ("rating", {}, "4", Decimal(4), "4"),
    ("rating", {}, "★★★☆☆", Decimal(3), "3"),
    ("rmb", {"field": "amount"}, "壹元整", "壹元整", "壹元整"),
    ("rich_text", {}, "一 < 二\n三\n\n四", "<p>一 &lt; 二<br>三</p><p>四</p>", "一 < 二\n三\n四"),
    ("rich_text", {}, "<p><b>粗</b> 字</p><script>alert(1)</script>",
     "<p><b>粗</b> 字</p>", "粗 字"),
    ("rich_text", {}, "<p><br></p>", None, ""),
    ("note", {}, "任何", None, ""),
    ("divider", {}, "任何", None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "options", "text", "value", "shown"), TYPED)
def test_typed(kind: str, options: dict[str, Any], text: str, value: Any, shown: str) -> None:
    definition = field(kind, **options)
    found = FIELD_TYPES[kind].parse(text, definition)
    assert found == value
    assert FIELD_TYPES[kind].format(found, definition) == shown


UNREADABLE = [
    ("number", {}, "abc", "number_expected"),
    ("number", {}, "1e5", "number_expected"),
    ("number", {}, "NaN", "number_expected"),
    ("money", {}, "12,34", "number_expected"),
    ("date", {}, "2026-02-30", "date_expected"),
    ("date", {}, "待定", "date_expected"),
    ("datetime", {}, "2026-11-02 25:00", "datetime_expected"),
    ("boolean", {}, "也许", "boolean_expected"),
    ("choice", COLOURS, "绿", "option_unknown"),
    ("multi_choice", COLOURS, "红、绿", "option_unknown"),
    ("reference", {"form": "item"}, "螺栓", "reference_unknown"),
    ("attachment", {}, "3;4", "files_expected"),
    ("email", {}, "zhang@example", "email_expected"),
    ("email", {}, "a b@example.com", "email_expected"),
    ("email", {}, "a..b@example.com", "email_expected"),
    ("email", {}, "x" * 65 + "@example.com", "email_expected"),
    ("phone", {}, "12345678901", "phone_expected"),
    ("phone", {}, "1380013800", "phone_expected"),
    ("phone", {}, "+86 12345", "phone_expected"),
    ("phone", {"number": "mobile"}, "0571-88886666", "phone_expected"),
    ("phone", {"number": "landline"}, "13800138000", "phone_expected"),
    ("phone", {}, "电话", "phone_expected"),
    ("url", {}, "javascript:alert(1)", "url_expected"),
    ("url", {}, "javascript://example.com/%0aalert(1)", "url_expected"),
    ("url", {}, "data:text/html,x", "url_expected"),
    ("url", {}, "https://user:secret@example.com", "url_expected"),
    ("url", {}, "https://bank.cn@evil.example", "url_expected"),
    ("url", {}, "https://exa mple.com", "url_expected"),
    ("url", {}, "https://", "url_expected"),
    ("url", {}, "https://a.b:99999/", "url_expected"),
    ("id_card", {}, "110105194912310021", "id_card_expected"),
    ("id_card", {}, "110105194902300024", "id_card_expected"),
    ("id_card", {}, "110105491231002", "id_card_expected"),
    ("time", {}, "25:00", "time_expected"),
    ("time", {}, "9", "time_expected"),
    ("time", {}, "午", "time_expected"),
    ("duration", {}, "1:75", "duration_expected"),
    ("duration", {}, "1.5 秒", "duration_expected"),
    ("duration", {}, "一会儿", "duration_expected"),
    ("duration", {}, "3 米", "duration_expected"),
    ("duration", {"unit": "hour"}, "9" * 9, "duration_expected"),
    ("rating", {}, "好", "number_expected"),
]


@pytest.mark.parametrize(("kind", "options", "text", "code"), UNREADABLE)
def test_unreadable(kind: str, options: dict[str, Any], text: str, code: str) -> None:
    definition = field(kind, **options)
    found = FIELD_TYPES[kind].parse(text, definition)
    assert found == Unreadable(text, code)
    assert refusal(kind, definition, found) == code


SENT = [
    # kind, options, JSON value, code it is refused with
    ("text", {"max_length": 3}, "abcd", "text_too_long"),
    ("text", {}, "a\u202eb", "text_control_character"),
    ("text", {}, "a\x00b", "text_control_character"),
    ("text", {}, 7, "text_expected"),
    ("long_text", {"max_length": 2}, "a\nb", "text_too_long"),
    ("document_number", {}, 7, "text_expected"),
    ("lookup", {}, 7, "text_expected"),
    ("lines", {}, [1], "files_too_many"),
    ("number", {}, 1.5, "number_expected"),
    ("number", {}, True, "number_expected"),
    ("number", {}, "１", "number_expected"),
    ("number", {}, "1_000", "number_expected"),
    ("number", {}, Decimal("NaN"), "number_too_large"),
    ("number", {}, Decimal("1e30"), "number_too_large"),
    ("number", {"places": 2}, "1.005", "number_too_many_places"),
    ("number", {"places": 2}, Decimal("1.00000000000000000000000000001"), "number_too_many_places"),
    ("money", {"places": 2}, Decimal("0.99999999999999999999999999999"), "number_too_many_places"),
    (
        "number",
        {"places": 2},
        Decimal("-7.00000000000000000000000000004"),
        "number_too_many_places",
    ),
    ("number", {"places": 10}, "99999999", "number_too_large"),
    ("quantity", {"min": "0", "min_exclusive": True}, "0", "number_not_above"),
    ("quantity", {"min": "0"}, "-1", "number_below"),
    ("percent", {"max": "1"}, "1.01", "number_above"),
    ("date", {}, "2026-2-3", "date_expected"),
    ("date", {}, "0001-01-01", "date_out_of_range"),
    ("datetime", {}, "2026-11-02T08:30:00", "datetime_expected"),
    ("boolean", {}, "true", "boolean_expected"),
    ("boolean", {}, 1, "boolean_expected"),
    ("choice", COLOURS, "green", "option_unknown"),
    ("multi_choice", COLOURS, "red", "options_expected"),
    ("reference", {"form": "item"}, "17", "reference_expected"),
    ("reference", {"form": "item"}, -1, "reference_expected"),
    ("reference", {"form": "item"}, True, "reference_expected"),
    ("user", {}, 2**60, "reference_expected"),
    ("attachment", {"max_files": 1}, [1, 2], "files_too_many"),
    ("text", {"min_length": 3}, "ab", "text_too_short"),
    ("long_text", {"min_length": 3}, "ab", "text_too_short"),
    ("text", {"pattern": "digits"}, "12a", "text_pattern"),
    ("text", {"pattern": "digits"}, "１２", "text_pattern"),
    ("text", {"pattern": "letters"}, "aé", "text_pattern"),
    ("text", {"pattern": "letters_digits"}, "a-1", "text_pattern"),
    ("text", {"pattern": "capitals_digits"}, "Ab1", "text_pattern"),
    ("text", {"pattern": "chinese"}, "张three", "text_pattern"),
    ("text", {"pattern": "postal_code"}, "31000", "text_pattern"),
    ("text", {"pattern": "credit_code"}, "91350100M000100Y44", "text_pattern"),
    ("text", {"pattern": "plate"}, "浙O1234", "text_pattern"),
    ("text", {"pattern": "bank_card"}, "6222021234567890", "text_pattern"),
    ("text", {"expression": "[A-Z]{2}-[0-9]{4}"}, "AB-12345", "text_pattern"),
    ("text", {"expression": "[A-Z]+", "pattern_message": "大写"}, "a", "text_pattern_said"),
    ("email", {}, 7, "text_expected"),
    ("url", {}, "ftp://example.com", "url_expected"),
    ("phone", {}, "138\u202e00138000", "text_control_character"),
    ("id_card", {}, "1", "id_card_expected"),
    ("time", {}, "24:00", "time_expected"),
    ("time", {}, "9:30", "time_expected"),
    ("time", {}, "09:30+08:00", "time_expected"),
    ("time", {}, "09:30:00.5", "time_expected"),
    ("time", {}, 930, "time_expected"),
    ("duration", {}, "1.5", "number_too_many_places"),
    ("duration", {"min": "60"}, "59", "number_below"),
    ("duration", {"max": "=a"}, "1:30", "number_expected"),
    ("rating", {}, "6", "number_above"),
    ("rating", {"stars": 3}, "0", "number_below"),
    ("rating", {}, "4.5", "number_too_many_places"),
    ("rmb", {}, 7, "text_expected"),
    ("rich_text", {}, 7, "text_expected"),
    ("rich_text", {}, "<p>\x00</p>", "text_control_character"),
    ("rich_text", {"max_length": 3}, "<p>一二三四</p>", "text_too_long"),
    ("note", {}, [1], "files_too_many"),
    ("divider", {}, [1], "files_too_many"),
]


@pytest.mark.parametrize(("kind", "options", "value", "code"), SENT)
def test_refused(kind: str, options: dict[str, Any], value: Any, code: str) -> None:
    assert refusal(kind, field(kind, **options), value) == code


def refusal(kind: str, definition: FieldDef, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        FIELD_TYPES[kind].schema(definition).deserialize(value)
    messages = caught.value.messages
    assert isinstance(messages, list)
    fault = messages[0]
    assert isinstance(fault, dict)
    return str(Problem("", fault["code"], fault["params"]).code)


ROUND_TRIP = [
    ("number", {"places": 3}, "1.5", Decimal("1.500")),
    ("money", {"places": 4}, "1.23450", Decimal("1.2345")),
    ("reference", {"form": "item"}, {"id": 5, "label": "螺栓"}, 5),
    ("multi_choice", COLOURS, ["red", "red"], ("red",)),
    ("text", {}, " ", None),
    ("text", {"min_length": 3}, " ", None),
    ("text", {"pattern": "credit_code"}, "91350100M000100Y43", "91350100M000100Y43"),
    ("text", {"pattern": "plate"}, "浙A12345", "浙A12345"),
    ("text", {"pattern": "plate"}, "粤BD12345", "粤BD12345"),
    ("text", {"pattern": "plate"}, "京A1234警", "京A1234警"),
    ("text", {"pattern": "bank_card"}, "6222021234567894", "6222021234567894"),
    ("text", {"pattern": "chinese"}, "张三", "张三"),
    ("text", {"expression": "(a|aa)+", "max_length": 500}, "a" * 500, "a" * 500),
    ("time", {}, "09:30", time(9, 30)),
    ("time", {}, time(9, 30, 5, 7), time(9, 30, 5)),
    ("duration", {}, "5400", Decimal(5400)),
    ("duration", {"max": "=other"}, "5400", Decimal(5400)),
    ("rating", {"stars": 10}, 10, Decimal(10)),
    ("phone", {}, "+8613800138000", "13800138000"),
    (
        "rich_text",
        {"max_length": 3},
        "<p><em>一</em><strong>二三</strong></p>",
        "<p><em>一</em><strong>二三</strong></p>",
    ),
    ("rich_text", {}, "<div>一<b>二</b><p>三</p></div>", "<div>一<b>二</b><p>三</p></div>"),
    ("rich_text", {}, '<p style="color:red" onclick="x()" class="a">字</p>', "<p>字</p>"),
    (
        "rich_text",
        {},
        '<p><a href="javascript:alert(1)">点</a></p>',
        '<p><a rel="noopener noreferrer nofollow">点</a></p>',
    ),
    (
        "rich_text",
        {},
        '<p><a href="https://a.cn" target="_top">点</a></p>',
        '<p><a href="https://a.cn" rel="noopener noreferrer nofollow">点</a></p>',
    ),
    ("rich_text", {}, '<p>a<img src=x onerror="alert(1)">b</p>', "<p>ab</p>"),
    ("rich_text", {}, "<p>a</p><style>*{display:none}</style><!-- b -->", "<p>a</p>"),
    ("rich_text", {}, "<p><svg><script>alert(1)</script></svg>a", "<p>a</p>"),
    ("rich_text", {}, "<math><mtext><p>a", "<p>&lt;math&gt;&lt;mtext&gt;&lt;p&gt;a</p>"),
]


@pytest.mark.parametrize(("kind", "options", "value", "kept"), ROUND_TRIP)
def test_kept(kind: str, options: dict[str, Any], value: Any, kept: Any) -> None:
    assert FIELD_TYPES[kind].schema(field(kind, **options)).deserialize(value) == kept


@pytest.mark.parametrize("kind", list(FIELD_TYPES))
def test_every_kind_answers_all_eight(kind: str) -> None:
    options = {"form": "x", "formula": "=1", "result": "number", "reference": "r", "field": "f"}
    definition = field(kind, **options, **COLOURS)
    found = FIELD_TYPES[kind]
    assert found.kind == kind
    assert found.options["additionalProperties"] is False
    assert all(column.name == "f_a" for column in found.columns(definition))
    assert found.format(None, definition) in {"", "0"}
    assert isinstance(found.formula_type, str)
    assert isinstance(found.operators, tuple)
    assert found.schema(definition) is not None
    for column in found.columns(definition):
        assert "REAL" not in str(column.type).upper()
        assert "FLOAT" not in str(column.type).upper()
    if kind in {"number", "money", "quantity", "percent"}:
        assert isinstance(found.columns(definition)[0].type, ExactDecimal)


def schemas_in(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema of options and those of objects inside it."""
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from schemas_in(inner)
    yield from schemas_in(schema["items"]) if "items" in schema else ()


@pytest.mark.parametrize("kind", list(FIELD_TYPES))
def test_every_option_has_a_name_in_both_languages(kind: str) -> None:
    options = FIELD_TYPES[kind].options
    assert options["title"]
    assert options["title_en"]
    nameless = [
        name
        for schema in schemas_in(options)
        for name, each in schema.get("properties", {}).items()
        if not (each.get("title") and each.get("title_en"))
    ]
    assert nameless == []


@pytest.mark.parametrize("kind", list(FIELD_TYPES))
def test_the_words_of_an_enumeration_are_of_its_values(kind: str) -> None:
    for schema in schemas_in(FIELD_TYPES[kind].options):
        words = schema.get("words", {})
        assert set(words) <= set(schema.get("enum", ()))
        assert all(set(each) == {"zh", "en"} for each in words.values())


WRITTEN = [
    "一 < 二", "<p>一</p>", "<div>一<b>二</b><p>三</p></div>", "<h3>a</h3><ul><li>b</li></ul>",
    "<p><b>一<p>二</p></b>", "<div><div>x</div>", "<p>a</p>b", "<p>&lt;script&gt;</p>",
    '<p><a href="https://a.cn?b=1&amp;c=2">a</a></p>',
    "<table><tr><td>1 &lt; 2</td></tr></table>", "<center>a</center>", "<p></p>a &lt; b",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_rich_text__that_was_kept_stays_as_it_is(text: str) -> None:
    kept = rich.kept(text)
    assert rich.clean(kept) == kept
    assert rich.kept(kept) == kept != ""


@given(st.datetimes(datetime(1950, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the bounds have no zone
def test_moment__comes_back_from_what_is_shown(moment: datetime) -> None:
    item = field("datetime", zone="UTC")
    kind = FIELD_TYPES["datetime"]
    assert kind.parse(kind.format(moment, item), item) == moment
