"""Typing, pasting and scanning: how many strokes, how quick, and whether anything is lost."""

import re
import time
from collections.abc import Iterator
from typing import Final

from bench.ux_checks.room import (
    CODES,
    NEW,
    SLOWER,
    Check,
    Room,
    devtools,
    header,
    paste,
    press,
    rows,
    settled,
)

ORDERS: Final = {"quick": 8, "full": 40}
SCAN: Final = """code => {
  const send = (code, key, keyCode) => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', {code, key, keyCode, bubbles: true, cancelable: true}));
  for (const digit of code) send('Digit' + digit, 'Process', 229);
  send('Enter', 'Enter', 13);
}"""
WATCH_KEYS: Final = """() => {
  window.slowest = 0;
  new PerformanceObserver(list => { for (const event of list.getEntries())
    window.slowest = Math.max(window.slowest, event.duration); })
    .observe({type: 'event', durationThreshold: 16}); }"""
RECALCULATION: Final = """async () => {
  const box = document.getElementById('f-lines-250-qty'), found = [];
  const done = () => new Promise(go => box.form.addEventListener('calc:done', go, {once: true}));
  for (let i = 0; i < 30; i += 1) {
    let frame = 0;
    requestAnimationFrame(() => { frame = performance.now(); });
    const began = performance.now(), ended = done();
    box.value = String(100 + i);
    box.dispatchEvent(new Event('input', {bubbles: true}));
    const typed = performance.now() - began;
    await ended;
    found.push(typed + performance.now() - frame);
  }
  return found.sort((a, b) => a - b)[15];
}"""


def _speed(room: Room) -> Iterator[Check]:
    with room.page() as page:
        header(page)
        paste(page, "".join(f"SP10021\t{n}\t1\r\n" for n in range(1, 51)))
        page.wait_for_timeout(1500)
        devtools(page, slower=SLOWER)
        page.focus("#f-lines-25-qty")
        page.wait_for_timeout(1000)
        page.evaluate(WATCH_KEYS)
        for digit in "1234567890":
            page.keyboard.press(digit)
            page.wait_for_timeout(250)
        slow = float(page.evaluate("window.slowest"))
        what = "INP while typing, 50 lines, processor 4 times slower, ms"
        yield Check("8", what, f"{slow:.0f}", "<= 50", slow <= 50)
    with room.page() as page:
        header(page)
        paste(page, "".join(f"SP10021\t{n}\t1\r\n" for n in range(1, 501)))
        page.wait_for_timeout(1500)
        middle = float(page.evaluate(RECALCULATION))
        what = "calculation per key, 500 lines, median ms"
        yield Check("9", what, f"{middle:.1f}", "<= 16", middle <= 16)


def _strokes(room: Room) -> Iterator[Check]:
    with room.page() as page:
        strokes = header(page)
        for code in CODES:
            strokes += press(page, code, "Enter", "5", "Enter")
        settled(page)
        strokes += press(page, "Control+Enter")
        page.wait_for_url(re.compile(r"/delivery/\d+$"))
        lines = page.locator("table.lg tbody tr[data-line]").count()
        what = f"strokes for an order of {lines} lines with its submission, no click"
        yield Check("10", what, str(strokes), "<= 95", strokes <= 95 and lines == len(CODES))
    with room.page() as page:
        strokes = header(page)
        for code in ("6901234510021", "6901234520019", "6901234510034"):
            page.evaluate(SCAN, code)
            page.wait_for_selector("tr.flash")
            page.evaluate("document.querySelector('tr.flash').classList.remove('flash')")
        strokes += press(page, "Control+Enter")
        page.wait_for_url(re.compile(r"/delivery/\d+$"))
        what = "strokes besides the scans, three lines with their submission"
        yield Check("11", what, str(strokes), "<= 10", strokes <= 10)


