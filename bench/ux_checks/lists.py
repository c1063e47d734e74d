"""A list of a hundred thousand: the first page, the next one, a deep one, a search of two signs."""

import statistics
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from playwright.sync_api import APIRequestContext, Page

from bench.seeds.records import write_deliveries
from bench.ux_checks.room import FORM, LATENCY, SLOWER, Check, Room, devtools
from runtime.catalogue import Catalogue
from runtime.infra import statistics as of_tables
from runtime.infra.db import Database

ORDERS: Final = {"quick": 100_000, "full": 100_000}
TIMES: Final = {"quick": 20, "full": 60}
# One that stands in every order, one in none: the rows are others each time.
WORDS: Final = ("没有", "贸易")
# What the list waits for after the last key before it asks.
PAUSE: Final = 250
# From the start of the navigation until the first row has been painted and the search takes keys.
WATCH: Final = """() => { const look = () => {
    const search = document.querySelector('#q');
    if (!document.querySelector('#list tbody tr') || !search) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => {
      const before = document.activeElement;
      search.focus();
      window.there = document.activeElement === search ? performance.now() : -1;
      before?.focus?.();
    })); };
  requestAnimationFrame(look); }"""
# From what somebody does until the rows have been exchanged and painted.
SWAPPED: Final = """([what, text]) => new Promise(done => {
  const rows = () => [...document.querySelectorAll('#list tbody tr')].map(row => row.id).join();
  const before = rows(), box = document.querySelector('#q'), began = performance.now();
  document.addEventListener('htmx:after:swap', function swapped() {
    if (rows() === before) return;
    document.removeEventListener('htmx:after:swap', swapped);
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  });
  if (what === 'next') document.querySelector('[rel=next]').click();
  else {
    box.focus();
    box.value = text;
    if (what === 'enter') box.form.requestSubmit();
    else box.dispatchEvent(new InputEvent('input', {bubbles: true, data: text}));
  }
})"""


def _hundred_thousand(room: Room) -> Iterator[Check]:
    count, times = ORDERS[room.size], TIMES[room.size]
    _write(room, count)
    many = f"{count:,} orders, processor {SLOWER} times slower, {LATENCY} ms of network"
    yield from _first(room, many, max(7, times // 4))
    with room.page(FORM, who="admin") as page:
        devtools(page, slower=SLOWER, latency=LATENCY)
        page.goto(room.url + FORM, wait_until="networkidle")
        soon = _p95(_pages(page, times))
        yield Check("2", f"next page of {many}, p95 ms", f"{soon:.0f}", "<= 250", soon <= 250)
        yield _deep(room, page.request, count, times)
        page.goto(room.url + FORM, wait_until="networkidle")
        yield from _searches(page, many, times)


def _searches(page: Page, many: str, times: int) -> Iterator[Check]:
    """Sent by Enter; and found by itself, once nothing has been typed for a moment."""
    for way, what, pause in (("enter", "sent by Enter", 0), ("type", "beyond the pause", PAUSE)):
        found = []
        for number in range(times):
            took = page.evaluate(SWAPPED, [way, WORDS[number % len(WORDS)]])
            found.append(float(took) - pause)
            page.wait_for_timeout(3 * PAUSE)
        soon = _p95(found)
        text = f"search of two signs in {many}, {what}, p95 ms"
        yield Check("4", text, f"{soon:.0f}", "<= 300", soon <= 300)


def _write(room: Room, count: int) -> None:
    database = Database(room.database)
    with database.transaction() as connection:
        write_deliveries(connection, Catalogue().app(connection, "jxc"), count)
    of_tables.look(database)
    database.dispose()


def _first(room: Room, many: str, times: int) -> Iterator[Check]:
    for kind in ("cold", "again"):
        found = []
        with room.page("/preferences", who="admin") as page:
            tools = devtools(page, slower=SLOWER, latency=LATENCY)
            tools.send("Network.setCacheDisabled", {"cacheDisabled": kind == "cold"})
            page.add_init_script(f"({WATCH})()")
            for _ in range(times):
                page.goto(room.url + FORM)
                page.wait_for_function("() => window.there")
                found.append(float(page.evaluate("window.there")))
                page.goto(f"{room.url}/preferences")
        middle = statistics.median(found)
        what = f"first row painted and search takes keys, {kind}, {many}"
        what += f"; slowest {max(found):.0f}, median ms"
        is_met = middle <= 1200 and min(found) > 0
        yield Check("1", what, f"{middle:.0f}", "<= 1200", is_met)


def _pages(page: Page, times: int) -> list[float]:
    found = []
    for _ in range(times):
        page.wait_for_selector("#list [rel=next]")
        found.append(float(page.evaluate(SWAPPED, ["next", ""])))
    return found


def _deep(room: Room, request: APIRequestContext, count: int, times: int) -> Check:
    """Page 1 and page 1,800 in turns, as the server alone takes them."""
    deep = f"{FORM}?after={quote(f'[null,{count // 10}]')}"
    taken = [[_seconds(request, room.url + path) for path in (FORM, deep)] for _ in range(times)]
    first, last = (statistics.median(each) for each in zip(*taken, strict=True))
    what = (
        f"page {count * 9 // 10 // 50:,} beside page 1: {last * 1000:.0f} to {first * 1000:.0f} ms"
    )
    return Check("3", what, f"{last / first:.2f}", "<= 1.5", last / first <= 1.5)


def _seconds(request: APIRequestContext, address: str) -> float:
    began = time.perf_counter()
    answer = request.get(address)
    took = time.perf_counter() - began
    assert answer.ok
    assert answer.text().count('<tr id="row-') == 50, address
    return took


def _p95(found: list[float]) -> float:
    return statistics.quantiles(found, n=20)[-1]


CHECKS: Final = (_hundred_thousand,)
