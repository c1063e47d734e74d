"""What is sent and how it lies: weight, shifts, sideways scrolling, targets, overlaps, words."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

from bench.ux_checks.room import FORM, NEW, Check, Room

AXE: Final = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 360, "height": 780},
    "has_touch": True,
    "is_mobile": True,
}
SCREENS: Final = (
    "/",
    "/inbox",
    "/preferences",
    "/departments",
    FORM,
    f"{FORM}?q=0001",
    NEW,
    "/a/jxc/item",
    "/a/jxc/item/new",
    "/stock/jxc",
    "/stock/jxc/ledger",
    "/stock/jxc/summary",
    "/books/jxc/periods",
    "/imports/jxc",
)
SHIFTS: Final = """() => { window.shifted = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries())
    if (!entry.hadRecentInput) window.shifted += entry.value; })
    .observe({type: 'layout-shift', buffered: true}); }"""
# Buttons, links that look like ones, and boxes; what is inside a line of words is not a target.
SMALL: Final = """least => [...document.querySelectorAll(
  'button, .btn, input:not([type=hidden]), select, textarea, summary, nav a')]
  .filter(e => e.checkVisibility({checkVisibilityCSS: true, checkOpacity: true})
    && !e.closest('.sr, [aria-hidden=true], [inert]') && !e.classList.contains('sr'))
  .map(e => [e, (e.type === 'checkbox' || e.type === 'radio' ? e.closest('label') : null) ?? e])
  .map(([e, box]) => [e, box.getBoundingClientRect()])
  .filter(([, r]) => r.width > 1 && (r.height < least - 0.5 || r.width < least - 0.5))
  .map(([e, r]) => `${e.className || e.name} ${Math.round(r.width)}x${Math.round(r.height)}`)"""
MAIN: Final = """() => [...document.querySelectorAll('.btn-primary, .totbar .btn, .lg-foot .btn')]
  .filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect().height)
  .filter(height => height < 43.5).length"""
OVERLAPS: Final = """() => {
  const all = [...document.querySelectorAll('button, .btn, input:not([type=hidden]), select, h1')]
    .filter(e => e.checkVisibility({checkVisibilityCSS: true, checkOpacity: true})
      && !e.closest('dialog, .sr, .rowtools, .toasts, .cell-tip') && !e.classList.contains('sr')
      && !(e.type === 'radio' || e.type === 'checkbox'));
  const bars = '.phead, .totbar, #shell, nav, header, footer', found = [];
  const rects = all.map(e => [e, e.getBoundingClientRect(), e.closest(bars)]);
  for (let i = 0; i < rects.length; i += 1) for (let j = i + 1; j < rects.length; j += 1) {
    const [a, p, home] = rects[i], [b, q, other] = rects[j];
    if (a.contains(b) || b.contains(a) || home !== other) continue;
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (wide > 2 && high > 2 && !a.parentElement.contains(b))
      found.push(`${a.id || a.className} / ${b.id || b.className}`);
  }
  return found; }"""
CUT: Final = """() => [...document.querySelectorAll('button, .btn, .tag, .ftab')]
  .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 2)
  .map(e => e.textContent.trim().slice(0, 40))"""
CHINESE: Final = """() => [...document.querySelectorAll(
  'button, .btn, label, .lbl, th, h2, kbd, [aria-label], [placeholder]')]
  .filter(e => e.checkVisibility() && !e.closest('tbody, .lk'))
  .flatMap(e => [e.children.length ? '' : e.textContent, e.getAttribute('aria-label'),
    e.getAttribute('placeholder')])
  .map(text => (text ?? '').replace(document.querySelector('.side-foot b').textContent, ''))
  .filter(text => /[\\u4e00-\\u9fff]/.test(text))"""


def _weights(room: Room) -> Iterator[Check]:
    for name, path in (("list", FORM), ("form", NEW)):
        yield _weight(room, name, path)


def _weight(room: Room, name: str, path: str) -> Check:
    with room.page("/preferences") as page:
        sent: dict[str, list[Any]] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.responseReceived", lambda e: sent.update({e["requestId"]: [e, 0]}))

        def loaded(event: dict[str, Any]) -> None:
            if event["requestId"] in sent:
                sent[event["requestId"]][1] = event["encodedDataLength"]

        session.on("Network.loadingFinished", loaded)
        page.goto(room.url + path, wait_until="networkidle")
        html = sum(size for event, size in sent.values() if event["type"] == "Document") / 1024
        kinds = {"Script", "Stylesheet"}
        assets = sum(size for event, size in sent.values() if event["type"] in kinds) / 1024
    figure = f"{assets:.1f} + {html:.1f} KB"
    is_met = assets <= 60 and html <= 25
    return Check("5", f"{name}: scripts and styles + page, cold", figure, "<= 60 + 25 KB", is_met)


def _shifts(room: Room) -> Check:
    worst, where = 0.0, ""
    for path in SCREENS:
        with room.page(path) as page:
            page.evaluate(SHIFTS)
            page.wait_for_timeout(400)
            page.keyboard.press("Tab")
            page.keyboard.press("ArrowDown")
            page.wait_for_timeout(700)
            found = float(page.evaluate("window.shifted"))
            if found > worst:
                worst, where = found, path
    what = f"layout shift of {len(SCREENS)} screens, the worst {where}"
    return Check("7", what, f"{worst:.3f}", "<= 0.02", worst <= 0.02)


def _axe(room: Room) -> Check:
    source, found, seen = AXE.read_text(), set[str](), 0
    wide: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
    for look in (wide, wide | {"color_scheme": "dark"}, PHONE):
        for path in (FORM, NEW) if room.size == "quick" else SCREENS:
            with room.page(path, **look) as page:
                page.evaluate(f"() => {{ {source} }}")
                options = {"runOnly": RULES, "resultTypes": ["violations"]}
                answer = page.evaluate("options => axe.run(document, options)", options)
                found |= {f"{path} {one['id']}" for one in answer["violations"]}
                seen += 1
    what = f"accessibility violations on {seen} screens: {_named(found)}"
    return Check("20", what, str(len(found)), "0", not found)


def _sideways(room: Room) -> Check:
    worst, where = 0, ""
    for path in SCREENS:
        with room.page(path, **PHONE) as page:
            over = int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
            if over > worst:
                worst, where = over, path
    what = f"pixels {len(SCREENS)} screens scroll sideways at 360: {where or 'none'}"
    return Check("22", what, str(worst), "<= 0", worst <= 0)


def _targets(room: Room) -> Iterator[Check]:
    small, lesser = set[str](), 0
    for path in SCREENS:
        with room.page(path, **PHONE) as page:
            small |= {f"{path} {one}" for one in page.evaluate(SMALL, 24)}
            lesser += int(page.evaluate(MAIN))
    what = f"targets under 24 px on a phone: {_named(small)}"
    yield Check("23", what, str(len(small)), "0", not small)
    yield Check("23", "main buttons under 44 px on a phone", str(lesser), "0", not lesser)


def _overlaps(room: Room) -> Check:
    """A laptop of 1366 by 768, and the same with everything twice as large."""
    found = set[str]()
    large = {"viewport": {"width": 683, "height": 384}, "device_scale_factor": 2}
    for look in ({"viewport": {"width": 1366, "height": 768}}, large):
        for path in SCREENS:
            with room.page(path, **look) as page:
                found |= {f"{path} {one}" for one in page.evaluate(OVERLAPS)}
    what = f"controls over each other at 1366 x 768 and at 200 %: {_named(found)}"
    return Check("24", what, str(len(found)), "0", not found)


def _english(room: Room) -> Iterator[Check]:
    cut, chinese = set[str](), set[str]()
    for look in ({}, PHONE):
        for path in SCREENS:
            with room.page(path, **(look | {"locale": "en-US"})) as page:
                _in_english(page, room, path)
                cut |= {f"{path} {one}" for one in page.evaluate(CUT)}
                chinese |= {f"{path} {one}" for one in page.evaluate(CHINESE)}
    yield Check("40", f"English buttons that are cut: {_named(cut)}", str(len(cut)), "0", not cut)
    what = f"Chinese words on English pages: {_named(chinese)}"
    yield Check("40", what, str(len(chinese)), "0", not chinese)


def _in_english(page: Page, room: Room, path: str) -> None:
    if not str(page.get_attribute("html", "lang")).startswith("en"):
        page.goto(f"{room.url}/preferences")
        page.locator("select[name=language], input[name=language][value=en]").first.evaluate(
            "e => { if (e.localName === 'select') e.value = 'en'; else e.checked = true; "
            "e.form.requestSubmit(); }"
        )
        page.wait_for_timeout(800)
        page.goto(room.url + path)


def _named(found: "set[str] | Sequence[str]") -> str:
    return "; ".join(sorted(found)[:6]) or "none"


CHECKS: Final = (_weights, _shifts, _axe, _sideways, _targets, _overlaps, _english)
