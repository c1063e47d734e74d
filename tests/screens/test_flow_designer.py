"""The flow designer over HTTP: what is drawn, the settings of every type of step, refusals."""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup

from builder.drafts.flow_new import NAMES
from tests.screens.person import Person

Signed = Callable[[str], Person]
FLOW = "/design/jxc/forms/purchase_receipt/flows/receipt_approval"


def sent(person: Person, what: str, flow: str = FLOW, **members: Any) -> tuple[int, BeautifulSoup]:
    """Send something the way the scripts of the page do."""
    headers = {"X-CSRFToken": person.token, "HX-Request": "true"}
    answer = person.client.post(f"{flow}/{what}", json=members, headers=headers)
    return answer.status_code, BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def rev(person: Person, flow: str = FLOW) -> int:
    return int(str(person.get(flow).one("#rev")["data-rev"]))


def done(person: Person, *ops: dict[str, Any], flow: str = FLOW) -> BeautifulSoup:
    given = [{"flow": "receipt_approval", **op} for op in ops]
    status, soup = sent(person, "ops", flow, base_rev=rev(person, flow), ops=given)
    assert status == 200, soup
    return soup


def created(soup: BeautifulSoup) -> list[str]:
    return str(soup.select("#rev")[0]["data-created"]).split(",")


def paths(soup: BeautifulSoup) -> list[str]:
    return [str(each["data-path"]) for each in soup.select("#canvas [data-stop]")]


def panel(person: Person, path: str, **asked: str) -> BeautifulSoup:
    query = "&".join(f"{name}={value}" for name, value in {"path": path, **asked}.items())
    return person.get(f"{FLOW}/panel?{query}").soup


@pytest.fixture
def designer(person: Signed) -> Person:
    """An administrator whose draft is what is published."""
    somebody = person("admin")
    somebody.post("/design/jxc/discard", rev=str(rev(somebody)))
    return somebody


def test_page__draws_the_flow_that_runs(designer: Person) -> None:
    page = designer.get("/design/jxc/forms/purchase_receipt/flow")
    assert paths(page.soup) == ["start", "n_lead"]
    lead = page.one("#fn-n_lead")
    assert lead.get_text(" ", strip=True).split()[:2] == ["仓库主管审批", "审批"]
    assert "角色 · 仓库主管" in lead.get_text()
    assert page.one(".dz-steps [aria-current=page]").get_text() == "流程"
    kept = json.loads(str(page.one("#flow-json").string))
    assert [step["id"] for step in kept["steps"]] == ["n_lead"]


@pytest.mark.parametrize("kind", NAMES)
def test_panel__of_every_type_of_step_sets_what_the_format_knows(
    designer: Person, kind: str
) -> None:
    """Whatever a control would write is taken by the draft, or is of a step not yet whole."""
    soup = done(designer, {"op": "add_step", "step": {"type": kind}})
    (made,) = created(soup)
    shown = panel(designer, made)
    assert json.loads(str(shown.select("#panel")[0]["data-op"])) == {"op": "set_step", "step": made}
    assert shown.select("#fs-name")[0]["value"] == NAMES[kind]["zh"]
    writes = [
        {"op": "set_step", "step": made, "name": str(each["data-name"]), "value": value}
        for each in shown.select("[data-name]")
        for value in _written(each)
    ]
    assert writes or shown.select("[data-adds]") or kind == "post"
    done(designer, *writes) if writes else None


def _written(control: Any) -> list[Any]:
    """Everything a control would write when somebody uses it."""
    if control.has_attr("data-value"):
        return [json.loads(control["data-value"])]
    if control.has_attr("data-on"):
        return [json.loads(control["data-off"]), json.loads(control["data-on"])]
    if control.name == "select":
        return [json.loads(each["value"]) for each in control.select("option") if each["value"]]
    return []


def test_simulation__lights_the_way_and_names_who_is_asked(designer: Person) -> None:
    """What is typed decides the branch; a role nobody holds is said as an error."""
    soup = done(designer, {"op": "add_step", "step": {"type": "branch"}, "to": {"index": 1}})
    (fork,) = created(soup)
    big, otherwise = (str(each["data-path"]) for each in soup.select(f'[data-fork="{fork}"] .fcnd'))
    soup = done(
        designer,
        {"op": "set_step", "step": big, "name": "when", "value": "{amount_total}>=100000"},
        {"op": "add_step", "step": {"type": "approve", "who": {"by": "role", "roles": ["sales"]}},
         "to": {"in": big}},
    )  # fmt: skip
    asked = f"{FLOW}/simulation?initiator=1&v.amount_total="
    large, small = designer.get(f"{asked}128640").soup, designer.get(f"{asked}10").soup
    assert big in lit(large)
    assert otherwise not in lit(large)
    assert "金额合计 ≥ 100,000" in large.select(".sim-out .hit")[0].get_text()
    assert otherwise in lit(small)
    assert big not in lit(small)
    assert {"start", "n_lead"} <= lit(small) & lit(large)
    assert large.select('[name="v.amount_total"]')[0]["value"] == "128640"
    names = [each.get_text() for each in large.select(".sim-out b")]
    assert "王建国" in "、".join(names), names


def lit(soup: BeautifulSoup) -> set[str]:
    return set(json.loads(str(soup.select(".sim-out")[0]["data-path"])))


def test_operation__comes_back_at_once(designer: Person) -> None:
    """A fifth of a second is what one waits without noticing (ux.md, check 33)."""
    taken, now_at = [], rev(designer)
    for number in range(6):
        op = {"op": "set_step", "flow": "receipt_approval", "step": "n_lead"}
        op |= {"name": "label", "value": f"主管 {number}"}
        began = time.thread_time()
        status, soup = sent(designer, "ops", base_rev=now_at, ops=[op])
        taken.append(time.thread_time() - began)
        assert status == 200
        now_at = int(str(soup.select("#rev")[0]["data-rev"]))
    # What it takes of the processor: others on the machine do not count.
    assert statistics.median(taken) < 0.2, taken
