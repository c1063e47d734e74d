"""What holds on every form: a word half typed survives, Enter takes a candidate and no more."""

import re
import time
from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Error, Page, Request, Route

from bench.ux_checks.room import Check, Room, press
from runtime.catalogue import Catalogue
from runtime.infra.db import Database

COMPOSE: Final = {"text": "ni", "selectionStart": 2, "selectionEnd": 2}
NOTHING: Final = {"text": "", "selectionStart": 0, "selectionEnd": 0}
ENTER: Final = {
    "type": "rawKeyDown",
    "key": "Process",
    "code": "Enter",
    "windowsVirtualKeyCode": 229,
}
# Where a new record goes.
SAVED: Final = re.compile(r"/a/jxc/\w+$")
# Boxes of words on a form, in its header and in its first line, that are there to type into.
BOXES: Final = """() => [...document.querySelectorAll(
  'main form input:is([type=text], :not([type])), main form textarea')]
  .filter(e => e.id && !e.readOnly && !e.disabled && e.checkVisibility()).map(e => e.id)"""
MOST_BOXES: Final = 8
LATE: Final = 0.4


def _forms(room: Room) -> Iterator[Check]:
    lost, moved, sent, boxes = [], [], [], 0
    codes = _codes(room)
    with room.page("/", who="admin") as page:
        page.route("**/a/jxc/*", _late)
        page.on("request", lambda asked: sent.append(asked.url) if _saves(asked) else None)
        for code in codes:
            try:
                found = _opened(room, page, code)
                sent.clear()
                moved += [f"{code}.{box}" for box in found if not _stays(page, box)]
                moved += [f"{code} sent" for _ in sent]
                boxes += len(found)
                if found and not _survives(room, page, code):
                    lost.append(code)
            except Error as broken:
                lost.append(f"{code}: {str(broken)[:60]}")
    what = f"forms of {len(codes)} where a word half typed is lost as a save answers: {lost or 0}"
    yield Check("17", what, str(len(lost)), "0", not lost)
    what = f"Enter that takes a candidate, {boxes} boxes of {len(codes)} forms, moves: {moved or 0}"
    yield Check("19", what, str(len(moved)), "0", not moved)


def _codes(room: Room) -> list[str]:
    database = Database(room.database)
    with database.reading() as connection:
        codes = list(Catalogue().app(connection, "jxc").forms)
    database.dispose()
    return codes


def _saves(asked: Request) -> bool:
    """Whether a form is sent, not only looked at while somebody types."""
    return asked.method == "POST" and SAVED.search(asked.url) is not None


def _late(route: Route) -> None:
    if _saves(route.request):
        time.sleep(LATE)
    route.continue_()


def _opened(room: Room, page: Page, code: str) -> list[str]:
    """The boxes of a new record of a form."""
    page.goto(f"{room.url}/a/jxc/{code}/new")
    page.wait_for_load_state("networkidle")
    found: list[str] = page.evaluate(BOXES)
    return found[:MOST_BOXES]


def _stays(page: Page, box: str) -> bool:
    """Whether Enter, with a candidate open, leaves the cursor where it is."""
    tools = page.context.new_cdp_session(page)
    page.evaluate("id => document.getElementById(id).focus()", box)
    tools.send("Input.imeSetComposition", COMPOSE)
    tools.send("Input.dispatchKeyEvent", ENTER)
    is_there = page.evaluate("document.activeElement.id") == box
    tools.send("Input.imeSetComposition", NOTHING)
    tools.detach()
    return bool(is_there)


def _survives(room: Room, page: Page, code: str) -> bool:
    """Whether what is being composed is there when the answer to a save has come."""
    box = _opened(room, page, code)[-1]
    page.evaluate("id => document.getElementById(id).focus()", box)
    with page.expect_response(lambda answer: _saves(answer.request)):
        press(page, "Control+Enter")
        tools = page.context.new_cdp_session(page)
        tools.send("Input.imeSetComposition", COMPOSE)
    page.wait_for_timeout(300)
    text = page.input_value(f'[id="{box}"]')
    tools.detach()
    return "ni" in text


CHECKS: Final = (_forms,)
