"""The frame round a page: apps, navigation, the person, what waits for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import g, request, url_for

from runtime import access
from runtime.compile import App, Form
from runtime.definitions import MenuDef
from runtime.infra.act import Act
from runtime.screens.acting import platform, reading
from runtime.screens.i18n import _, joined, label
from runtime.workflow import inbox

PAGE_ICONS: Final = {"stock": "packages"}
APP_ICON: Final = "building-warehouse"


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


@dataclass(frozen=True)
class Shell:
    """What `_shell.html` draws."""

    title: str
    icon: str
    apps: tuple[Entry, ...]
    groups: tuple[Group, ...]
    inbox_count: int
    person: str
    roles: str
    stock_href: str | None


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


def may_see_stock(act: Act, app: App) -> bool:
    """Say whether stock is the actor's business: they see some document that moves it."""
    return any(form.posting for form in visible_forms(act, app))


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
    apps = apps_of(act)
    app = _app_of_page(apps)
    groups = tuple(_groups(act, app)) if app else ()
    return Shell(
        title=label(app.label) if app else _("搭建"),
        icon=APP_ICON,
        apps=tuple(_entry_of_app(each, app) for each in apps),
        groups=groups,
        inbox_count=inbox.count_to_do(act),
        person=act.actor.name,
        roles=role_names(act, apps),
        stock_href=_stock(app).href if app and may_see_stock(act, app) else None,
    )


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
    # A form that stands in no menu (one made from a workbook, say) is found all the same.
    rest = tuple(entry_of_form(form) for form in visible_forms(act, app) if form.code not in placed)
    if rest:
        yield Group(_("其他"), rest)


def _items(act: Act, app: App, menu: MenuDef) -> Iterator[Entry]:
    for item in menu.items:
        form = app.forms.get(item.form or "")
        if form is not None and access.may(act.actor, "view", form):
            yield entry_of_form(form)
        elif item.page == "stock" and may_see_stock(act, app):
            yield _stock(app)


def _stock(app: App) -> Entry:
    href = url_for("screens.stock", app_code=app.code)
    is_current = (request.endpoint or "").startswith("screens.stock")
    return Entry(_("库存"), href, PAGE_ICONS["stock"], is_current)


def _entry_of_app(app: App, current: App | None) -> Entry:
    href = url_for("screens.home", app_code=app.code)
    return Entry(label(app.label), href, APP_ICON, current is not None and app.code == current.code)
