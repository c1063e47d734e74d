"""Every screen looked at in every light: accessibility, widths, targets, overlaps, words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Error, Page

from bench.ux_checks import sights
from bench.ux_checks.furnish import NAMES
from bench.ux_checks.room import Check, Room
from bench.ux_checks.screens import Found, Screen, find

AXE: Final = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE: Final[dict[str, Any]] = {"viewport": {"width": 1440, "height": 900}}
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
STOPS: Final = 40
# What is pressed for a part of a page, and waited for; nothing that changes anything.
SWAPPING: Final = "main :is(a, button)[hx-get]:visible"
AWAIT_SWAP: Final = """() => { window.swapped = new Promise(done => {
  document.addEventListener('htmx:after:swap', () => setTimeout(() => done(true), 150),
    {once: true});
  setTimeout(() => done(false), 4000); }); }"""
# Where everything has the names that somebody gave it: the app of the flow, and their workbooks.
OWN: Final = ("/a/asking", "/design/asking", "/imports/jxc/")
AXE_RUN: Final = """options => axe.run(document, options).then(result => result.violations.map(
  found => found.id + ' '
    + found.nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | ')))"""


@dataclass
class Seen:
    """What was found wrong, each with the screen it stands on; how many pages were looked at."""

    looks: int = 0
    swaps: int = 0
    pressed: set[tuple[str, str]] = field(default_factory=set)
    faults: dict[str, set[str]] = field(default_factory=dict)
    shifted: tuple[float, str] = (0.0, "none")
    wide: tuple[int, str] = (0, "none")

    def add(self, kind: str, screen: Screen, found: list[str]) -> None:
        """Keep what a look found."""
        self.faults.setdefault(kind, set()).update(f"{screen.path} {each}" for each in found)


def _screens(room: Room) -> Iterator[Check]:
    found, seen = find(room), Seen()
    yield _reached(found)
    if room.size == "quick":
        # Every third, another third each day.
        found = replace(found, screens=found.screens[datetime.now(UTC).day % 3 :: 3])
    for look, options in ((_wide, WIDE), (_phone, PHONE)):
        _walk(room, found, seen, look, options)
    for who in sorted({each.who for each in found.screens if each.who}):
        _speak_english(room, who)
    for options in (WIDE, PHONE):
        _walk(room, found, seen, _english, options)
    yield from _told(seen, len(found.screens))


def _walk(room: Room, found: Found, seen: Seen, look: Any, options: Mapping[str, Any]) -> None:
    """Everybody opens their screens one after the other in one window."""
    for who in sorted({each.who for each in found.screens}):
        locale = {"locale": "en-US"} if look is _english else {}
        with room.page("/sign-in", who=who, **options, **locale) as page:
            page.add_init_script(sights.SHIFTS)
            for screen in (each for each in found.screens if each.who == who):
                try:
                    page.goto(room.url + screen.path)
                    _painted(page)
                    look(page, screen, seen)
                except Error as broken:
                    seen.add("broken", screen, [str(broken)[:120]])
                page.set_viewport_size(options["viewport"])


def _wide(page: Page, screen: Screen, seen: Seen) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(250)
    seen.shifted = max(seen.shifted, (float(page.evaluate("window.shifted")), screen.path))
    page.keyboard.press("Escape")
    seen.add("danger", screen, page.evaluate(sights.DANGER))
    _accessible(page, screen, seen)
    for size in ({"width": 1366, "height": 768}, {"width": 683, "height": 384}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        _painted(page)
        seen.add("overlaps", screen, page.evaluate(sights.OVERLAPS))
    page.set_viewport_size(WIDE["viewport"])
    _order(page, screen, seen)
    _swaps(page, screen, seen)


def _phone(page: Page, screen: Screen, seen: Seen) -> None:
    _accessible(page, screen, seen)
    seen.add("small", screen, page.evaluate(sights.SMALL, 24))
    seen.add("lesser", screen, page.evaluate(sights.MAIN))
    page.set_viewport_size({"width": 360, "height": 780})
    _painted(page)
    over = int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
    over = max(over, int(page.evaluate("innerWidth")) - 360)
    seen.wide = max(seen.wide, (over, screen.path))
    if over > 0:
        seen.add("wide", screen, [f"{over}"])


def _english(page: Page, screen: Screen, seen: Seen) -> None:
    seen.add("cut", screen, page.evaluate(sights.CUT))
    if not screen.path.startswith(OWN):
        seen.add("chinese", screen, page.evaluate(sights.CHINESE, [*NAMES]))


def _accessible(page: Page, screen: Screen, seen: Seen) -> None:
    """The rules of axe in light; in dark those of colours, as nothing else differs."""
    page.evaluate(f"() => {{ {AXE.read_text()} }}")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        _painted(page)
        only = RULES if scheme == "light" else ["color-contrast"]
        found = page.evaluate(AXE_RUN, {"runOnly": only, "resultTypes": ["violations"]})
        seen.add("axe", screen, [f"{scheme} {page.evaluate('innerWidth')} {one}" for one in found])
        seen.looks += 1
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def _order(page: Page, screen: Screen, seen: Seen) -> None:
    """Tab follows the page, and each stop is seen."""
    page.evaluate(sights.STOPS)
    for _ in range(STOPS):
        page.keyboard.press("Tab")
    first, last = -1, -1
    wrong = []
    for at, is_seen, index, name in page.evaluate("window.stops"):
        if at < 0:
            # It has come since.
            continue
        if at <= first:
            # Round once.
            break
        first = at if first < 0 else first
        if at < last or not is_seen or index > 0:
            wrong.append(f"{name} {'' if is_seen else 'unseen'}")
        last = at
    seen.add("order", screen, wrong)


def _swaps(page: Page, screen: Screen, seen: Seen) -> None:
    """What fetches a part of the page is pressed; the focus is somewhere afterwards."""
    for number in range(page.locator(SWAPPING).count()):
        button = page.locator(SWAPPING).nth(number)
        kind = (screen.endpoint, str(button.get_attribute("class")))
        if kind in seen.pressed or len([one for one in seen.pressed if one[0] == kind[0]]) >= 4:
            continue
        seen.pressed.add(kind)
        button.focus()
        page.evaluate(AWAIT_SWAP)
        page.keyboard.press("Enter")
        if not page.evaluate("window.swapped"):
            continue
        seen.swaps += 1
        if page.evaluate("document.activeElement === document.body"):
            seen.add("unfocused", screen, [kind[1]])
        if page.locator("dialog[open]").count():
            _accessible(page, screen, seen)
        page.goto(page.url)
        _painted(page)


def _painted(page: Page) -> None:
    page.evaluate("new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))")


def _speak_english(room: Room, who: str) -> None:
    with room.page("/preferences", who=who) as page:
        page.locator("select[name=language], input[name=language][value=en]").first.evaluate(
            "e => { if (e.localName === 'select') e.value = 'en'; else e.checked = true; "
            "e.form.requestSubmit(); }"
        )
        page.wait_for_function("() => document.documentElement.lang.startsWith('en')")


def _reached(found: Found) -> Check:
    unseen = sorted(each.partition(".")[2] for each in found.unseen)
    what = f"screens found, rules that nothing led to: {', '.join(unseen) or 'none'}"
    return Check("20", what, f"{len(found.screens)}, {len(unseen)}", "all", not unseen)


def _told(seen: Seen, screens: int) -> Iterator[Check]:
    broken = seen.faults.get("broken", set())
    yield Check(
        "20", f"screens that did not open: {_named(broken)}", str(len(broken)), "0", not broken
    )
    size, where = seen.shifted
    what = f"layout shift of {screens} screens, the worst {where}"
    yield Check("7", what, f"{size:.3f}", "<= 0.02", size <= 0.02)
    over, where = seen.wide
    what = (
        f"pixels {screens} screens scroll sideways at 360: {_named(seen.faults.get('wide', set()))}"
    )
    yield Check("22", what, str(over), "<= 0", over <= 0)
    for check, kind, what in (
        ("20", "axe", f"accessibility violations in {seen.looks} looks at {screens} screens"),
        ("23", "small", "targets under 24 px on a phone"),
        ("23", "lesser", "main buttons under 44 px on a phone"),
        ("24", "overlaps", "controls over each other at 1366 x 768 and at 200 %"),
        ("26", "order", "stops of Tab out of order or unseen"),
        ("27", "unfocused", f"focus lost in {seen.swaps} exchanges of a part of a page"),
        ("30", "danger", "destructive controls that neither ask nor undo"),
        ("40", "cut", "English buttons that are cut"),
        ("40", "chinese", "Chinese words on English pages"),
    ):
        faults = seen.faults.get(kind, set())
        yield Check(check, f"{what}: {_named(faults)}", str(len(faults)), "0", not faults)


def _named(found: set[str]) -> str:
    return "; ".join(sorted(found)[:6]) or "none"


CHECKS: Final = (_screens,)
