"""Validations and conditional formats: what all records keep, what only some do, what is marked."""

from pathlib import Path
from typing import Any

from builder.workbook.blueprint import draw
from runtime.exchange.inspection import inspect_here
from runtime.exchange.whole import proposed
from tests.unit.exchange.workbooks import workbook

ROWS = [["货号", "数量", "上限", "折扣"], ["A1", 3, 9, 0.5], ["A2", 8, 9, 0.7], ["A3", 9, 9, 2]]
AFTER = """<conditionalFormatting sqref="B2:B9"><cfRule type="cellIs" operator="greaterThan"
 priority="1"><formula>5</formula></cfRule></conditionalFormatting>
<conditionalFormatting sqref="B2:B4"><cfRule type="cellIs" operator="greaterThan"
 priority="3"><formula>5</formula></cfRule></conditionalFormatting>
<conditionalFormatting sqref="C2:C3"><cfRule type="duplicateValues" priority="2"/>
</conditionalFormatting>
<dataValidations count="5">
<dataValidation type="whole" operator="greaterThan" sqref="B2:B100" showInputMessage="1"
 prompt="只填整箱"><formula1>0</formula1></dataValidation>
<dataValidation type="decimal" sqref="D2:D100"><formula1>0</formula1><formula2>1</formula2>
</dataValidation>
<dataValidation type="custom" sqref="B2:B100" error="不能超过上限"><formula1>$B2&lt;=$C2</formula1>
</dataValidation>
<dataValidation type="textLength" operator="equal" sqref="A2:A100"><formula1>2</formula1>
</dataValidation>
<dataValidation type="custom" sqref="B2:B100"><formula1>COUNTIF(B$2:B2,B2)=1</formula1>
</dataValidation>
</dataValidations><cols><col min="3" max="3" hidden="1"/></cols>"""


def seen(tmp_path: Path) -> dict[str, Any]:
    return inspect_here(workbook(tmp_path / "a.xlsx", ROWS, AFTER), "a.xlsx")


def test_bounds__with_the_cells_that_break_them(tmp_path: Path) -> None:
    columns = {column["name"]: column for column in seen(tmp_path)["tables"][0]["columns"]}
    assert columns["数量"]["limits"] == {
        "least": "0", "most": None, "exclusive": True, "proved": 3, "of": 3, "against": [],
    }  # fmt: skip
    assert columns["折扣"]["limits"]["against"] == ["D4 2"]
    assert columns["数量"]["help"] == "只填整箱"


def test_demands_and_marks__are_asked_of_every_row(tmp_path: Path) -> None:
    found = seen(tmp_path)
    told = [(e["formula"], e["marks"], e["proved"], e["against"]) for e in
            found["tables"][0]["checks"]]  # fmt: skip
    assert told == [
        ("{数量} <= {上限}", False, 3, []),
        ("LEN({货号}) = 2", False, 3, []),
        ("NOT({数量} > 5)", True, 1, ["B3 8", "B4 9"]),
    ]
    notes = [note["code"] for note in found["notes"]]
    assert "note_hidden_columns" in notes


def test_form__asks_what_all_records_keep_and_warns_of_what_was_marked(tmp_path: Path) -> None:
    found = seen(tmp_path)
    empty = {"format": "dajian-app/1", "code": "shop", "label": "shop", "forms": []}
    form = draw(empty, 1, found, proposed(found, "a.xlsx")).source["forms"][0]
    fields = {field["label"]["zh"]: field for field in form["fields"]}
    assert fields["数量"]["options"] == {"min": "0", "min_exclusive": True}
    assert "max" not in fields["折扣"].get("options", {})
    assert fields["数量"]["help"] == {"zh": "只填整箱"}
    checks = [(one["formula"], one["message"]["zh"], one.get("level")) for one in form["checks"]]
    assert checks == [
        ("=OR(ISBLANK(shu_liang), shu_liang <= shang_xian)", "不能超过上限", None),
        ("=OR(ISBLANK(huo_hao), LEN(huo_hao) = 2)", "请检查货号", None),
        ("=OR(ISBLANK(shu_liang), NOT(shu_liang > 5))", "请检查数量", "warning"),
    ]
