"""The frame round a page: apps, navigation, the person, what waits for them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from flask import current_app, g, request, url_for
from werkzeug.exceptions import HTTPException

from runtime import access
from runtime.compile import App, Form
from runtime.definitions import MenuDef
from runtime.documents.scanning import goods_of
from runtime.infra import desk
from runtime.infra.act import Act, Rights
from runtime.infra.desk import Pin
from runtime.screens.acting import platform, reading
from runtime.screens.i18n import _, joined, label, locale
from runtime.screens.waiting import read_waiting

PAGE_ICONS: Final = {
    "stock": "packages", "in_out_summary": "chart-bar", "trace": "barcode",
    "account_balances": "book-2", "periods": "calendar", "costing": "math-function",
    "account_rules": "adjustments-horizontal", "flow_runs": "bolt",
    "flow_times": "clock-hour-4",
}  # fmt: skip
# The pages that count as another one's in the navigation.
BELOW: Final = {
    "stock_ledger": "stock", "stock_layers": "stock", "stock_chain": "stock",
    "stock_available": "stock", "reservations": "stock", "item_costing": "costing",
    "company_rules": "costing", "flow_run": "flow_runs",
}  # fmt: skip
APP_ICON: Final = "building-warehouse"
# Where a room of the application outside this package leaves its pages: (act, app) -> entries.
PAGES: Final = "dajian.design_pages"


@dataclass(frozen=True)
class Entry:
    """One link of the navigation."""

    label: str
    href: str
    icon: str
    is_current: bool = False


@dataclass(frozen=True)
class Group:
    """A titled group of links."""

    label: str
    items: tuple[Entry, ...]


@dataclass(frozen=True, eq=False)
class Frame:
    """What of it everybody sees the same who has the same rights, on the same kind of page."""

    title: str
    icon: str
    apps: tuple[Entry, ...]
    groups: tuple[Group, ...]
    roles: str
    stock_href: str | None
    is_in_stock: bool
    departments_href: str | None = None
    scan_href: str | None = None


@dataclass(frozen=True)
class Shell:
    """What `_shell.html` draws; `here` is the kind of page."""

    frame: Frame
    here: str
    inbox_count: int
    person: str
    notice_count: int = 0
    has_letter_keys: bool = True
    pins: tuple[Pin, ...] = ()
    # Where to tell that a record is open; empty on any other page.
    opening_href: str = ""


class _Seen(NamedTuple):
    """All that a frame follows from; rights are those read for this request."""

    rights: Rights
    is_admin: bool
    apps: tuple[App, ...]
    language: str
    here: str
    app: str
    form: str
    root: str


def shell_of_page() -> Shell:
    """Build the frame once for a page."""
    if g.get("shell") is None:
        with reading() as act:
            g.shell = _build(act)
    built: Shell = g.shell
    return built


def apps_of(act: Act) -> tuple[App, ...]:
    """Return the apps in which the actor may see anything at all."""
    apps = platform().catalogue.apps(act.connection)
    return tuple(app for app in apps if any(visible_forms(act, app)))


def visible_forms(act: Act, app: App) -> Iterator[Form]:
    """Yield the forms the actor may view, in the order of the definition."""
    return (form for form in app.forms.values() if access.may(act.actor, "view", form))


def stock_pages(act: Act, app: App) -> tuple[Entry, ...]:
    """Return the pages of stock, none where it is not the actor's business."""
    if not access.may_see_stock(act.actor, app):
        return ()
    words = {"stock": _("库存"), "in_out_summary": _("收发存汇总"), "trace": _("批次追溯")}
    return tuple(_page(app, endpoint, text) for endpoint, text in words.items())


def book_pages(act: Act, app: App) -> tuple[Entry, ...]:
    """Return the pages of the books behind stock: rules are the administrator's alone."""
    if not access.may_see_stock(act.actor, app):
        return ()
    words = {"account_balances": _("科目余额")} if access.may_see_cost(act.actor, app) else {}
    if act.actor.is_admin:
        words |= {
            "periods": _("会计期间"),
            "costing": _("计价规则"),
            "account_rules": _("科目规则"),
        }
    return tuple(_page(app, endpoint, text) for endpoint, text in words.items())


def flow_pages(act: Act, app: App) -> tuple[Entry, ...]:
    """Return the pages of how flows are doing: for administrators, where there are flows."""
    flows = app.workflows.values() if act.actor.is_admin else ()
    pages = (
        (any(flow.is_automation for flow in flows), "flow_runs", _("自动化记录")),
        (any(flow.is_approval for flow in flows), "flow_times", _("审批用时")),
    )
    return tuple(_page(app, endpoint, text) for is_there, endpoint, text in pages if is_there)


def design_pages(act: Act, app: App) -> tuple[Entry, ...]:
    """Return the pages of the designer; a run-only deployment has none."""
    pages: Callable[[Act, App], tuple[Entry, ...]] | None = current_app.extensions.get(PAGES)
    return pages(act, app) if pages else ()


def is_here(*endpoints: str) -> bool:
    """Say whether the present page is one of these."""
    return request.endpoint in endpoints


def app_of_page(act: Act) -> App | None:
    """Return the app the page belongs to, else the first the actor may see."""
    return _app_of_page(apps_of(act))


def _app_of_page(apps: tuple[App, ...]) -> App | None:
    code = (request.view_args or {}).get("app_code")
    return next((app for app in apps if app.code == code), apps[0] if apps else None)


