"""What an inspected workbook becomes: references, lookups, roll-ups, formulas, lines."""

import copy
from typing import Any

import pytest

from builder.workbook.blueprint import Blueprint, draw
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.exchange.whole import ColumnPlan, SheetPlan, proposed

EMPTY: dict[str, Any] = {"format": "dajian-app/1", "code": "shop", "label": "shop", "forms": []}


def column(col: str, name: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    seen = {"confidence": "0.99", "why": "", "filled": 3, "distinct": 3, "samples": ["a"]}
    return {"col": col, "name": name, "type": kind, **seen, **more}


def computed(col: str, name: str, tree: list[Any], result: str, **more: Any) -> dict[str, Any]:
    conversion = {"tree": tree, "kind": "", "result_type": result}
    proof = {"formula": "shown", "proved": 3, "of": 3, "conversion": conversion}
    return column(col, name, "formula", result_type=result, **proof, **more)


def table(key: str, *columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    frame = {"sheet": key, "range": "A1:D4", "n_rows": 3, "total_rows": [], "skip_rows": []}
    return {"key": key, "label": key, **frame, "columns": list(columns), **more}


def lookup(valuecol: str) -> list[Any]:
    return ["look", ["own", "A"], "产品", "A", valuecol]


PRODUCTS = table(
    "产品",
    column("A", "编码", unique=True),
    column("B", "名称"),
    column("C", "单价", "money", places=2),
    computed(
        "D",
        "卖出",
        ["call", "SUMIF", [["col", "销售", "A"], ["own", "A"], ["col", "销售", "C"]]],
        "integer",
    ),
)
SALES = table(
    "销售",
    column("A", "产品", "reference", to="产品.编码", to_table="产品", to_col="A", distinct=2),
    computed("B", "单价", lookup("C"), "money", places=2),
    column("C", "数量", "integer"),
    computed("D", "金额", ["op", "*", ["own", "B"], ["own", "C"]], "money", places=2),
    computed("E", "多少", ["op", ">", ["own", "C"], ["n", "5"]], "boolean"),
    computed("F", "字", ["call", "IF", [["own", "E"], ["t", "是"], ["t", ""]]], "boolean"),
)
WORKBOOK: dict[str, Any] = {"tables": [SALES, PRODUCTS], "relations": [], "notes": []}


def drawn(workbook: dict[str, Any], **decided: SheetPlan) -> Blueprint:
    plans = [decided.get(plan.key, plan) for plan in proposed(workbook, "a.xlsx")]
    return draw(copy.deepcopy(EMPTY), 1, workbook, plans)


def fields(found: Blueprint, key: str) -> dict[str, tuple[str, dict[str, Any]]]:
    form = next(form for form in found.source["forms"] if form["code"] == found.forms[key])
    told = {}
    for field in form["fields"]:
        told[field["label"]["zh"]] = (field["kind"], field.get("options", {}))
    return told


def test_blueprint__what_was_proved_goes_on_computing() -> None:
    found = drawn(WORKBOOK)
    assert found.refused == {}
    # What is referred to comes first, and computed columns take no values.
    assert list(found.order) == ["产品", "销售"]
    assert found.places == {
        "产品": {"A": "bian_ma", "B": "ming_cheng", "C": "dan_jia"},
        "销售": {"A": "chan_pin_2", "C": "shu_liang"},
    }
    sales = fields(found, "销售")
    # A product is called by its name; who chooses one sees its code too.
    both = {"form": "chan_pin", "columns": ["bian_ma", "ming_cheng"]}
    assert sales["产品"] == ("reference", both)
    reference = {"reference": "chan_pin_2", "field": "dan_jia", "live": True}
    assert sales["单价"] == ("lookup", reference)
    assert sales["金额"][1]["formula"] == "=dan_jia*shu_liang"
    assert sales["多少"][1]["result"] == "boolean"
    # 是 is a word here: the formula gives words.
    assert sales["字"][1]["result"] == "text"
    assert fields(found, "产品")["卖出"] == (
        "rollup",
        {
            "form": "xiao_shou",
            "reference": "chan_pin_2",
            "measure": "sum",
            "field": "shu_liang",
            "result": "quantity",
        },
    )
    app = compile_app(load_app(found.source), 1)
    assert app.forms["chan_pin"].search_fields[0] == "bian_ma"
    assert app.forms["chan_pin"].by_code["bian_ma"].definition.unique


def test_blueprint__a_reference_is_compared_by_what_it_shows() -> None:
    """A third table sums sales by a text of its own: it reads a copy of what a reference shows."""
    total = ["call", "SUMIF", [["col", "销售", "A"], ["own", "A"], ["col", "销售", "C"]]]
    month = table("月", column("A", "哪种"), computed("B", "合计", total, "integer"))
    found = drawn({**WORKBOOK, "tables": [SALES, PRODUCTS, month]})
    assert fields(found, "月")["合计"][1]["formula"] == (
        "=SUMIF(xiao_shou.chan_pin_2_text, na_zhong, xiao_shou.shu_liang)"
    )
    codes = [field["code"] for field in found.source["forms"][0]["fields"]]
    assert codes.count("chan_pin_2_text") == 1


def test_blueprint__a_list_shows_the_code_the_sheet_showed() -> None:
    found = drawn(WORKBOOK)
    sales = next(form for form in found.source["forms"] if form["code"] == "xiao_shou")
    shown = {field["code"]: field for field in sales["fields"]}
    assert "chan_pin_2_text" in sales["list"]
    assert "chan_pin_2" not in sales["list"]
    text = shown["chan_pin_2_text"]
    assert (text["kind"], text["label"]) == ("lookup", shown["chan_pin_2"]["label"])
    assert text["options"] == {"reference": "chan_pin_2", "field": "bian_ma", "live": True}
    # It is chosen in the form, once.
    assert "chan_pin_2_text" not in sales["sections"][0]["fields"]
    compile_app(load_app(found.source), 1)


def test_blueprint__what_is_called_by_its_key_needs_no_second_text() -> None:
    only = table("产品", column("A", "编码", unique=True), column("C", "单价", "money", places=2))
    found = drawn({**WORKBOOK, "tables": [table("销售", *SALES["columns"][:1]), only]})
    assert fields(found, "销售") == {"产品": ("reference", {"form": "chan_pin"})}


@pytest.mark.parametrize(("more", "title"), [({}, "chan_pin_2_text"), ({"D": "date"}, "shu_liang")])
def test_blueprint__one_row_for_each_of_another_list_is_called_after_it(
    more: dict[str, str], title: str
) -> None:
    """The stock of each product; what has a day tells of something that happened to it."""
    own = {"to": "产品.编码", "to_table": "产品", "to_col": "A"}
    columns = [column("C", "数量", "integer"), column("A", "产品", "reference", **own)]
    columns += [column(col, col, kind) for col, kind in more.items()]
    found = drawn({**WORKBOOK, "tables": [PRODUCTS, table("库存", *columns)]})
    form = next(form for form in found.source["forms"] if form["code"] == found.forms["库存"])
    assert form["title"] == title
    assert form["list"][:2] == [title, "chan_pin_2_text" if more else "shu_liang"]
    assert title not in form["sections"][0]["fields"] or more


def test_blueprint__a_column_of_pictures_takes_them() -> None:
    goods = table("货", column("A", "货号"), column("B", "外观", "image", filled=0))
    found = drawn({**WORKBOOK, "tables": [goods]})
    assert fields(found, "货")["外观"] == ("image", {})
    assert found.places == {"货": {"A": "huo_hao", "B": "wai_guan"}}
    assert found.source["forms"][0]["list"] == ["huo_hao", "wai_guan"]


@pytest.mark.parametrize(
    ("trees", "kept"),
    [
        # A column that is left out cannot be read.
        ({"D": ["op", "+", ["own", "Z"], ["n", "1"]]}, {("销售", "D")}),
        # Two that need each other: the app's own checks refuse them, and say which.
        ({"D": ["op", "+", ["own", "E"], ["n", "1"]], "E": ["own", "D"]}, {("销售", "D")}),
        # A function the language does not have.
        ({"D": ["call", "NOSUCH", [["own", "C"]]]}, {("销售", "D")}),
    ],
)
def test_blueprint__what_cannot_be_said_keeps_its_values(
    trees: dict[str, Any], kept: set[tuple[str, str]]
) -> None:
    sales = copy.deepcopy(SALES)
    for one in sales["columns"]:
        if one["col"] in trees:
            one["conversion"]["tree"] = trees[one["col"]]
    found = drawn({**WORKBOOK, "tables": [sales, PRODUCTS]})
    assert kept <= set(found.refused)
    assert found.places["销售"]["D"] == "jin_e"
    assert fields(found, "销售")["金额"] == ("money", {"places": 2})


def test_blueprint__a_person_has_the_last_word() -> None:
    plan = SheetPlan(
        "销售",
        "卖货",
        columns={
            "A": ColumnPlan(take=True, name="货", kind="text"),
            "B": ColumnPlan(take=False, name="单价", kind="computed"),
            "D": ColumnPlan(take=True, name="总额", kind="money"),
        },
    )
    found = drawn(WORKBOOK, 销售=plan, 产品=SheetPlan("产品", "产品", taken=False))
    assert list(found.forms.values()) == ["mai_huo"]
    assert {name: kind for name, (kind, _) in fields(found, "销售").items()} == {
        "货": "text",
        "数量": "quantity",
        "总额": "money",
        "多少": "formula",
        "字": "formula",
    }


def test_blueprint__repeated_headers_become_a_record_with_lines() -> None:
    lines = {"key": ["A"], "header": ["A", "B"], "detail": ["C", "D", "E"], "documents": 2}
    orders = table(
        "订单",
        column("A", "单号"),
        column("B", "客户"),
        column("C", "产品", "reference", to="产品.编码", to_table="产品", to_col="A"),
        column("D", "数量", "integer"),
        computed("E", "金额", ["op", "*", ["own", "D"], ["n", "2"]], "money", places=2),
        lines=lines,
    )
    found = drawn({**WORKBOOK, "tables": [orders, PRODUCTS]})
    assert found.headers["订单"] == ("dan_hao",)
    assert found.places["订单"] == {
        "A": "dan_hao",
        "B": "ke_hu",
        "C": "lines.chan_pin_2",
        "D": "lines.shu_liang",
    }
    kind, options = fields(found, "订单")["明细"]
    assert kind == "lines"
    assert [one["kind"] for one in options["fields"]] == ["reference", "quantity", "formula"]
    # The same table, taken row by row.
    flat = drawn(
        {**WORKBOOK, "tables": [orders, PRODUCTS]}, 订单=SheetPlan("订单", "订单", with_lines=False)
    )
    assert "明细" not in fields(flat, "订单")
