"""What the palette finds among records and people; every record through the rights of its form."""

from collections.abc import Iterator
from typing import Final

from flask import url_for

from runtime import query
from runtime.compile import Form
from runtime.infra import desk, users
from runtime.infra.act import Act
from runtime.query import Filter, PageRequest
from runtime.query.brief import briefs
from runtime.query.search import search_text
from runtime.screens.desk.opened import feed_of, last_opened
from runtime.screens.desk.options import Option, option
from runtime.screens.i18n import _, label
from runtime.screens.lists.state import write_filter
from runtime.screens.shell import apps_of, visible_forms, visible_pins

OPENED: Final = 6
EACH: Final = 5
PEOPLE: Final = 8
ROOM: Final = 40


def opened(act: Act) -> Iterator[Option]:
    """Yield what the actor had open last."""
    for feed in last_opened(act, OPENED):
        yield option(_("最近打开"), feed.name, feed.note, feed.icon, feed.href)


def pinned(act: Act) -> Iterator[Option]:
    """Yield the actor's shortcuts."""
    for pin in visible_pins(act):
        yield option(_("快捷入口"), pin.label, "", "pin", pin.href)


def named(act: Act, text: str) -> Iterator[Option]:
    """Yield the records a number, a name or pinyin initials mean; forms opened last come first."""
    if not text.strip():
        yield from opened(act)
        return
    for form in _forms(act):
        page = query.page(act, form, PageRequest(search=text, size=EACH))
        known = briefs(act, form, [row.id for row in page.rows])
        for row in page.rows:
            if row.id in known:
                feed = feed_of(known[row.id], "")
                note = " · ".join(filter(None, (feed.amount, feed.status)))
                yield option(label(form.label), known[row.id].title, note, form.icon, feed.href)


def of_people(act: Act, words: list[str]) -> Iterator[Option]:
    """Yield, for each person who fits, the documents they make, form by form."""
    fitting = [
        (user, spelled)
        for user in users.everybody(act.connection)
        for spelled in (search_text((user.display_name, user.name)).lower(),)
        if all(word in spelled for word in words)
    ][:PEOPLE]
    documents = [form for form in _forms(act) if form.is_document]
    for user, spelled in fitting:
        # One person's forms all fit below each other; of many people there is room for a few.
        for form in documents[: max(ROOM // len(fitting), 3)]:
            title = _("%(who)s 的%(what)s", who=user.display_name, what=label(form.label))
            href = _made_by(form, user.id)
            yield Option(user.display_name, title, "", form.icon, href, spelled)


def _made_by(form: Form, user_id: int) -> str:
    wanted = write_filter(Filter("created_by", "any_of", (str(user_id),)))
    return url_for("screens.list_records", app_code=form.app_code, form_code=form.code, f=wanted)


def _forms(act: Act) -> tuple[Form, ...]:
    """Every form the actor may view, those they had open last first."""
    order: dict[tuple[str, str], int] = {}
    for each in desk.opened(act, desk.KEPT):
        order.setdefault((each.app, each.form), len(order))
    forms = [form for app in apps_of(act) for form in visible_forms(act, app)]
    return tuple(sorted(forms, key=lambda form: order.get((form.app_code, form.code), len(order))))
