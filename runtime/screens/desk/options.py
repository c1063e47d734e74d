"""What the palette offers besides records: places to go, things to begin, things to set."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import url_for

from runtime import access
from runtime.infra.act import Act
from runtime.query.search import search_text
from runtime.screens.i18n import _, label
from runtime.screens.shell import apps_of, book_pages, design_pages, stock_pages, visible_forms


@dataclass(frozen=True)
class Option:
    """One thing to jump to or do; `words` is what it is found by.

    `deed` is the number of a button of the present page, which is pressed instead of an address.
    """

    group: str
    label: str
    note: str
    icon: str
    href: str
    words: str
    deed: int | None = None


def option(group: str, title: str, note: str, icon: str, href: str, code: str = "") -> Option:
    """Return an option that is found by its title, its note and its code."""
    return Option(group, title, note, icon, href, search_text((title, note, code)).lower())


def of_page(here: Iterable[str]) -> Iterator[Option]:
    """Yield the buttons of the page one is on, as they were sent."""
    for number, text in enumerate(here):
        words = search_text((text,)).lower()
        yield Option(_("这一页"), text, "", "click", "", words, number)


def to_go(act: Act) -> Iterator[Option]:
    """Yield every page and list the actor may see."""
    jump = _("跳转")
    yield option(jump, _("工作台"), "", "layout-dashboard", url_for("screens.home"))
    yield option(jump, _("待我处理"), "", "checklist", url_for("screens.inbox"))
    yield option(jump, _("通知"), "", "bell", url_for("screens.notices"))
    yield option(jump, _("扫描"), "", "scan", url_for("screens.scan"))
    for app in apps_of(act):
        name = label(app.label)
        for page in (*stock_pages(act, app), *book_pages(act, app), *design_pages(act, app)):
            yield option(jump, page.label, name, page.icon, page.href)
        if any(access.may(act.actor, "import", form) for form in visible_forms(act, app)):
            href = url_for("screens.new_import", app_code=app.code)
            yield option(jump, _("导入 Excel"), name, "file-upload", href, "import excel")
        for form in visible_forms(act, app):
            href = url_for("screens.list_records", app_code=app.code, form_code=form.code)
            yield option(jump, label(form.label), name, form.icon, href, form.code)


def to_begin(act: Act) -> Iterator[Option]:
    """Yield every form the actor may fill in."""
    for app in apps_of(act):
        for form in visible_forms(act, app):
            if access.may(act.actor, "create", form):
                href = url_for("screens.new_record", app_code=app.code, form_code=form.code)
                title = _("新建%(what)s", what=label(form.label))
                yield option(_("新建"), title, label(app.label), "plus", href, form.code)


def to_set() -> Iterator[Option]:
    """Yield where things are set."""
    yield option(_("设置"), _("设置"), "", "settings", url_for("screens.preferences"))
