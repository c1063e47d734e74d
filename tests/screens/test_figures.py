"""What people see of roll-ups and aggregate tables: figures to read, sort and filter by."""

from collections.abc import Callable

from tests.screens.person import Person

MONTHS = "/a/jxc/monthly_summary"


def test_a_table_is_a_list_nobody_writes(person: Callable[[str], Person]) -> None:
    admin = person("admin")
    page = admin.get(f"{MONTHS}?sort=-sold_amount")
    assert page.status == 200
    assert page.rows()[0][:2] == ["2026-11", "不锈钢六角螺栓"]
    assert page.soup.select(f'a[href="{MONTHS}/new"]') == []
    assert MONTHS in {link["href"] for link in page.soup.select("nav a[href]")}
    assert admin.get(f"{MONTHS}/new").status == 403
    first = admin.get(f"{MONTHS}/1")
    assert first.status == 200
    assert first.soup.select("main input:not([type=hidden]), main button[name=_then]") == []


def test_a_table_is_searched_by_what_its_dimensions_are_called(
    person: Callable[[str], Person],
) -> None:
    rows = person("admin").get(f"{MONTHS}?q=bxgljls").rows()
    assert {row[1] for row in rows} == {"不锈钢六角螺栓"}


def test_a_hidden_measure_is_not_shown(person: Callable[[str], Person]) -> None:
    page = person("zhangmin").get(MONTHS)
    assert page.status == 200
    assert "采购金额" not in page.text
    assert "销售金额" in page.text


def test_a_supplier_shows_its_figures(person: Callable[[str], Person]) -> None:
    buyer = person("chenli")
    row = next(row for row in buyer.get("/a/jxc/supplier").rows() if "温州标准件有限公司" in row)
    assert row[-2:] == ["103,345.00", "2026-11-16"]
    page = buyer.get("/a/jxc/supplier/1")
    assert "103,345.00" in page.text
    assert page.soup.select('input[name="purchased_total"]') == []
