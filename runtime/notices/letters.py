"""A letter to one person: what waits for them and what they were told, with the rights of now.

A letter leads to a page that asks who is there, and decides nothing: whoever gets hold of it can
do nothing with it. Its words are read when it is sent, by what its reader may view at that moment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from runtime import access
from runtime.catalogue import Catalogue
from runtime.infra import clock, mail, mailboxes, notices, preferences, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.errors import NotFound
from runtime.infra.jobs import Job
from runtime.infra.mail import MailError
from runtime.infra.messages import message
from runtime.infra.notices import Notice, Place
from runtime.infra.strict_json import Json
from runtime.query.brief import briefs
from runtime.workflow import inbox
from runtime.workflow.inbox import InboxItem

MOST: Final = 20
# After so many seconds it is tried again; then the next thing that happens carries it along.
PAUSES: Final = (60, 300, 1800, 7200)
log: Final = structlog.get_logger("mail")


@dataclass(frozen=True)
class Line:
    """One thing a letter says, and the path that leads to it."""

    text: str
    path: str


@dataclass(frozen=True)
class Letter:
    """What one person is told; `up_to` is the moment it was read."""

    to: str
    locale: str
    tasks: tuple[Line, ...]
    news: tuple[Line, ...]
    up_to: datetime


def deliver(job: Job) -> Json:
    """Write to one person what came since the last letter; nothing where nothing did."""
    post, user_id = mail.post_of(job.settings), int(job.kwargs["user"])
    letter = None if post is None else _letter(job, user_id)
    if post is None or letter is None:
        return {"sent": False}
    subject, text = _words(letter, job.settings.public_url)
    try:
        mail.send(post, letter.to, subject, text)
    except MailError as error:
        return _failed(job, user_id, error)
    with job.transaction() as connection:
        mailboxes.written(Act(connection, SYSTEM, clock.now()), user_id, letter.up_to)
    return {"sent": True}


def _failed(job: Job, user_id: int, error: MailError) -> Json:
    tries = int(job.kwargs.get("tries", 0))
    log.warning("mail_not_sent", user=user_id, code=error.code, tries=tries)
    if not error.is_final and tries < len(PAUSES):
        with job.transaction() as connection:
            act = Act(connection, SYSTEM, clock.now())
            mailboxes.ask(act, [user_id], delay=PAUSES[tries], tries=tries + 1)
    return {"sent": False, "error": error.code}


def _letter(job: Job, user_id: int) -> Letter | None:
    with job.database.reading() as connection:
        user = users.find(connection, user_id)
        if user is None or user.is_disabled:
            return None
        act = Act(connection, user.actor("system"), clock.now())
        found = mailboxes.reader(preferences.chosen(act))
        if found is None:
            return None
        to, since = found
        locale = "en" if user.preferences.language == "en" else "zh"
        teller = _Teller(act, locale)
        tasks = [each for each in inbox.to_do(act, limit=1000) if each.opened_at > since]
        news = [each for each in notices.mine(act, is_unread=True) if each.at > since]
        if not tasks and not news:
            return None
        return Letter(
            to, locale, tuple(map(teller.task, tasks)), tuple(map(teller.news, news)), act.now
        )


@dataclass(frozen=True)
class _Teller:
    """Puts tasks and notices into their reader's words; who may not view hears no name."""

    act: Act
    locale: str

    def task(self, item: InboxItem) -> Line:
        what = self._name(Place(item.app, item.form, item.record_id))
        params = {"what": what or self.said("mail_hidden"), "step": self._label(item)}
        return Line(self.said("mail_task", params), f"/inbox?box=to_do&item={item.task_id}")

    def news(self, notice: Notice) -> Line:
        what = self._name(notice.place) if notice.place else ""
        if notice.place and not what:
            return Line(self.said("notice_gone"), "/notices")
        words = dict(notice.params) | ({"what": what} if notice.place else {})
        return Line(self.said(f"notice_{notice.kind.code}", words), "/notices")

    def said(self, code: str, params: Mapping[str, object] | None = None) -> str:
        return " ".join(message(code, params, self.locale).split())

    def _label(self, item: InboxItem) -> str:
        return item.step_label.text(self.locale)

    def _name(self, place: Place) -> str:
        try:
            form = Catalogue().form(self.act.connection, place.app, place.form)
        except NotFound:
            return ""
        if not access.may(self.act.actor, "view", form):
            return ""
        brief = briefs(self.act, form, [place.record_id]).get(place.record_id)
        return f"{form.label.text(self.locale)} {brief.title}" if brief else ""


def _words(letter: Letter, url: str) -> tuple[str, str]:
    """Return the subject and the text."""
    everything = (*letter.tasks, *letter.news)
    subject = everything[0].text
    if len(everything) > 1:
        both = ("mail_tasks", letter.tasks), ("mail_news", letter.news)
        said = [message(code, {"n": len(found)}, letter.locale) for code, found in both if found]
        subject = " · ".join(said)
    return subject, "\n".join(_lines(letter, url))


def _lines(letter: Letter, url: str) -> Iterator[str]:
    for heading, lines in (("mail_tasks", letter.tasks), ("mail_news", letter.news)):
        if not lines:
            continue
        yield message(heading, {"n": len(lines)}, letter.locale)
        yield ""
        for line in lines[:MOST]:
            yield f"· {line.text}"
            if url:
                yield f"  {url.rstrip('/')}{line.path}"
        if len(lines) > MOST:
            yield message("mail_more", {"n": len(lines) - MOST}, letter.locale)
        yield ""
    yield "-- "
    yield message("mail_foot", {}, letter.locale)
