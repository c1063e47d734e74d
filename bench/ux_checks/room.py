"""Where the checks work: a seeded company on a server of its own, and pages to walk through it."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.databases import fresh
from build_tools import system
from build_tools.servers import free_port

PASSWORD: Final = "a demo for benchmarks"  # noqa: S105 - of a company that lives for minutes
FORM: Final = "/a/jxc/delivery"
NEW: Final = f"{FORM}/new"
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
# What the guide slows the processor down by, where it does not say otherwise.
SLOWER: Final = 4
# The network the guide measures on, in milliseconds.
LATENCY: Final = 20
LONGEST_START: Final = 180
CODES: Final = "0021 0022 0034 0057 0061 0008 0011 0019 0023 0002".split()  # noqa: SIM905


# The policy speaks up on every page: what it blocks is kept for check 21.
VIOLATION: Final = """addEventListener('securitypolicyviolation', event => dajianViolation(
  `${location.pathname} ${event.violatedDirective} ${event.blockedURI}`))"""


@dataclass(frozen=True)
class Check:
    """One figure beside its gate."""

    check: str
    what: str
    figure: str
    gate: str
    met: bool


@dataclass
class Room:
    """A browser, a server and who is signed in."""

    browser: Browser
    url: str
    size: str
    database: str
    violations: list[str] = field(default_factory=list)
    states: dict[str, Any] = field(default_factory=dict)

    def now(self) -> datetime:
        """The moment on the clock of the server."""
        return datetime.now(UTC)

    @contextlib.contextmanager
    def page(self, path: str = NEW, **options: Any) -> Iterator[Page]:
        """A page of a person of their own at `path`: 1440 by 900, light, Chinese unless told."""
        who = options.pop("who", "zhangmin")
        chosen = {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN"} | options
        chosen |= {"timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}
        state = self._signed_in(who) if who else None
        context = self.browser.new_context(storage_state=state, **chosen)
        context.set_default_timeout(60_000)
        context.expose_function("dajianViolation", self._violated)
        context.add_init_script(VIOLATION)
        try:
            page = context.new_page()
            page.goto(self.url + path)
            if path == NEW:
                page.wait_for_selector("line-grid tbody tr.ghost", state="attached")
            yield page
        finally:
            context.close()

    def _violated(self, what: str) -> None:
        self.violations.append(what)

    def _signed_in(self, who: str) -> Any:
        """Sign in once: everybody else's checks begin with the same cookies."""
        if who not in self.states:
            context = self.browser.new_context(locale="zh-CN")
            page = context.new_page()
            page.goto(f"{self.url}/sign-in")
            page.fill("#name", who)
            page.fill("#password", PASSWORD)
            page.press("#password", "Enter")
            page.wait_for_selector("#shell")
            self.states[who] = context.storage_state()
            context.close()
        return self.states[who]


@contextlib.contextmanager
def opened(size: str) -> Iterator[Room]:
    """A server with the demo company on an SQLite database, and Chromium."""
    with fresh("sqlite") as address, TemporaryDirectory(prefix="dajian-ux-") as home:
        port = free_port()
        kept = {name: value for name, value in os.environ.items() if name[:7] != "DAJIAN_"}
        environment = kept | {
            "DAJIAN_HOME": home,
            "DAJIAN_DATABASE": address,
            "DAJIAN_DEMO_PASSWORD": PASSWORD,
        }
        command = [str(Path(sys.executable).parent / "dajian"), "serve", "--demo"]
        with (Path(home) / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [*command, "--port", str(port)], env=environment, stdout=log, stderr=log
            )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(server, url)
            path = os.environ.get("TEST_CHROMIUM") or system.chromium()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
                yield Room(browser, url, size, address)
                browser.close()
        finally:
            server.terminate()
            server.wait(60)


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + LONGEST_START
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended by itself"
        with contextlib.suppress(OSError), opener.open(f"{url}/readyz", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise TimeoutError(url)


def devtools(page: Page, *, slower: int = 1, latency: int = 0) -> CDPSession:
    """The browser's own tools for a page, its processor slowed down, its network as far away."""
    session = page.context.new_cdp_session(page)
    if slower > 1:
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    if latency:
        line = {"offline": False, "latency": latency, "downloadThroughput": -1}
        session.send("Network.emulateNetworkConditions", line | {"uploadThroughput": -1})
    return session


def press(page: Page, *keys: str) -> int:
    """Press named keys and type everything else; returns how many strokes that were."""
    strokes = 0
    for key in keys:
        if key in {"Enter", "Escape", "Insert", "Tab"} or "+" in key[1:]:
            page.keyboard.press(key)
            strokes += 1
        else:
            page.keyboard.type(key)
            strokes += len(key)
    return strokes


def header(page: Page) -> int:
    """Fill the header by keyboard, from its first box into the first line."""
    page.focus("#f-customer")
    return press(page, "hy", "Enter", "Enter", "nbz", "Enter", "Enter")


def settled(page: Page) -> None:
    """Wait until every typed code has its record."""
    page.wait_for_function(
        """() => [...document.querySelectorAll('line-grid tbody tr:not(.ghost) ref-lookup')]
        .every(box => box.dataset.field !== 'lines.item' || box.key || box.input.ariaInvalid)"""
    )


ROWS: Final = """() => [...document.querySelectorAll('line-grid tbody tr')].map(row =>
  [...row.querySelectorAll('td[data-col] input:not([type=hidden])')].map(input => input.value))"""
PASTE: Final = """text => {
  const held = new DataTransfer();
  held.setData('text/plain', text);
  document.activeElement.dispatchEvent(
    new ClipboardEvent('paste', {clipboardData: held, bubbles: true, cancelable: true}));
}"""


def rows(page: Page) -> list[list[str]]:
    """The boxes of the lines, row by row: item, quantity, price, note."""
    found: list[list[str]] = page.evaluate(ROWS)
    return found


def paste(page: Page, block: str) -> float:
    """Paste a block at the focus; seconds until it is said to be there."""
    began = time.perf_counter()
    page.evaluate(PASTE, block)
    page.wait_for_selector(".toast")
    return time.perf_counter() - began
