"""A real Chromium that watches what a person would not see: console, policy, outside requests."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from build_tools import system
from tests.tally import uses

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "test-artifacts"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]
# What is expected of a page is awaited as long as what is clicked: two cores may be busy.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
# Chromium logs every 4xx answer; these are answers the product gives on purpose.
MEANT_ANSWER = re.compile(r"Failed to load resource: .*status of (401|403|409|413|422|429)")
VIOLATION = """addEventListener('securitypolicyviolation', event => dajianViolation(
  `${event.violatedDirective} blocked ${event.blockedURI} ${event.sourceFile}`))"""
AXE_RUN = """options => axe.run(document, options).then(result => result.violations.map(found =>
  `${found.id} (${found.impact}): ${found.help}: ` +
  found.nodes.slice(0, 5).map(
    node => node.target.join(' ') + ' ' + node.html.slice(0, 160)).join(' | ')))"""
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

PageMaker = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of a page may be tried once more; the summary of the run names it (decision 100)."""
    for item in items:
        if "browser" in item.path.parent.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Leave the outcome where the pages' fixture finds it, for a picture of the failure."""
    report: Any = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of this process."""
    path = os.environ.get("TEST_CHROMIUM") or system.chromium()
    assert path, "there is no Chromium on this machine: make test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def problems() -> list[str]:
    """What went wrong in the pages of this test; must be empty at its end."""
    return []


def watch(page: Page, problems: list[str]) -> None:
    """Collect console errors, exceptions, policy violations and requests that leave the machine."""

    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not MEANT_ANSWER.search(message.text):
            problems.append(f"console {message.type}: {message.text} ({page.url})")

    def requested(request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in {None, "", "127.0.0.1", "localhost"}:
            problems.append(f"request to {request.url} ({page.url})")

    page.on("console", console)
    page.on("request", requested)
    page.on("pageerror", lambda error: problems.append(f"exception: {error} ({page.url})"))


@pytest.fixture
def new_page(
    chromium: Browser, problems: list[str], request: pytest.FixtureRequest
) -> Iterator[PageMaker]:
    """Makes pages, each of a person of their own: `new_page(width=390, dark=True)`."""
    uses(request, "chromium")
    pages: list[Page] = []

    def make(
        width: int = 1440, height: int = 900, *, dark: bool = False, locale: str = "zh-CN"
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale=locale,
            timezone_id="Asia/Shanghai", color_scheme="dark" if dark else "light",
            reduced_motion="reduce", has_touch=width < 600,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        context.expose_binding(
            "dajianViolation", lambda _, text: problems.append(f"policy: {text}")
        )
        context.add_init_script(VIOLATION)
        page = context.new_page()
        context.on("page", lambda opened: watch(opened, problems))
        watch(page, problems)
        pages.append(page)
        return page

    yield make
    for number, page in enumerate(pages, start=1):
        if request.node.stash.get(FAILED, False) and not page.is_closed():
            page.screenshot(path=picture(request, f"failed-{number}"), full_page=True)
        page.context.close()
    assert problems == []


@pytest.fixture
def browser_page(new_page: PageMaker) -> Page:
    """One page of 1440 × 900, light, Chinese."""
    return new_page()


def picture(request: pytest.FixtureRequest, name: str) -> Path:
    """Where a picture of this test goes."""
    test = re.sub(r"[^A-Za-z0-9_-]+", "-", request.node.name).strip("-")
    folder = ARTEFACTS / test
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Keeps a picture as a test artefact: `screenshot(page, "receipt")`."""

    def take(page: Page, name: str, *, full_page: bool = True) -> Path:
        path = picture(request, name)
        # The caret is left alone: hiding it would leave style attributes the policy forbids.
        page.screenshot(path=path, full_page=full_page, caret="initial")
        return path

    return take


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker; evaluated, since the pages' policy lets no script in."""
    return AXE.read_text()


@pytest.fixture
def axe(axe_source: str) -> Callable[..., list[str]]:
    """Accessibility violations of a page as sentences: `assert axe(page) == []`."""

    def run(page: Page) -> list[str]:
        page.evaluate(f"() => {{ if (!window.axe) {{ {axe_source} }} }}")
        options = {"runOnly": AXE_RULES, "resultTypes": ["violations"]}
        found: list[str] = page.evaluate(AXE_RUN, options)
        return found

    return run
