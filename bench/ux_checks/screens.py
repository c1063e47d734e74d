"""Every screen there is: found by following what the pages of the product lead to.

The addresses are those of the URL map; one address stands for its like. What answers with a whole
page is a screen, what answers with a part of one or a file is not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import APIRequestContext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from bench.ux_checks.furnish import furnish
from bench.ux_checks.room import Room
from builder.app import create_app
from runtime.infra.settings import read, with_secret

# Who walks through the company, and where each begins.
PEOPLE: Final = {
    "admin": (
        "/",
        "/a/jxc/customer/bin",
        "/design",
        "/users",
        "/audit",
        "/scan/",
        "/imports/jxc",
        "/webhooks",
    ),
    "zhangmin": ("/", "/a/jxc/delivery", "/scan/"),
    "lead": ("/", "/inbox"),
    "": ("/sign-in",),
}
# Forms whose screens differ enough to be looked at one by one; another stands for the rest.
FORMS: Final = ("delivery", "item", "request")
LEADS: Final = re.compile(r'(?:href|hx-get|data-href|data-dialog|data-src|action)="([^"#]+)')
# What scripts ask for, and files: an address is a screen, or it is said here that it is none.
PIECES: Final = frozenset(
    f"designer.{name}"
    for name in (
        *("access_condition", "canvas", "design_problems", "dry_run", "edit_rule", "edit_view"),
        *("failing_values", "field_uses", "flow_canvas", "flow_hook", "flow_panel"),
        *("flow_problems", "flow_simulation", "form_panel", "form_rules", "formula_dialog"),
        *("formula_names", "formula_records", "panel_more"),
        # Comes with a later package of an app that has been changed here as well.
        "upgrade_form",
    )
) | frozenset(
    f"screens.{name}"
    for name in (
        *("barcode", "batch_dialog", "cell_box", "download_export", "download_file"),
        *("import_column", "line_stock", "list_figures", "list_group", "live_query", "lookup"),
        *("people_to_name", "print_dialog", "record_history", "region_tree", "scan_items"),
        *("scan_start", "scan_task", "scan_tasks", "scan_worker", "show_picture"),
    )
)
# How many addresses of one kind are tried before it is given up.
TRIES: Final = 4


@dataclass(frozen=True)
class Screen:
    """A page, who may read it and which rule of the URL map it is."""

    who: str
    path: str
    endpoint: str


@dataclass(frozen=True)
class Found:
    """The screens, and the rules nobody came to."""

    screens: tuple[Screen, ...]
    unseen: frozenset[str]


def find(room: Room) -> Found:
    """Furnish the company and walk through it."""
    adapter, rules = _map()
    sent = furnish(room)
    screens: dict[tuple[str, str], Screen] = {}
    parts: set[str] = set()
    for who, starts in PEOPLE.items():
        begin = (*starts, *sent) if who in {"", "admin"} else starts
        for key, screen in _walked(room, who, begin, adapter, parts):
            screens.setdefault(key, screen)
    seen = {each.endpoint for each in screens.values()}
    unseen = rules - seen - parts - PIECES
    return Found(tuple(screens.values()), frozenset(unseen))


def _walked(
    room: Room, who: str, begin: tuple[str, ...], adapter: MapAdapter, parts: set[str]
) -> Iterator[tuple[tuple[str, str], Screen]]:
    """Each kind of page once, breadth first."""
    with room.page(begin[0], who=who) as page:
        waiting, tried = [*begin], dict[tuple[str, str], int]()
        done = set[tuple[str, str]]()
        asked = set[str]()
        while waiting:
            path = waiting.pop(0)
            kind = _kind(adapter, path)
            if kind is None or kind in done or path in asked or tried.get(kind, 0) >= TRIES:
                continue
            asked.add(path)
            tried[kind] = tried.get(kind, 0) + 1
            source = _source(page.request, room.url + path)
            if source is None:
                continue
            done.add(kind)
            waiting += [each for each in _leads(source, path) if each not in asked]
            if "<html" in source[:400]:
                yield kind, Screen(who, path, kind[0])
            else:
                parts.add(kind[0])


def _source(request: APIRequestContext, address: str) -> str | None:
    answer = request.get(address, max_redirects=0)
    if answer.status != 200:
        return None
    return answer.text() if "html" in answer.headers["content-type"] else "a file"


def _leads(source: str, path: str) -> Iterator[str]:
    for found in LEADS.findall(source):
        address = urljoin(path, unescape(found))
        if address.startswith("/") and not address.startswith("/static/"):
            yield address


def _kind(adapter: MapAdapter, path: str) -> tuple[str, str] | None:
    """Which rule an address follows, and what of it makes a screen of its own."""
    try:
        endpoint, values = adapter.match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    form = values.get("form_code", "")
    own = form if form in FORMS else "another" if form else ""
    return endpoint, f"{own} {values.get('view_key', '')}"


def _map() -> tuple[MapAdapter, frozenset[str]]:
    """The URL map of the whole product, and the names of what it answers to GET with."""
    with TemporaryDirectory(prefix="dajian-ux-") as home:
        told = {"DAJIAN_HOME": home, "DAJIAN_DATABASE": f"sqlite:///{home}/none.db"}
        rules = create_app(with_secret(read(told))).url_map
    names = {
        rule.endpoint
        for rule in rules.iter_rules()
        if "GET" in (rule.methods or ())
        and rule.endpoint.partition(".")[0] in {"screens", "designer"}
    }
    return rules.bind("here"), frozenset(names)
