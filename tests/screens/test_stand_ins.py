"""Being away: who stands in, for what and for how long; ending it."""

from collections.abc import Callable

from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
PAGE = "/inbox/delegations"


def choice(page: Page, name: str) -> str:
    """The value behind a person's name in the box."""
    return next(
        str(option["value"])
        for option in page.soup.select("select[name=to] option")
        if option.get_text() == name
    )


def test_stand_in__is_said_seen_by_both_and_ended(person: Signed) -> None:
    lead, other = person("wangjianguo"), person("chenli")
    to = choice(lead.get(PAGE), "陈丽")
    form = "jxc.purchase_receipt"
    made = lead.post(PAGE, to=to, first="2026-11-23", last="2026-11-25", about=form)
    assert made.status == 303
    assert lead.get(PAGE).texts(".dlg-list li p") == ["2026-11-23 – 2026-11-25 · 采购入库"]
    assert lead.get(PAGE).texts(".dlg-list .tag") == ["还没开始"]
    assert other.get(PAGE).texts("#h-taken") == ["我代办的人"]
    assert other.get(PAGE).soup.select(".dlg-list form") == []
    ending = str(lead.get(PAGE).one(".dlg-list form")["action"])
    # Whoever stands in cannot end it, and learns nothing of others' arrangements.
    assert other.post(ending).status == 404
    assert lead.post(ending).status == 303
    assert lead.get(PAGE).soup.select(".dlg-list") == []


def test_stand_in__that_cannot_be_is_refused_in_words(person: Signed) -> None:
    lead = person("wangjianguo")
    to = choice(lead.get(PAGE), "陈丽")
    backwards = lead.post(PAGE, to=to, first="2026-11-25", last="2026-11-20")
    assert backwards.status == 422
    assert "起止时间不对" in backwards.texts("#problem")[0]
    assert lead.post(PAGE, to="", first="2026-11-25", last="2026-11-26").status == 400
    assert lead.post(PAGE, to=to, first="soon", last="2026-11-26").status == 400
    unknown = lead.post(PAGE, to=to, first="2026-11-25", last="2026-11-26", about="jxc.item")
    assert unknown.status == 404
    assert lead.get(PAGE).soup.select(".dlg-list") == []
