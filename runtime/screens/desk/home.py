"""The workbench: what waits, what one has begun, what lies on the desk, the figures that matter."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from flask import Response, url_for

from runtime import access
from runtime.compile import App
from runtime.infra import desk, preferences, users
from runtime.infra.act import Act
from runtime.query.brief import Brief, recent
from runtime.screens.acting import app_of, reading
from runtime.screens.desk.figures import figures
from runtime.screens.desk.first_steps import first_steps
from runtime.screens.desk.opened import Feed, feed_of, last_opened
from runtime.screens.desk.preferences import FIRST_STEPS
from runtime.screens.i18n import _, instant, label, long_day, zone
from runtime.screens.inbox.items import items_started, items_to_do
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.screens.shell import Entry, app_of_page, visible_forms, visible_pins
from runtime.workflow import inbox as work

SHOWN: Final = 6
BEGUN: Final = 4
TILES: Final = 9


@permission("signed_in")
def home(app_code: str | None = None) -> Response:
    """Show the workbench of an app, or of the first one."""
    with reading() as act:
        app = app_of(act, app_code) if app_code else app_of_page(act)
        has_steps = preferences.chosen(act).get(FIRST_STEPS) != "off"
        latest = tuple(last_opened(act, SHOWN))
        creates = tuple(_creates(act, app)) if app else ()
        return render(
            "desk/home.html",
            greeting=_greeting(act.now.astimezone(zone()), act.actor.name),
            today=long_day(act.now.astimezone(zone()).date()),
            steps=tuple(first_steps(act, app)) if app and has_steps else (),
            figures=tuple(figures(act, app)),
            to_do=items_to_do(act, SHOWN),
            to_do_count=work.count_to_do(act),
            started=items_started(act, BEGUN),
            pins=visible_pins(act),
            # Who has opened nothing yet sees what others work on.
            has_opened=bool(latest),
            recent=latest or (tuple(_recent(act, app)) if app else ()),
            creates=creates,
            tiles=_tiles(act, creates),
        )


def _greeting(now: datetime, name: str) -> str:
    if now.hour < 5 or now.hour >= 18:
        return _("晚上好，%(name)s", name=name)
    if now.hour < 11:
        return _("早上好，%(name)s", name=name)
    if now.hour < 13:
        return _("中午好，%(name)s", name=name)
    return _("下午好，%(name)s", name=name)


def _recent(act: Act, app: App) -> Iterator[Feed]:
    found: list[Brief] = []
    for form in visible_forms(act, app):
        if form.is_document:
            found += recent(act, form, SHOWN)
    latest = sorted(found, key=lambda brief: brief.updated_at, reverse=True)[:SHOWN]
    names = users.names(act.connection, [b.created_by for b in latest if b.created_by])
    for brief in latest:
        person = names.get(brief.created_by or 0, "")
        yield feed_of(brief, " · ".join(filter(None, (person, instant(brief.updated_at)))))


def _tiles(act: Act, creates: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The forms somebody fills in most lately, then the others; a few of them."""
    lately = [f"/{each.app}/{each.form}/new" for each in desk.opened(act, desk.KEPT)]
    order = {ending: place for place, ending in reversed(list(enumerate(lately)))}

    def place(entry: Entry) -> int:
        return next((at for ending, at in order.items() if entry.href.endswith(ending)), len(order))

    return tuple(sorted(creates, key=place)[:TILES])


def _creates(act: Act, app: App) -> Iterator[Entry]:
    for form in app.forms.values():
        if form.is_document and access.may(act.actor, "create", form):
            href = url_for("screens.new_record", app_code=app.code, form_code=form.code)
            yield Entry(label(form.label), href, form.icon)
