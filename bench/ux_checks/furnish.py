"""What a company needs for every screen to show something, put there through its own doors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode

from openpyxl import Workbook
from playwright.sync_api import APIRequestContext, APIResponse, Page

from bench.seeds.flows import APP as ASKING
from bench.ux_checks.room import PASSWORD, Room
from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.users import NewUser, create

HEADINGS: Final = ("商品编码", "商品名称", "商品类别", "基本单位", "销售价")
# What the people of this company call each other and their things, in any language.
NAMES: Final = (
    *("张敏", "陈丽", "王建国", "管理员", "宁波主仓", "用款申请", "申请", "记下事由"),
    *("销售部", "网店", "表 1", "表 2", "新客户"),
)
# Runs by itself after each request, and fails where there is no amount.
COUNTED: Final[dict[str, Any]] = {
    "code": "counted", "label": "记下事由", "form": "request",
    "trigger": {"on": "create", "retry": 0},
    "steps": [{"id": "m_set", "type": "calculate", "label": "写事由",
               "set": {"reason": '=IF({amount}=13,1/0,"买纸")'}}],
}  # fmt: skip


class Door:
    """Somebody's requests, each with the token that their page gave."""

    def __init__(self, room: Room, request: APIRequestContext) -> None:
        self.url, self.request = room.url, request

    def text(self, path: str) -> str:
        """A page's source."""
        return self.request.get(self.url + path).text()

    def post(self, page: str, path: str = "", /, **fields: Any) -> APIResponse:
        """Send a form that stands on `page`; a list is a box ticked many times."""
        sent = {"csrf_token": self._token(page)} | fields
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        address = self.url + (path or page)
        answer = self.request.post(address, data=urlencode(sent, doseq=True), headers=kind)
        return _done(answer)

    def _token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.text(page))
        assert found, f"{page} has no form"
        return found[1]


def _done(answer: APIResponse) -> APIResponse:
    assert answer.ok, f"{answer.url}: {answer.status}"
    return answer


@contextmanager
def doors(room: Room, who: str = "admin") -> Iterator[Door]:
    """The requests of somebody who is signed in."""
    with room.page("/", who=who) as page:
        yield Door(room, page.request)


def furnish(room: Room) -> tuple[str, ...]:
    """Fill the company; returns the addresses that no page leads to, as those sent by mail."""
    _written(room)
    with doors(room) as admin:
        sent = (*_administered(admin), *_changed(admin))
    with room.page("/imports/jxc?form=item", who="admin") as page:
        return (*sent, *_imported(room, page))


def _written(room: Room) -> None:
    """A flow with somebody waiting in it, a record changed twice, one in the bin."""
    database = Database(room.database)
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, datetime.now(UTC))
        publish(act, ASKING, "benchmark")
        asking = publish(act, ASKING | {"workflows": [*ASKING["workflows"], COUNTED]}, "more").app
        people = {
            name: create(act, NewUser(name, PASSWORD, frozenset({name}), f"{name} of the flow"))
            for name in ("applicant", "lead")
        }
        applicant = replace(act, actor=people["applicant"].actor("screen"))
        for amount in ("13", "1200"):
            told = {"reason": "买纸", "amount": amount}
            documents.create_and_submit(applicant, asking.forms["request"], told)
        customer = Catalogue().app(connection, "jxc").forms["customer"]
        for number in (1, 2):
            named = {"customer_no": f"UX{number}", "name": f"试用客户 {number}"}
            made = documents.create(act, customer, named)
            changed = {"name": "改过名字"}
            made = documents.update(act, customer, made.id, changed, version=made.version)
        documents.delete(act, customer, made.id, version=made.version)
    database.dispose()


def _administered(admin: Door) -> Iterator[str]:
    admin.post("/departments", name="销售部")
    admin.post("/service-accounts", name="shop", purpose="网店", role="sales")
    admin.post("/a/jxc/customer/links", "/a/jxc/customer/links/permission", to="open")
    for purpose in ("add", "view"):
        page = admin.post(
            "/a/jxc/customer/links", label="新客户", purpose=purpose,
            field=["customer_no", "name", "phone"],
        )  # fmt: skip
        found = re.search(r"/p/[\w-]+", page.text())
        assert found, "a link is shown once"
        yield found[0]
    admin.post(
        "/webhooks", label="网店", url="https://example.com/hook", place="jxc/item", owner="1",
        event="create",
    )  # fmt: skip
    invited = admin.post("/users", name="newcomer", display_name="新人").text()
    link = re.search(r"/invitation[^\"<\s]*", invited)
    assert link, "an invitation is shown once"
    yield link[0].replace("&amp;", "&")


def _changed(admin: Door) -> Iterator[str]:
    """Records changed together, somebody who stands in, work done in the background."""
    to = {"action": "update", "ids": "1,2,3", "field": "specification", "specification": "改"}
    admin.post("/a/jxc/item", "/a/jxc/item/batches", **to)
    admin.post("/inbox/delegations", to="2", first="2030-01-01", last="2030-01-02")
    yield from ("/a/jxc/item/batches/1", "/jobs/1", "/account/confirmation?next=/")
    yield from ("/stock/jxc/reservations?warehouse=1", "/flows/asking/runs")
    yield from (
        "/design/asking/versions",
        "/design/jxc/conversions/new?from=purchase_receipt&to=purchase_return",
    )


def _imported(room: Room, page: Page) -> Iterator[str]:
    """The wizard at every step: one sheet with a row that is wrong, then a workbook of two."""
    good = [(f"UX-{n}", f"试用商品 {n}", "紧固件", "盒", n) for n in range(1, 6)]
    items = [HEADINGS, *good, ("UX-9", "", "紧固件", "盒", "很贵")]
    orders = [("单号", "商品"), *((f"D{n}", f"UX-{n}") for n in range(1, 6))]
    for start, sheets in (("?form=item", [items]), ("", [[HEADINGS, *good], orders])):
        for is_done in (True, False):
            page.goto(f"{room.url}/imports/jxc{start}")
            hand_in(page, sheets)
            for address in _steps(page, is_done=is_done):
                yield address.removeprefix(room.url)


def _steps(page: Page, *, is_done: bool) -> Iterator[str]:
    """From the upload to the check; to the end if it is to be done."""
    page.wait_for_url(re.compile(r"/imports/jxc/\d+"))
    yield page.url
    for step in ("下一步：对应字段", "下一步：检查"):
        if page.get_by_text(step).count():
            page.get_by_text(step).first.click()
            page.wait_for_load_state("networkidle")
            yield page.url
    if is_done:
        page.locator("form[action$='/run'] button").first.click()
        page.wait_for_url(re.compile("/run"))
        page.wait_for_selector(".imp-done:not(.is-busy)")
        yield page.url
        yield page.url.replace("/run", "/rows")


def hand_in(page: Page, sheets: list[list[tuple[Any, ...]]]) -> None:
    """Give the wizard a workbook of these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"表 {number}")
        for row in rows:
            sheet.append(row)
    held = BytesIO()
    book.save(held)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files(
        "#file", {"name": "试用.xlsx", "mimeType": kind, "buffer": held.getvalue()}
    )
