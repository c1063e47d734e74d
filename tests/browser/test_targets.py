"""Links in words look like links, and what is pressed on a phone is large enough for a thumb."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.boxes import box_of
from tests.browser.conftest import PageMaker
from tests.browser.test_first_day import signed_in
from tests.live import LiveServer


@pytest.mark.parametrize(
    "path", ["/notices", "/users/1", "/design/jxc/publication", "/design/jxc/aggregates"]
)
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_screen__everybody_can_use_it(
    shared_server: LiveServer,
    new_page: PageMaker,
    axe: Callable[[Page], list[str]],
    path: str,
    size: tuple[int, int],
) -> None:
    assert axe(signed_in(shared_server, new_page(*size), "admin", path)) == []


def test_way_back__is_whole_beside_a_long_number(
    shared_server: LiveServer, new_page: PageMaker
) -> None:
    page = signed_in(shared_server, new_page(360, 780), "chenli", "/a/jxc/purchase_receipt/6")
    assert box_of(page.locator(".phead .btn-icon.only-m").first)["width"] >= 24
    head = box_of(page.locator(".phead h1"))
    assert head["width"] > 50, "the number is read"
    status, menus = box_of(page.locator("#status")), box_of(page.locator(".pacts"))
    assert status["x"] + status["width"] <= menus["x"], "nothing lies over the status"


def test_door__opens_to_a_thumb(shared_server: LiveServer, new_page: PageMaker) -> None:
    page = new_page(390, 844)
    page.goto(f"{shared_server.url}/sign-in")
    assert box_of(page.locator(".door-go"))["height"] >= 44
