"""Print templates in an app: files go with packages, fields follow, what is gone is told."""

import base64
import copy
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from build_tools.printouts import made
from builder import archives, printouts
from builder.changes import changes
from builder.checks import check_app
from builder.drafts.ops import carry_out
from builder.drafts.working import Surroundings, Working
from builder.packages import read_package
from builder.publish import publish
from runtime.catalogue import active_definition
from runtime.definitions import load_app, read_app
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import BadRequest
from runtime.printing import store
from runtime.printing.names import Found, understood
from tests.conftest import Fill
from tests.prepared import tables
from tests.unit.printing.papers import unzipped

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def jxc() -> Json:
    return read_package(JXC)


def test_jxc__its_templates_are_what_the_script_makes(jxc: Json) -> None:
    kept = {each["code"]: each for each in jxc["printouts"]}
    assert len(kept) >= 2
    for code, printout in made().items():
        # How tightly a zip is packed is no matter; what is in it is.
        ours, theirs = (
            unzipped(base64.b64decode(each["file"]["content"])) for each in (kept[code], printout)
        )
        assert ours == theirs
        assert kept[code]["places"] == printout["places"]


def test_package__brings_files_and_takes_them_along(
    database: Database, fill: Fill, now: datetime, jxc: Json
) -> None:
    fill("tables", tables)
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        publish(act, jxc, "first")
        found = active_definition(connection, "jxc")
        assert found is not None
        running, version = found
        assert all("content" not in each["file"] for each in running["printouts"])
        digest = running["printouts"][0]["file"]["sha256"]
        assert hashlib.sha256(store.content_of(connection, digest)).hexdigest() == digest
        whole = printouts.given_out(connection, running)
        assert whole["printouts"] == jxc["printouts"]
        assert archives.unpack(archives.pack(whole)) == whole
        # The same app again is no new version.
        assert not publish(act, whole, "again").changed
        again = active_definition(connection, "jxc")
        assert again is not None
        assert again[1] == version


def test_package__a_file_that_is_not_what_it_says_is_refused(
    database: Database, fill: Fill, now: datetime, jxc: Json
) -> None:
    fill("tables", tables)
    wrong = copy.deepcopy(jxc)
    wrong["printouts"][0]["file"]["content"] = base64.b64encode(b"other").decode()
    with database.transaction() as connection, pytest.raises(BadRequest) as refused:
        publish(Act(connection, SYSTEM, now), wrong, "x")
    assert refused.value.code == "print_file_changed"


def test_rename__every_path_follows(jxc: Json) -> None:
    work = Working(copy.deepcopy(jxc), [], [], Surroundings())
    template = work.source["printouts"][0]
    assert template["form"] == "delivery"
    template["places"]["客户.电话"] = "customer.phone"
    template["places"]["商品明细.商品.条码"] = "lines.item.barcode"
    for form, lines, field, code in (
        ("delivery", None, "customer", "buyer"),
        ("delivery", "lines", "qty", "amount_of"),
        ("delivery", None, "lines", "rows"),
        ("customer", None, "phone", "telephone"),
    ):
        op = {"op": "recode", "form": form, "field": field, "code": code}
        carry_out(work, [op if lines is None else {**op, "lines": lines}])
    places = work.source["printouts"][0]["places"]
    assert places["客户"] == "buyer"
    assert places["客户.电话"] == "buyer.telephone"
    assert places["商品明细.数量"] == "rows.amount_of"
    assert places["商品明细.序号"] == "rows.$line_no"
    assert places["商品明细.商品.条码"] == "rows.item.barcode"
    assert places["打印人"] == "$printed_by"
    others = [each for each in work.source["printouts"] if each["form"] != "delivery"]
    assert others == [each for each in jxc["printouts"] if each["form"] != "delivery"]


def test_check__what_is_gone_is_told_with_its_place(jxc: Json) -> None:
    wrong = copy.deepcopy(jxc)
    wrong["printouts"][0]["places"]["客户"] = "nobody"
    wrong["printouts"][1] |= {"roles": ["nobody"], "form": "nothing"}
    wrong["printouts"].append(copy.deepcopy(wrong["printouts"][0]))
    found = {(each.pointer, each.code) for each in check_app(load_app(wrong))}
    assert found >= {
        ("/printouts/0/places/客户", "print_field_gone"),
        ("/printouts/1/roles", "role_unknown"),
        ("/printouts/1/form", "form_unknown"),
        ("/printouts/3/code", "code_twice"),
        ("/printouts/3/default", "print_default_twice"),
    }


def test_changes__a_template_is_named(jxc: Json) -> None:
    other = copy.deepcopy(jxc)
    other["printouts"][0]["fill_rows"] = 8
    (change,) = changes(jxc, other)
    assert "送货单" in str(change)


WRONG = {
    "客户名": ("print_name_unknown", "客户"),
    "商品明细.数": ("print_name_unknown", "数量"),
    "单价": ("print_name_unknown", "商品明细.单价"),
    "zzz": ("print_name_nowhere", ""),
    "金额合计|大": ("print_format_unknown", None),
    "商品明细": ("print_no_value", None),
    "单据日期.年": ("print_no_further", None),
    "金额合计|合计": ("print_sum_of_header", None),
    "页码": ("print_page_in_cell", None),
}


@pytest.mark.parametrize("text", WRONG)
def test_names__what_is_not_understood_has_an_address_and_a_guess(jxc: Json, text: str) -> None:
    app = read_app(jxc)
    form = app.form("delivery")
    assert form is not None
    _, (problem,) = understood(app, form, [Found("S!B3", "S!3", text)], "xlsx")
    code, near = WRONG[text]
    assert (problem.code, problem.params["at"]) == (code, "S!B3")
    assert near is None or problem.params["near"] == near


def test_names__labels_codes_and_both_languages(jxc: Json) -> None:
    app = read_app(jxc)
    form = app.form("delivery")
    assert form is not None
    told = [
        "customer",
        " 客 户 ",
        "Customer",
        "客户.电话",
        "商品明细.no",
        "Items.Quantity",
        "company",
    ]
    places, problems = understood(app, form, [Found("x", "r", each) for each in told], "docx")
    assert not problems
    assert sorted(set(places.values())) == [
        "$company", "customer", "customer.phone", "lines.$line_no", "lines.qty",
    ]  # fmt: skip


def test_names__lines_stand_in_rows_of_one_table(jxc: Json) -> None:
    app = read_app(jxc)
    form = app.form("delivery")
    assert form is not None
    found = [Found("p 1", "", "商品明细.数量"), Found("p 2", "", "商品明细.数量|合计")]
    _, problems = understood(app, form, found, "docx")
    assert [(each.code, each.params["at"]) for each in problems] == [("print_line_outside", "p 1")]
