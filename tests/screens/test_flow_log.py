"""The log of automations: what ran, why it failed, trying again."""

from collections.abc import Callable

import pytest
from flask import Flask

from runtime.infra.jobs import run_one
from runtime.platform import Platform
from runtime.tasks import TASKS
from tests.screens.person import Person
from tests.screens.test_deciding import LIST, app

__all__ = ["app"]

Signed = Callable[[str], Person]
LOG = "/flows/deal/runs"


@pytest.fixture
def drained(app: Flask) -> Callable[[], None]:
    """Let the worker do what waits."""
    here: Platform = app.extensions["dajian"]

    def drain() -> None:
        while run_one(here.database, here.settings, TASKS):
            pass

    return drain


def draft(seller: Person, cost: str) -> str:
    rows = {"rows.0.what": "阀门", "rows.0.qty": "1", "rows.0.price": "1"}
    answer = seller.post(LIST, version="0", customer="甲", cost=cost, _then="save", **rows)
    assert answer.status == 303, answer.text
    return str(answer.response.headers["Location"])


def test_failed_run__says_why_and_is_tried_again(
    person: Signed, drained: Callable[[], None]
) -> None:
    seller, root = person("sun"), person("root")
    href = draft(seller, "13")
    drained()
    page = root.get(LOG)
    assert page.texts(".nav a[aria-current=page]") == ["自动化记录"]
    assert "1 次失败" in page.texts(".fr-list")[0]
    assert page.texts(".fr-t tbody .tag") == ["失败"]
    run = str(page.one(".fr-t th a")["href"])
    told = root.get(run)
    assert "流程中的公式算不出来" in told.texts(".note-err")[0]
    assert told.texts(".fl-bad b") == ["写付款条件"]
    again = str(told.one(".pacts form, header form[action$=retrial]")["action"])
    assert root.post(again).status == 303
    assert root.get(run).texts(".fl-bad b") == ["写付款条件", "写付款条件"]
    # What was in the way is put right: the same run goes through, once.
    rows = {"rows.0.what": "阀门", "rows.0.qty": "1", "rows.0.price": "1"}
    saved = seller.post(href, version="1", customer="甲", cost="14", _then="save", **rows)
    assert saved.status == 303
    assert root.post(again).status == 303
    assert root.get(LOG).texts(".fr-t tbody .tag") == ["完成"]
    assert root.get(run).soup.select("form[action$=retrial]") == []
    assert "付款条件" in root.get(run).texts(".fl-done .fl-why")[0]
    assert root.post(again).status == 422
    assert seller.get(href).one("[name=terms]")["value"] == "月结"


def test_log__is_the_administrators(person: Signed) -> None:
    seller, root = person("sun"), person("root")
    assert "自动化记录" not in seller.get("/").text
    for path in (LOG, f"{LOG}/1"):
        assert seller.get(path).status == 403
    assert seller.post(f"{LOG}/1/retrial").status == 403
    for path in ("/flows/none/runs", f"{LOG}/9999", f"{LOG}?state=odd", f"{LOG}?code=odd"):
        assert root.get(path).status == 404, path
    assert root.post(f"{LOG}/9999/retrial").status == 404
