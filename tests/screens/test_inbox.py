"""My work: what waits, what was answered, what was started."""

from collections.abc import Callable

import pytest

from runtime.infra.db import Database
from tests.screens.person import Page, Person
from tests.screens.test_moments import asked, database

__all__ = ["database"]

Signed = Callable[[str], Person]
# Who, what waits for them, the apps; the list, its documents, its people; the open document with
# its lines and what they refer to, its runs, their tasks, what was done and said; whom the steps to
# come ask; when it was seen last; what was put aside; whom it may be handed to.
MOST_QUERIES = 27
WAITING = "CGRK-202611210001"


def decision_of(page: Page) -> str:
    return str(page.one("#decision")["action"])


def test_to_do__what_is_asked_of_whom(person: Signed) -> None:
    page = person("wangjianguo").get("/inbox")
    assert [item.split()[2] for item in page.texts(".ibx-list [data-item]")] == [WAITING]
    assert page.texts(".ibx-h h2 a") == [WAITING]
    assert page.texts(".ibx-why") == ["按角色轮到你：仓库主管审批"]
    assert page.texts(".ibx-amount") == ["3,494.00"]
    assert page.texts(".ibx-lines tbody tr")[0] == "1 活动扳手 250mm 铬钒钢 把 60 22.40 1,344.00"
    assert page.texts("#inbox-badge") == ["1"]


def test_page__few_queries(person: Signed, database: Database) -> None:
    lead = person("wangjianguo")
    lead.get("/inbox")
    with asked(database) as seen:
        page = lead.get("/inbox")
    assert page.texts(".ibx-why") == ["按角色轮到你：仓库主管审批"]
    # The run is read once with its log, what was said of it once.
    for table in ("s_workflow_event", "s_comment", "s_workflow_stash"):
        assert sum(table in each for each in seen) == 1, (table, seen)
    assert len(seen) <= MOST_QUERIES, (len(seen), seen)


def test_to_do__nothing_for_others(person: Signed) -> None:
    for name in ("chenli", "zhangmin", "admin"):
        page = person(name).get("/inbox")
        assert page.soup.select("[data-item]") == []
        assert "没有等你处理的单据" in page.text


def test_started__by_me(person: Signed) -> None:
    page = person("chenli").get("/inbox?box=started")
    assert len(page.soup.select("[data-item]")) == 6
    assert page.soup.select("#decision") == []


def test_done__by_me_with_what_i_said(person: Signed) -> None:
    page = person("wangjianguo").get("/inbox?box=done")
    assert len(page.soup.select("[data-item]")) == 5
    assert "数量与送货单一致" in page.text
    assert page.soup.select("#decision") == []


def test_box__that_is_none(person: Signed) -> None:
    assert person("chenli").get("/inbox?box=other").status == 404


def test_reject__wants_a_reason_and_keeps_the_document_open(person: Signed) -> None:
    lead = person("wangjianguo")
    address = decision_of(lead.get("/inbox"))
    answer = lead.post(address, script=True, decision="reject", comment="  ")
    assert answer.status == 422
    assert "请写明驳回的原因" in answer.texts("#ibx-problem")[0]
    # Nothing else is drawn anew: what was typed stays where it is.
    assert answer.soup.select("#inbox, form") == []
    assert decision_of(lead.get("/inbox")) == address


def test_decide__only_whose_task_it_is(person: Signed) -> None:
    address = decision_of(person("wangjianguo").get("/inbox"))
    for name in ("chenli", "zhangmin", "admin"):
        assert person(name).post(address, decision="approve").status == 403
    assert person("wangjianguo").post("/inbox/9999/decision", decision="approve").status == 404
    assert person("wangjianguo").post(address, decision="burn").status == 400


def test_decide__only_what_was_seen(person: Signed) -> None:
    lead = person("wangjianguo")
    page = lead.get("/inbox")
    version = int(str(page.one("#decision [name=version]")["value"]))
    answer = lead.post(decision_of(page), script=True, decision="approve", version=str(version - 1))
    assert answer.status == 422
    assert "修改" in answer.texts("#ibx-problem")[0]
    assert decision_of(answer) == decision_of(page)


def test_document__alone_beside_the_list(person: Signed) -> None:
    lead = person("wangjianguo")
    href = str(lead.get("/inbox").one("#ibx-current")["hx-get"])
    alone = lead.get(href, script=True)
    assert alone.texts(".ibx-h h2 a") == [WAITING]
    assert alone.soup.select(".ibx-list") == []
    assert lead.get("/inbox?item=9999&part=document", script=True).status == 404


