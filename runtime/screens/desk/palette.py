"""Ctrl K: pages, forms and new documents by name, code or pinyin initials."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, request, url_for

from runtime import access
from runtime.infra.act import Act
from runtime.query.search import search_text
from runtime.screens.acting import reading
from runtime.screens.i18n import _, label
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.shell import apps_of, book_pages, design_pages, stock_pages, visible_forms


@dataclass(frozen=True)
class Option:
    """One thing to jump to or begin; `words` is what it is found by."""

    group: str
    label: str
    note: str
    icon: str
    href: str
    words: str


@permission("signed_in")
def palette() -> Response:
    """Answer what fits the typed words, grouped."""
    wanted = request.args.get("q", "").lower().split()[:8]
    with reading() as act:
        found = [option for option in _options(act) if all(word in option.words for word in wanted)]
        groups: dict[str, list[Option]] = {}
        for option in found[:40]:
            groups.setdefault(option.group, []).append(option)
        return render("desk/palette.html", "options", groups=groups, asked=" ".join(wanted))


def _options(act: Act) -> Iterator[Option]:
    jump, new = _("跳转"), _("新建")
    yield _option(jump, _("工作台"), "", "layout-dashboard", url_for("screens.home"))
    yield _option(jump, _("待我处理"), "", "checklist", url_for("screens.inbox"))
    for app in apps_of(act):
        name = label(app.label)
        for page in (*stock_pages(act, app), *book_pages(act, app), *design_pages(act, app)):
            yield _option(jump, page.label, name, page.icon, page.href)
        if any(access.may(act.actor, "import", form) for form in visible_forms(act, app)):
            href = url_for("screens.new_import", app_code=app.code)
            yield _option(jump, _("导入 Excel"), name, "file-upload", href, "import excel")
        for form in visible_forms(act, app):
            href = url_for("screens.list_records", app_code=app.code, form_code=form.code)
            yield _option(jump, label(form.label), name, form.icon, href, form.code)
        for form in visible_forms(act, app):
            if access.may(act.actor, "create", form):
                href = url_for("screens.new_record", app_code=app.code, form_code=form.code)
                title = _("新建%(what)s", what=label(form.label))
                yield _option(new, title, name, "plus", href, form.code)
    yield _option(_("设置"), _("设置"), "", "settings", url_for("screens.preferences"))


def _option(group: str, title: str, note: str, icon: str, href: str, code: str = "") -> Option:
    return Option(group, title, note, icon, href, search_text((title, note, code)))
