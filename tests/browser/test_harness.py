"""The browser harness catches what it is there to catch."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"
CLEAN = "<!doctype html><html lang=zh><title>页</title><main><h1>页</h1></main>"
FAULTY = CLEAN + "<p style='color:red'>红</p><img src='/x.png'>"


class Pages(BaseHTTPRequestHandler):
    """Two pages under a strict policy."""

    def do_GET(self) -> None:
        """Answer the clean page, the faulty one or an empty icon."""
        body = {"/clean": CLEAN, "/faulty": FAULTY}.get(self.path, "")
        self.send_response(200)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_clean_page__has_no_problem_and_no_violation(
    site: str, browser_page: Page, axe: Callable[[Page], list[str]], screenshot: Callable[..., Path]
) -> None:
    browser_page.goto(f"{site}/clean")
    assert axe(browser_page) == []
    assert screenshot(browser_page, "clean").stat().st_size > 0


def test_faulty_page__is_caught(
    site: str, browser_page: Page, problems: list[str], axe: Callable[[Page], list[str]]
) -> None:
    browser_page.goto(f"{site}/faulty")
    assert any(found.startswith("image-alt") for found in axe(browser_page))
    assert any(text.startswith("policy: style-src") for text in problems)
    assert any(text.startswith("console error") for text in problems)
    problems.clear()