def test_item__of_somebody_else_is_not_opened(person: Signed) -> None:
    task = str(person("wangjianguo").get("/inbox").one("#ibx-current")["href"])
    assert person("chenli").get(task).soup.select("#decision") == []


def test_many__are_read_before_they_are_approved(person: Signed, database: Database) -> None:
    lead = person("wangjianguo")
    task = str(lead.get("/inbox").one(".ibx-ck")["value"])
    with asked(database) as seen:
        listed = lead.get(f"/inbox/approvals?task={task}&task=9999", script=True)
    # However many are chosen, their tasks and their runs are read together.
    assert [
        sum(f"FROM {each}" in one for one in seen)
        for each in ("s_workflow_task", "s_workflow_instance")
    ] == [1, 1]
    assert listed.texts(".ibx-sums") == ["采购入库 1 张 · 3,494.00"]
    (given,) = [str(box["value"]) for box in listed.soup.select("input[name=task]")]
    # Somebody who is not asked reads nothing of it, and approves nothing.
    other = person("chenli")
    assert other.get(f"/inbox/approvals?task={task}", script=True).soup.select("tbody tr") == []
    refused = other.post("/inbox/approvals", script=True, task=given)
    assert "1 张没有同意" in refused.text
    # What was changed since it was read is not approved either.
    stale = lead.post(
        "/inbox/approvals", script=True, task=f"{task}:{int(given.split(':')[1]) + 7}"
    )
    assert WAITING in stale.texts("#ibx-refused li")[0]
    assert lead.post("/inbox/approvals", script=True).status == 400
    assert lead.post("/inbox/approvals", script=True, task="1:x").status == 400


def test_approve__posts_and_opens_the_next(person: Signed) -> None:
    lead = person("wangjianguo")
    before = lead.get("/stock/jxc?q=SP30021").rows()[0][2]
    answer = lead.post(decision_of(lead.get("/inbox")), script=True, decision="approve")
    assert answer.status == 200
    assert answer.response.headers["HX-Push-Url"] == "/inbox"
    assert "ui:toast" in answer.response.headers["HX-Trigger"]
    assert "没有等你处理的单据" in answer.text
    assert (before, lead.get("/stock/jxc?q=SP30021").rows()[0][2]) == ("80", "140")
    assert WAITING in lead.get("/inbox?box=done").text
    assert lead.get("/").soup.select_one("#inbox-badge[hidden]") is not None


def test_approve__twice_is_refused_in_words(person: Signed) -> None:
    lead = person("wangjianguo")
    done = lead.get("/inbox?box=done").soup.select("[data-item]")[0]
    task = str(done["href"]).rsplit("=", 1)[1]
    answer = lead.post(f"/inbox/{task}/decision", script=True, decision="approve")
    assert answer.status in {409, 422}
    assert lead.get("/stock/jxc?q=SP30021").rows()[0][2] in {"80", "140"}


@pytest.mark.parametrize("name", ["wangjianguo", "chenli", "zhangmin", "admin"])
def test_home__figures_lead_to_the_lists_behind_them(person: Signed, name: str) -> None:
    somebody = person(name)
    page = somebody.get("/")
    assert page.status == 200
    for link in page.soup.select(".kpi, .feed a, .quick a"):
        assert somebody.get(str(link["href"])).status == 200, link["href"]


def test_palette__finds_by_name_code_and_initials(person: Signed) -> None:
    somebody = person("chenli")
    for typed in ("采购入库", "cgrk", "purchase_rec"):
        page = somebody.get(f"/palette?q={typed}", script=True)
        assert "采购入库 进销存" in page.texts("[role=option]"), typed
    assert "没有和" in somebody.get("/palette?q=zzzz", script=True).text


def test_palette__offers_only_what_one_may(person: Signed) -> None:
    page = person("zhangmin").get("/palette?q=", script=True)
    assert not any("采购入库" in option for option in page.texts("[role=option]"))


def test_palette__leads_to_the_import(person: Signed) -> None:
    page = person("chenli").get("/palette?q=drexcel", script=True)
    assert page.texts("[role=option]")[0] == "导入 Excel 进销存"
    assert page.soup.select_one('[role=option] a[href="/imports/jxc"], a[href="/imports/jxc"]')
