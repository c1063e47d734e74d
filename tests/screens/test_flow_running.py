"""Documents under way over HTTP: where they stand, going over after a publication, and back."""

from collections.abc import Callable

import pytest

from tests.screens.person import Person
from tests.screens.test_flow_designer import FLOW, created, designer, done, rev, sent

__all__ = ["designer"]
Signed = Callable[[str], Person]
HERE = f"{FLOW}/running"
ASK = {"by": "role", "roles": ["warehouse_lead"]}


def at(person: Person) -> str:
    """The place the one document of the demo stands at, as the page names it."""
    return str(person.get(HERE).one("input[name=at]")["value"])


def test_publishing__says_who_is_under_way_and_they_go_over_and_back(designer: Person) -> None:
    assert designer.get(FLOW).texts(".fc-runs") == ["在途 1 单"]
    assert designer.get(HERE).texts(".ru-step") == ["仓库主管审批 1 单"]
    # Another step in the place of the one that asks now.
    (fresh,) = created(done(designer, {"op": "add_step", "step": {"type": "approve"}, "to": {}}))
    done(
        designer,
        {"op": "set_step", "step": fresh, "name": "who", "value": ASK},
        {"op": "delete_step", "step": "n_lead"},
    )
    said = designer.get("/design/jxc/publication").texts("#h-runs, [aria-labelledby=h-runs] li")
    assert said[0] == "在途单据会怎样"
    assert "仓库主管审批" in said[1]
    assert "它们按原来的版本走完" in said[1]
    assert sent(designer, "publication", base_rev=rev(designer), note="")[0] == 200
    where = at(designer)
    stays = designer.get(f"{HERE}?at={where}")
    assert stays.texts(".ru-sum b") == ["0", "1"]
    goes = designer.get(f"{HERE}?at={where}&to.n_lead={fresh}")
    assert goes.texts(".ru-sum b") == ["1", "0"]
    assert goes.texts(".ru-t tbody td")[1:] == ["仓库主管审批", "审批"]
    moved = {"at": where, "to.n_lead": fresh, "go": "1", "stay": "0"}
    other = designer.post(f"{FLOW}/migrations", **{**moved, "go": "2"})
    assert (other.status, other.texts("#ds-refusal li")) == (
        409, ["这期间有单据往前走了，请按现在的情况再看一次影响"],
    )  # fmt: skip
    assert designer.post(f"{FLOW}/migrations", **moved).texts("#ds-done") == ["1 单已经转到新版。"]
    undoing = str(designer.get(HERE).one("form[action*=undoing]")["action"])
    assert designer.post(undoing).texts("#ds-done") == ["1 单回到了原来的版本。"]
    assert designer.post(undoing).status == 409
    assert at(designer) == where


@pytest.mark.parametrize("asked", ["?at=x:n_lead", "?at=:n_lead"])
def test_place_that_is_none(designer: Person, asked: str) -> None:
    assert designer.get(HERE + asked).status == 400


def test_under_way__is_the_administrators_alone(person: Signed, designer: Person) -> None:
    assert person("wangjianguo").get(HERE).status == 403
    assert designer.post(f"{FLOW}/migrations/9999/undoing").status == 404
    assert designer.get("/design/jxc/forms/purchase_receipt/flows/none/running").status == 404
