"""Columns that point to tables, sheets that look alike, rows that are lines of documents."""

import zipfile
from pathlib import Path
from typing import Any

from runtime.exchange.inspection import inspect_here
from tests.unit.exchange.workbooks import MAIN, PACKAGE, REL, F, workbook, workbook_of

GOODS = [["货号", "品名"], ["H-1", "螺丝"], ["H-2", "螺母"], ["H-3", "垫圈"], ["H-4", "铆钉"]]


def seen_in(tmp_path: Path, sheets: dict[str, Any]) -> dict[str, Any]:
    return inspect_here(workbook_of(tmp_path / "a.xlsx", sheets), "a.xlsx")


def relations(seen: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["from"], each["to"], each["kind"]) for each in seen["relations"]]


def test_codes_of_another_sheet__point_to_it_without_a_formula(tmp_path: Path) -> None:
    sales = [["日期", "货号", "数量"], *([46000 + n, f"H-{n % 3 + 1}", n] for n in range(9))]
    seen = seen_in(tmp_path, {"货品": GOODS, "销售": sales})
    assert relations(seen) == [("销售.货号", "货品.货号", "reference")]
    column = seen["tables"][1]["columns"][1]
    assert (column["type"], column["to"], column["to_col"]) == ("reference", "货品.货号", "A")


def test_codes_of_a_list_with_doubles__share_a_key_and_make_no_reference(tmp_path: Path) -> None:
    listed = [["货号", "品名"], *([f"H-{min(n, 28)}", f"品{n}"] for n in range(30))]
    stock = [["货号", "数量"], *([f"H-{n}", n] for n in (3, 5, 7, 9))]
    seen = seen_in(tmp_path, {"对照": listed, "库存": stock})
    assert relations(seen) == [("库存.货号", "对照.货号", "shared-key")]
    assert seen["tables"][1]["columns"][0]["type"] == "text"


def test_two_lists_that_count_alike__do_not_point_to_each_other(tmp_path: Path) -> None:
    people = [["编码", "姓名"], *([f"00{n}", f"人{n}"] for n in range(1, 6))]
    rooms = [["编码", "房间"], *([f"00{n}", f"房{n}"] for n in range(1, 6))]
    assert relations(seen_in(tmp_path, {"人员": people, "房间": rooms})) == []


def test_scanned_codes__share_a_key_with_the_list_that_has_most_of_them(tmp_path: Path) -> None:
    listed = [["条码/19码", "品名"], *([f"19786050{n:04}", f"品{n}"] for n in range(40))]
    scans = [f"19786050{n:04}" for n in range(9)]
    log = [["时间", "条形码", "变动"], *([f"第{n}次", code, 1] for n, code in enumerate(scans))]
    # Somebody typed, and somebody scanned twice at once.
    log += [["第9次", "ssss", 1], ["第10次", scans[0], 1]]
    seen = seen_in(tmp_path, {"商品": listed, "流水": log})
    assert relations(seen) == [("流水.条形码", "商品.条码/19码", "shared-key")]
    # A row whose code is not there is no reason to refuse it, so no reference is made of them.
    assert seen["tables"][1]["columns"][1]["type"] == "text"


def test_names_with_line_breaks__are_the_same_names(tmp_path: Path) -> None:
    books = ["写作高分攻略", "线性代数讲义", "英语词汇手册", "历年真题详解", "高等数学辅导"]
    bought = [
        ["编号", "货品名称"],
        *([f"Q{n}", f"{books[n % 5]}{n // 5 or ''}"] for n in range(15)),
    ]
    told = [["货物名称", "优点"], *([name[:4] + "\n" + name[4:], "好"] for name in books)]
    seen = seen_in(tmp_path, {"采购": bought, "说明": told})
    assert relations(seen) == [("说明.货物名称", "采购.货品名称", "shared-key")]


def test_short_or_few_values__in_another_list_prove_nothing(tmp_path: Path) -> None:
    listed = [["仓位编号", "备注"], *([f"{n}", f"第{n}号"] for n in range(10, 50))]
    short = [["工位编号", "人"], *([f"{n}", f"人{n}"] for n in (11, 12, 13, 14, 15, 99))]
    few = [["设备编码", "人"], ["EQ-2026-01", "甲"], ["EQ-2026-02", "乙"], ["EQ-2026-03", "丙"]]
    many = [["资产编码", "人"], *([f"EQ-2026-{n:02}", f"人{n}"] for n in range(2, 30))]
    assert relations(seen_in(tmp_path, {"仓位": listed, "工位": short})) == []
    assert relations(seen_in(tmp_path, {"资产": many, "设备": few})) == []


