"""Periods: what stands in the way is said, closing leaves a digest, reopening needs a reason."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.screens.books import posted, record_id, ticking
from tests.screens.person import Page, Person

Signed = Callable[[str], Person]
PERIODS = "/books/jxc/periods"


@pytest.fixture(autouse=True)
def moving(app: Flask) -> Iterator[None]:
    with ticking(app):
        yield


@pytest.fixture(scope="module")
def october(app: Flask) -> str:
    """A month before the demo's, with one document."""
    warehouse = record_id(app, "warehouse", "warehouse_no", "WH01")
    item = record_id(app, "item", "item_no", "SP10057")
    line = {"item": item, "qty": "10", "price": "7"}
    posted(app, "misc_receipt", "2026-10-09", [line], warehouse=warehouse)
    return "2026-10"


def months(page: Page) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")][:3]
        for row in page.soup.select("#months tbody tr")
    ]


def digest(page: Page) -> str:
    return page.one("#months code").get_text()


@pytest.mark.usefixtures("october")
def test_close__reopen__close_gives_the_same_digest(person: Signed) -> None:
    admin = person("admin")
    page = admin.get(PERIODS)
    assert page.texts(".sums dd") == ["—", "2026-10"]
    assert months(page)[-1] == ["2026-10", "未结账", "1"]
    assert admin.post(f"{PERIODS}/closing", ym="2026-10").status == 303
    closed = admin.get(f"{PERIODS}?done=closed&ym=2026-10")
    assert closed.texts(".note-ok") == ["2026-10 已结账。"]
    assert months(closed)[-1][:2] == ["2026-10", "已结账"]
    first = digest(closed)
    assert len(first) == 64
    refused = admin.post(f"{PERIODS}/closing", ym="2026-10")
    assert 400 <= refused.status < 500
    assert refused.one("[data-summary]").get_text(strip=True)
    assert admin.post(f"{PERIODS}/reopening", ym="2026-10", reason="  ").status == 422
    assert admin.post(f"{PERIODS}/reopening", ym="2026-10", reason="补一张单据").status == 303
    opened = admin.get(PERIODS)
    assert months(opened)[-1][:2] == ["2026-10", "未结账"]
    assert "补一张单据" in opened.text
    assert admin.post(f"{PERIODS}/closing", ym="2026-10").status == 303
    assert digest(admin.get(PERIODS)) == first
    assert admin.post(f"{PERIODS}/reopening", ym="2026-10", reason="还给别的测试").status == 303


def test_checks__name_what_is_not_posted_yet(person: Signed) -> None:
    admin = person("admin")
    admin.post(f"{PERIODS}/closing", ym="2026-10")
    page = admin.get(PERIODS)
    warned = page.texts(".bk-checks .is-warn")
    assert "这个月还没有过完" in warned[0]
    links = [str(link["href"]) for link in page.soup.select(".bk-checks a")]
    assert links
    for href in links:
        assert admin.get(href).rows(), href
    admin.post(f"{PERIODS}/reopening", ym="2026-10", reason="x")


@pytest.mark.parametrize("ym", ["", "2026-13", "2026-1", "rubbish", "٢٠٢٦-10"])
def test_close__what_is_no_month(person: Signed, ym: str) -> None:
    admin = person("admin")
    admin.get(PERIODS)
    assert admin.post(f"{PERIODS}/closing", ym=ym).status == 422
    assert admin.post(f"{PERIODS}/reopening", ym=ym, reason="x").status == 422


def test_periods__are_the_administrators(person: Signed) -> None:
    for name in ("wangjianguo", "chenli", "zhangmin"):
        somebody = person(name)
        assert somebody.get(PERIODS).status == 403
        assert somebody.post(f"{PERIODS}/closing", ym="2026-10").status == 403
        assert somebody.post(f"{PERIODS}/reopening", ym="2026-10", reason="x").status == 403
        assert "会计期间" not in somebody.get("/").text
    assert "会计期间" in person("admin").get("/").text