def _taps(room: Room) -> Check:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with room.page(NEW, **phone) as page:
        taps = 0
        for number, code in enumerate(CODES[:3]):
            page.tap(f"#f-lines-{number}-item")
            page.keyboard.type(code)
            page.wait_for_selector(".lk-o")
            page.tap(".lk-o")
            page.wait_for_function(f"document.activeElement.id === 'f-lines-{number}-qty'")
            page.keyboard.type("2")
            taps += 2
            if number < 2:
                page.tap("[data-add]")
                taps += 1
        each = taps / 3
        right = [row[1] for row in rows(page)[:3]] == ["2"] * 3
        what = "taps per line on a phone, by search"
        return Check("12", what, f"{each:.1f}", "<= 6", right and each <= 6)


def _machine_speed(room: Room) -> Check:
    lost, orders = 0, ORDERS[room.size]
    goods: list[tuple[str, str]] = []
    with room.page() as page:
        for _ in range(orders):
            page.goto(room.url + NEW)
            page.wait_for_selector("line-grid tbody tr.ghost", state="attached")
            header(page)
            for number, code in enumerate(CODES, start=1):
                press(page, code, "Enter", str(number), "Enter")
            settled(page)
            found = rows(page)[:-1]
            # Two sizes of a screw have one name: its price tells which it is.
            goods = goods or [(row[0], row[2]) for row in found]
            wanted = [(*each, str(n)) for n, each in enumerate(goods, start=1)]
            got = [(row[0], row[2], row[1]) for row in found]
            lost += sum(row != want for row, want in zip(got, wanted, strict=False))
            lost += abs(len(found) - len(CODES))
    what = f"lines lost or wrong in {orders} orders typed without a pause"
    return Check("13", what, str(lost), "0", lost == 0 and len(set(goods)) == len(CODES))


def _blocks(room: Room) -> Iterator[Check]:
    with room.page() as page:
        header(page)
        press(page, CODES[0], "Enter", "7", "Enter")
        settled(page)
        page.wait_for_timeout(500)
        before = rows(page)
        lines = [f"SP10021\t{n}\t{n}.5" for n in range(1, 501)]
        lines[7] = '"SP\n10021"\t8\t8.5'
        began = time.perf_counter()
        paste(page, "\r\n".join(lines) + "\r\n")
        seconds = time.perf_counter() - began
        found = rows(page)[1:501]
        wanted = [["不锈钢六角螺栓", f"{n:,}", f"{n:,}.50"] for n in range(1, 501)]
        wanted[7][0] = "SP 10021"
        right = sum(
            a == b
            for row, want in zip(found, wanted, strict=True)
            for a, b in zip(row[:3], want, strict=True)
        )
        gate = "1500 cells, <= 1.5 s"
        what = "500 rows of 3 cells pasted: right cells, seconds"
        is_met = right == 1500 and seconds <= 1.5
        yield Check("14", what, f"{right}, {seconds:.2f} s", gate, is_met)
        page.keyboard.press("Control+z")
        page.wait_for_function("() => document.querySelectorAll('line-grid tbody tr').length < 9")
        is_back = rows(page) == before
        what = "a paste is one step back, all as it was"
        yield Check("15", what, "yes" if is_back else "no", "yes", is_back)


def _scanned(room: Room) -> Check:
    with room.page() as page:
        header(page)
        page.focus("#f-note")
        found = 0
        for code, name in (
            ("6901234510021", "不锈钢六角螺栓"),
            ("6901234520019", "角磨机"),
            ("6901234510021", "不锈钢六角螺栓"),
        ):
            page.evaluate(SCAN, code)
            page.wait_for_selector("tr.flash")
            shown = page.input_value("tr.flash ref-lookup input")
            found += shown == name
            page.evaluate("document.querySelector('tr.flash').classList.remove('flash')")
        is_clean = page.input_value("#f-note") == ""
        what = "scans under an input method that found their product"
        return Check("16", what, f"{found}/3", "3/3", found == 3 and is_clean)


CHECKS: Final = (_speed, _strokes, _taps, _machine_speed, _blocks, _scanned)