def test_a_report_of_a_table__is_not_what_it_points_to(tmp_path: Path) -> None:
    sales = [["货号", "数量"], *([f"H-{n % 3 + 1}", 1] for n in range(9))]
    report = [["货号", "合计"]]
    report += [[f"H-{n}", F(f"SUMIF(销售!A:A,A{n + 1},销售!B:B)", 3)] for n in (1, 2, 3)]
    seen = seen_in(tmp_path, {"销售": sales, "报表": report})
    assert relations(seen) == [("报表.货号", "销售.货号", "shared-key")]


def test_lines_of_orders__are_children_of_the_orders(tmp_path: Path) -> None:
    orders = [["订单号", "日期"], *([f"D{n}", 46000 + n] for n in range(1, 6))]
    lines = [["订单号", "货号", "数量"]]
    lines += [[f"D{n // 2 + 1}", f"H-{n % 4 + 1}", 2] for n in range(10)]
    seen = seen_in(tmp_path, {"订单": _dated(orders), "订单明细": lines, "货品": GOODS})
    assert ("订单明细.订单号", "订单.订单号", "parent-child") in relations(seen)
    assert ("订单明细.货号", "货品.货号", "reference") in relations(seen)


def _dated(rows: list[list[Any]]) -> list[list[Any]]:
    return [rows[0], *([row[0], f"2026-01-0{place}"] for place, row in enumerate(rows[1:], 1))]


def test_sheets_of_months__are_one_form_with_a_column(tmp_path: Path) -> None:
    month = [["品名", "数量"], ["螺丝", 1], ["螺母", 2], ["垫圈", 3]]
    seen = seen_in(tmp_path, {"1月": month, "2月": month, "说明": [["共两个月"]]})
    assert seen["groups"] == [
        {"tables": ["1月", "2月"], "column": "月份", "values": ["1月", "2月"]}
    ]
    assert relations(seen) == [("1月.*", "2月.*", "same-schema")]


def test_rows_of_one_number__are_lines_of_a_document(tmp_path: Path) -> None:
    rows = [["单号", "客户", "品名", "数量"]]
    rows += [[f"X{n // 3}", f"客户{n // 3 % 2}", f"品{n}", n] for n in range(9)]
    lines = seen_in(tmp_path, {"出库": rows})["tables"][0]["lines"]
    assert lines == {
        "key": ["A"],
        "header": ["A", "B"],
        "detail": ["C", "D"],
        "by": "repeated",
        "documents": 3,
    }


def test_tables_beside_each_other__are_two(tmp_path: Path) -> None:
    left = [["品名", "数量"], ["螺丝", 1], ["螺母", 2], ["垫圈", 3], ["铆钉", 4]]
    right = [["客户", "电话"], ["甲", "0571-1"], ["乙", "0571-2"]]
    rows = [
        [*row, None, *(right[place] if place < len(right) else [])]
        for place, row in enumerate(left)
    ]
    seen = seen_in(tmp_path, {"杂": rows})
    assert [(table["key"], table["range"], table["n_rows"]) for table in seen["tables"]] == [
        ("杂", "A1:B5", 4),
        ("杂#2", "D1:E3", 2),
    ]


def test_a_column_left_empty_for_the_eye__cuts_no_table(tmp_path: Path) -> None:
    rows = [
        ["品名", "数量", None, "单价", "金额"],
        *([f"品{n}", n, None, 2, 2 * n] for n in range(5)),
    ]
    (table,) = seen_in(tmp_path, {"杂": rows})["tables"]
    assert (table["range"], table["n_rows"]) == ("A1:E6", 5)


def test_a_comment_at_a_header__helps_with_its_column(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a", GOODS)
    part = f"<comments {MAIN}><commentList>"
    part += '<comment ref="B1"><text><r><t>发票上</t></r><r><t>的名称</t></r></text></comment>'
    part += '<comment ref="B3"><text><t>查一查</t></text></comment></commentList></comments>'
    link = f'<Relationship Id="rId1" Type="{REL}/comments" Target="../comments1.xml"/>'
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/comments1.xml", part)
        package.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">{link}</Relationships>',
        )
    (table,) = inspect_here(path, "a.xlsx")["tables"]
    assert [column.get("help") for column in table["columns"]] == [None, "发票上的名称"]