def entry_of_form(form: Form) -> Entry:
    """Return the link to a form's list."""
    args = request.view_args or {}
    is_current = args.get("app_code") == form.app_code and args.get("form_code") == form.code
    href = url_for("screens.list_records", app_code=form.app_code, form_code=form.code)
    return Entry(label(form.label), href, form.icon, is_current)


def _build(act: Act) -> Shell:
    found = read_waiting(act)
    return Shell(
        frame=_frame(_seen(act)),
        here=request.endpoint or "",
        inbox_count=found.to_do,
        person=act.actor.name,
        notice_count=found.unread,
        has_letter_keys=found.has_letter_keys,
        pins=_leading(act, found.pins),
        opening_href=_opening_href(),
    )


def _seen(act: Act) -> _Seen:
    named = request.view_args or {}
    return _Seen(
        rights=act.actor.rights,
        is_admin=act.actor.is_admin,
        apps=platform().catalogue.apps(act.connection),
        language=locale(),
        here=request.endpoint or "",
        app=str(named.get("app_code", "")),
        form=str(named.get("form_code", "")),
        root=request.script_root,
    )


# An app is compiled anew when it is published, and rights are what they are made of.
@lru_cache(maxsize=256)
def _frame(seen: _Seen) -> Frame:
    with reading() as act:
        apps = tuple(app for app in seen.apps if any(visible_forms(act, app)))
        app = _app_of_page(apps)
        return Frame(
            title=label(app.label) if app else _("搭建"),
            icon=APP_ICON,
            apps=tuple(_entry_of_app(each, app) for each in apps),
            groups=tuple(_groups(act, app)) if app else (),
            roles=role_names(act, apps),
            stock_href=_stock_href(act, app) if app else None,
            is_in_stock=_page_here() == "stock",
            departments_href=url_for("screens.departments") if act.actor.is_admin else None,
            scan_href=_scan_href(act, apps),
        )


def visible_pins(act: Act) -> tuple[Pin, ...]:
    """Return the actor's pins that lead somewhere for them today."""
    return _leading(act, desk.pins(act))


def _leading(act: Act, pins: Iterable[Pin]) -> tuple[Pin, ...]:
    return tuple(pin for pin in pins if _leads_somewhere(act, pin))


def _leads_somewhere(act: Act, pin: Pin) -> bool:
    parts = parts_of(pin.href)
    if parts is None or "form_code" not in parts:
        return parts is not None
    named = (parts.get("app_code"), parts["form_code"])
    apps = platform().catalogue.apps(act.connection)
    return any(
        (form.app_code, form.code) == named for app in apps for form in visible_forms(act, app)
    )


def parts_of(href: str) -> dict[str, object] | None:
    """Return what the address of a page of ours is made of, None where there is no such page."""
    try:
        endpoint, values = current_app.url_map.bind("").match(urlsplit(href).path, method="GET")
    except HTTPException:
        return None
    return dict(values) if endpoint != "static" else None


def _scan_href(act: Act, apps: tuple[App, ...]) -> str | None:
    forms = (form for app in apps for form in visible_forms(act, app))
    may_scan = any(goods_of(form) and access.may(act.actor, "update", form) for form in forms)
    return url_for("screens.scan") if may_scan else None


def _opening_href() -> str:
    is_record = request.endpoint == "screens.show_record"
    return url_for("screens.note_opening", **(request.view_args or {})) if is_record else ""


def role_names(act: Act, apps: tuple[App, ...]) -> str:
    """Return what the actor's roles are called, the administrator's first."""
    names = [_("管理员")] if act.actor.is_admin else []
    for app in apps:
        names += [label(role.label) for role in app.roles.values() if role.code in act.actor.roles]
    return joined(dict.fromkeys(names))


def _groups(act: Act, app: App) -> Iterator[Group]:
    placed: set[str] = set()
    for menu in app.menus:
        placed.update(item.form for item in menu.items if item.form)
        items = tuple(_items(act, app, menu))
        if items:
            yield Group(label(menu.label), items)
    books = book_pages(act, app)
    if books:
        yield Group(_("核算"), books)
    flows = flow_pages(act, app)
    if flows:
        yield Group(_("流程"), flows)
    design = design_pages(act, app)
    if design:
        yield Group(_("设计"), design)
    # A form that stands in no menu (one made from a workbook, say) is found all the same.
    rest = tuple(entry_of_form(form) for form in visible_forms(act, app) if form.code not in placed)
    if rest:
        yield Group(_("其他"), rest)


def _items(act: Act, app: App, menu: MenuDef) -> Iterator[Entry]:
    for item in menu.items:
        form = app.forms.get(item.form or "")
        if form is not None and access.may(act.actor, "view", form):
            yield entry_of_form(form)
        elif item.page == "stock":
            yield from stock_pages(act, app)


def _stock_href(act: Act, app: App) -> str | None:
    return next((page.href for page in stock_pages(act, app)), None)


def _page(app: App, endpoint: str, text: str) -> Entry:
    href = url_for(f"screens.{endpoint}", app_code=app.code)
    return Entry(text, href, PAGE_ICONS[endpoint], _page_here() == endpoint)


def _page_here() -> str:
    here = (request.endpoint or "").removeprefix("screens.")
    return BELOW.get(here, here)


def _entry_of_app(app: App, current: App | None) -> Entry:
    href = url_for("screens.home", app_code=app.code)
    return Entry(label(app.label), href, APP_ICON, current is not None and app.code == current.code)
