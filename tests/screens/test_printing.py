"""Records on the user's own paper: from a document, from a list, and the designer's tab."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from runtime.infra import audit
from runtime.platform import Platform
from tests.screens.person import Person
from tests.unit.printing.papers import book, saved

Signed = Callable[[str], Person]
DELIVERY = "/a/jxc/delivery"
TAB = "/design/jxc/forms/delivery/prints"


def posted(somebody: Person, path: str, **fields: Any) -> TestResponse:
    data = {**fields, "csrf_token": somebody.token}
    with somebody.client.post(path, data=data) as answer:
        answer.get_data()
        return answer


def read(answer: TestResponse) -> list[list[list[Any]]]:
    assert answer.status_code == 200
    sheets = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets
    return [[[cell.value for cell in row] for row in each.iter_rows()] for each in sheets]


def test_document__is_printed_with_what_it_says(person: Signed, app: Flask) -> None:
    seller = person("chenli")
    page = seller.get(f"{DELIVERY}/1")
    if page.status != 200:
        pytest.fail(page.text)
    assert page.texts(".pacts .menu form button") == ["送货单 .xlsx"]
    answer = posted(seller, f"{DELIVERY}/1/printouts/delivery_note")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    (rows,) = read(answer)
    shown = {str(value) for row in rows for value in row if value is not None}
    assert {"送货单", "合计", "客户签收："} <= shown
    number = page.texts(".pno")[0]
    assert number in shown
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        told = [each.action for each in audit.entries(connection, "jxc.delivery", 1)]
    assert "print" in told


def test_list__several_are_one_file(person: Signed) -> None:
    admin = person("admin")
    page = admin.get(f"{DELIVERY}/printouts?ids=1,2", script=True)
    assert page.texts(".dlg-f .btn-primary") == ["打印 2 条"]
    answer = posted(admin, f"{DELIVERY}/printouts", ids="1,2", template="delivery_note")
    assert len(read(answer)) == 2
    gone = posted(admin, f"{DELIVERY}/printouts", ids="1,2", template="nothing")
    assert gone.status_code == 404


def upload(somebody: Person, content: bytes, name: str, rev: str, **more: str) -> TestResponse:
    return posted(somebody, TAB, file=(io.BytesIO(content), name), rev=rev, **more)


def renamed() -> bytes:
    """The template of the other tests with the names of the demo company's fields."""
    good = book()
    sheet = good.active
    assert sheet is not None
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                told = cell.value.replace("${明细.", "${商品明细.").replace("${日期", "${单据日期")
                cell.value = told.replace("${金额|", "${金额合计|")
    sheet.oddFooter.center.text = "${单据编号}"
    return saved(good)


def test_designer__a_template_comes_in_and_is_tried(person: Signed) -> None:
    admin = person("admin")
    page = admin.get(TAB)
    assert page.texts(".pr-card h3") == ["送货单 默认"]
    rev = str(page.one("#rev")["data-rev"])
    wrong = upload(admin, saved(book()), "错.xlsx", rev)
    assert wrong.status_code == 422
    text = wrong.get_data(as_text=True)
    assert "送货单!D2" in text
    assert "单据日期" in text
    assert upload(admin, renamed(), "新送货单.xlsx", rev, label="").status_code == 303
    page = admin.get(TAB)
    assert page.texts(".pr-card h3") == ["送货单 默认", "新送货单"]
    address = str(page.soup.select(".pr-try")[1]["action"])
    (rows,) = read(posted(admin, address))
    assert str(rows[0][0]).endswith("送货单")
    rev = str(page.one("#rev")["data-rev"])
    target = address.removesuffix("/trial")
    said = {"label": "新的", "fill_rows": "8", "default": "on", "roles": "sales", "rev": rev}
    assert posted(admin, target, do="save", **said).status_code == 303
    page = admin.get(TAB)
    assert page.texts(".pr-card h3") == ["送货单", "新的 默认"]
    rev = str(page.one("#rev")["data-rev"])
    assert posted(admin, target, do="delete", rev=rev).status_code == 303
    assert admin.get(TAB).texts(".pr-card h3") == ["送货单"]


def test_designer__a_paper_to_begin_with_is_understood_at_once(person: Signed) -> None:
    admin = person("admin")
    rev = str(admin.get(TAB).one("#rev")["data-rev"])
    with admin.client.get(f"{TAB}/starter") as answer:
        content = answer.get_data()
    assert upload(admin, content, "起点.xlsx", rev).status_code == 303
