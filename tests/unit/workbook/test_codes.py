"""Names become codes: readable, unique, free, short enough."""

import re

import pytest

from builder.workbook import codes

PATTERN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("商品名称", "shang_pin_ming_cheng"),
        ("单价（元）", "dan_jia"),
        ("名称（必填）", "ming_cheng"),
        ("Unit Price", "unit_price"),
        ("UnitPrice", "unit_price"),
        ("重量(KG)", "zhong_liang"),
        ("2026年销量", "n2026_nian_xiao_liang"),
        ("ｑｔｙ", "qty"),
        ("id", "id_2"),
        ("status", "status_2"),
        ("__class__", "class_2"),
        ("; DROP TABLE users;--", "drop_table_users"),
        ("（元）", "yuan"),
        ("★★", "field"),
        ("", "field"),
    ],
)
def test_field_code(name: str, code: str) -> None:
    assert codes.field_code(name, ()) == code


def test_field_code__is_free_and_fits() -> None:
    taken: list[str] = []
    for _ in range(12):
        taken.append(
            codes.field_code("最近一次修改前的标准机时秒数和别的很长的名称以及说明", taken)
        )
    assert len(set(taken)) == len(taken)
    assert all(len(code) <= 40 and PATTERN.fullmatch(code) for code in taken)


def test_field_code__a_name_the_app_knows_keeps_its_code() -> None:
    known = {"备注": "note"}
    assert codes.field_code("备注", (), known) == "note"
    assert codes.field_code("备注", ("note",), known) == "bei_zhu"


def test_form_code__fits_and_is_not_reserved() -> None:
    assert codes.form_code("新", ()) == "xin"
    assert codes.form_code("stock", ()) == "stock_2"
    assert len(codes.form_code("进销存自动统计与盘点明细汇总表格", ())) <= 24


def test_option_code__is_the_text_where_it_may_be() -> None:
    assert codes.option_code("在售", ()) == "在售"
    assert codes.option_code("First Class", ()) == "first_class"
    assert codes.option_code("First Class", ("first_class",)) == "first_class_2"
