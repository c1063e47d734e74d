"""Attacks on who decides: standing in for each other in circles, links that would decide."""

from collections.abc import Iterator

from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from tests.screens.conftest import NOW
from tests.screens.person import Page
from tests.security.cases import attack
from tests.security.scene import FORMS, Scene, refused

STAND_INS = "/inbox/delegations"
DAYS = {"first": "2026-11-20", "last": "2026-12-31"}


def ids(scene: Scene) -> dict[str, str]:
    """The numbers of the people."""
    with scene.platform.database.reading() as connection:
        return {user.name: str(user.id) for user in users.everybody(connection)}


def task_of(scene: Scene, name: str, record: int) -> int | None:
    """The open task somebody has about a receipt."""
    found = scene.api(name).get("/inbox")["tasks"]
    return next((int(task["task"]) for task in found if task["record"] == record), None)


@attack("W14")
def standing_in_for_each_other(scene: Scene) -> None:
    known = ids(scene)
    with scene.platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW)
        users.create(act, users.NewUser("lead3", "a demo for tests", frozenset(), "丙"))
        gone = users.by_name(connection, "lead3")
        assert gone is not None
        users.set_disabled(act, gone.id, is_disabled=True)
    lead, buyer, seller = (scene.person(name) for name in ("wangjianguo", "chenli", "zhangmin"))

    def wanted(to: str, **more: str) -> dict[str, str]:
        return {"to": to, "about": "", **DAYS, **more}

    own = known["wangjianguo"]
    with scene.unchanged():
        for bad in (own, str(gone.id), "0", "-1", "999999", "1e3", "", "chenli"):
            refused(lead.post(STAND_INS, **wanted(bad)).response, 400, 404, 422)
        for days in (
            {"first": "2026-12-31", "last": "2026-11-20"},
            {"first": "2026-11-20", "last": "2036-11-20"},
            {"first": "1999-01-01", "last": "1999-01-02"},
            {"first": "yesterday", "last": ""},
        ):
            refused(lead.post(STAND_INS, **wanted(known["chenli"], **days)).response, 400, 422)
        about = wanted(known["chenli"], about="jxc.nothing")
        refused(lead.post(STAND_INS, **about).response, 404)
    assert lead.post(STAND_INS, **wanted(known["chenli"])).status == 303
    assert buyer.post(STAND_INS, **wanted(known["zhangmin"])).status == 303
    with scene.unchanged():
        # Twice for the same days; and back to where it began, over one and over two.
        overlapping = wanted(known["zhangmin"], first="2026-12-01", last="2027-01-15")
        refused(lead.post(STAND_INS, **overlapping).response, 422)
        for back in (own, known["chenli"]):
            refused(seller.post(STAND_INS, **wanted(back)).response, 422)
    # Whoever made a receipt does not decide it for the one they stand in for.
    receipt = scene.receipt("chenli")
    path = f"/purchase_receipt/records/{receipt['id']}/decision"
    with scene.unchanged():
        refused(scene.send("chenli", "POST", path, {"decision": "approve"}), 403, 404)
    assert task_of(scene, "chenli", receipt["id"]) is None
    for somebody in (lead, buyer):
        for link in _endings(somebody.get(STAND_INS)):
            with scene.unchanged():
                refused(seller.post(link).response, 404)
            assert somebody.post(link).status == 303
    assert task_of(scene, "wangjianguo", scene.receipt("chenli")["id"]) is not None


def _endings(page: Page) -> Iterator[str]:
    for form in page.soup.select("form[action$=ending]"):
        yield str(form["action"])


@attack("W20")
def links_that_would_decide(scene: Scene) -> None:
    """A link in a notice opens a page and decides nothing: that takes signing in, and a button."""
    receipt = scene.receipt()
    task = task_of(scene, "wangjianguo", receipt["id"])
    lead, seller = scene.person("wangjianguo"), scene.person("zhangmin")
    deciding = f"/inbox/{task}/decision"
    links = (
        f"/inbox?item={task}",
        f"/inbox?item={task}&decision=approve&confirm=1",
        f"/inbox/{task}?decision=approve",
        f"{deciding}?decision=approve",
        f"/a/jxc/purchase_receipt/{receipt['id']}?decision=approve&task={task}",
        f"{FORMS}/purchase_receipt/records/{receipt['id']}/decision?decision=approve",
    )
    with scene.unchanged():
        for link in links:
            assert scene.anyone().get(link).status in {303, 401, 404, 405}, link
            assert lead.get(link).status in {200, 404, 405}, link
            assert seller.get(link).status in {200, 403, 404, 405}, link
        # Without having signed in, by another, from another site, for another decision.
        refused(scene.anyone().post(deciding, decision="approve").response, 303, 401, 403)
        refused(seller.post(deciding, decision="approve").response, 403, 404)
        elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        strange = lead.client.post(deciding, data={"decision": "approve"}, headers=elsewhere)
        refused(strange, 400, 403)
        refused(lead.post(deciding, decision="post").response, 400, 422)
    assert lead.post(deciding, decision="approve").status in {200, 303}
    with scene.unchanged():
        for again in ("approve", "reject"):
            refused(lead.post(deciding, decision=again).response, 404, 409, 422)
