"""What no template may bring along, and what the cage says about it."""

from pathlib import Path

import pytest
from openpyxl.formatting.rule import FormulaRule
from openpyxl.worksheet.worksheet import Worksheet

from runtime.exchange.refusals import FileRefused
from runtime.infra.errors import AppError
from runtime.printing import filling
from tests.unit.printing.papers import book, plain, saved, unzipped, zipped

TYPES = "[Content_Types].xml"


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("=cmd|'/C calc'!A0", "template_formula"),
        ("='[1]other.xlsx'!A1", "template_formula"),
        ('=WEBSERVICE("http://x.test")', "template_function"),
        ('=HYPERLINK("http://x.test","x")', "template_function"),
        ('=_xlfn.IMAGE("http://x.test/a")', "template_function"),
        ('=CALL("kernel32","x")', "template_function"),
    ],
)
def test_formulas_that_reach_out_are_refused_with_their_cell(
    tmp_path: Path, formula: str, code: str
) -> None:
    made = book()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet["G9"] = formula
    with pytest.raises(FileRefused) as refused:
        plain(saved(made), tmp_path)
    assert (refused.value.code, refused.value.params["cell"]) == (code, "送货单!G9")


def test_a_formula_of_a_colour_is_looked_at_too(tmp_path: Path) -> None:
    made = book()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.conditional_formatting.add("A1", FormulaRule(formula=['WEBSERVICE("http://x.test")']))
    with pytest.raises(FileRefused) as refused:
        plain(saved(made), tmp_path)
    assert refused.value.code == "template_function"


@pytest.mark.parametrize(
    ("part", "found", "instead", "code"),
    [
        (TYPES, b"sheet.main+xml", b"sheet.macroEnabled.main+xml", "file_macros"),
        ("xl/worksheets/sheet1.xml", b"<worksheet", b"<!DOCTYPE x><worksheet", "file_doctype"),
        ("xl/workbook.xml", b"<workbook ", b"<x:workbook xmlns:x='y' ", "part_not_well_formed"),
        (TYPES, b"spreadsheetml.sheet.main", b"presentationml.main", "template_kind"),
    ],
)
def test_packages_that_are_no_plain_template_are_refused(
    tmp_path: Path, part: str, found: bytes, instead: bytes, code: str
) -> None:
    parts = unzipped(saved(book()))
    assert found in parts[part]
    parts[part] = parts[part].replace(found, instead, 1)
    with pytest.raises(AppError) as refused:
        plain(zipped(parts), tmp_path)
    assert refused.value.code == code


def test_what_is_on_no_list_is_left_behind(tmp_path: Path) -> None:
    parts = unzipped(saved(book()))
    rels = "xl/_rels/workbook.xml.rels"
    more = (
        b'<Relationship Id="rId77" Type="http://x/customXml" Target="../customXml/item1.xml"/>'
        b"</Relationships>"
    )
    parts[rels] = parts[rels].replace(b"</Relationships>", more)
    parts["customXml/item1.xml"] = b"<secret/>"
    parts["xl/calcChain.xml"] = b"<calcChain/>"
    kept = unzipped(plain(zipped(parts), tmp_path)[0])
    assert not {name for name in kept if "custom" in name or "calcChain" in name}
    assert b"customXml" not in kept[rels]


def test_the_cage__takes_a_template_and_refuses_a_macro() -> None:
    seen = filling.inspect(saved(book()), "送货单.xlsx")
    assert (seen.format, len(seen.found)) == ("xlsx", 10)
    with pytest.raises(FileRefused) as refused:
        filling.inspect(b"x", "送货单.xlsm")
    assert refused.value.code == "template_kind"
    parts = unzipped(saved(book()))
    parts[TYPES] = parts[TYPES].replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")
    with pytest.raises(FileRefused) as refused:
        filling.inspect(zipped(parts), "送货单.xlsx")
    assert refused.value.code == "file_macros"
