"""Which language a person reads, and how figures, days and instants look in it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import support
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from flask_babel import (  # type: ignore[import-untyped]
    Babel,
    Domain,
    format_date,
    get_translations,
    gettext,
    ngettext,
)

from runtime.infra.messages import message, message_here
from runtime.infra.users import Preferences
from runtime.screens.acting import platform

# What a person may choose; the first is the source language of every text.
LOCALES: Final = ("zh", "en")
SOURCE: Final = LOCALES[0]
LANGUAGE_TAGS: Final = {"zh": "zh-CN", "en": "en"}
BABEL_LOCALES: Final = {"zh": "zh_Hans_CN", "en": "en"}
MINUS: Final = "−"


class Texts(Domain):  # type: ignore[misc]
    """The translations, read from the .po files themselves: no compiled file to forget."""

    def __init__(self, folder: Path) -> None:
        super().__init__(domain="messages")
        self._folder = folder
        self._known: dict[str, support.NullTranslations] = {}

    def get_translations(self) -> support.NullTranslations:
        """Return the texts of the reader's language; Chinese is the source and needs none."""
        language = locale() if has_request_context() else LOCALES[0]
        if language not in self._known:
            self._known[language] = self._read(language)
        return self._known[language]

    def _read(self, language: str) -> support.NullTranslations:
        if language == LOCALES[0]:
            return support.NullTranslations()
        path = self._folder / language / "LC_MESSAGES" / "messages.po"
        compiled = BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=language))
        compiled.seek(0)
        return support.Translations(compiled)


def init_app(app: Flask) -> None:
    """Teach the templates the language of the reader."""
    babel = Babel(
        app,
        default_locale="zh_Hans_CN",
        default_timezone="UTC",
        locale_selector=lambda: BABEL_LOCALES[locale()],
    )
    babel.domain_instance = Texts(Path(app.root_path) / "locale")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _translated, ngettext, newstyle=True
    )
    app.jinja_env.filters.update(
        label=label, money=money, number=number, day=day, instant=instant, iso=iso, said=said
    )


def _(text: str, **params: object) -> str:
    """Return a text in the reader's language, its `%(name)s` filled."""
    if locale() == SOURCE:
        return text % params if params else text
    return str(gettext(text, **params))


def _translated(text: str) -> str:
    """Return a text of a template; the template fills it, and escapes what it fills in."""
    return text if locale() == SOURCE else str(get_translations().ugettext(text))


def long_day(value: date) -> str:
    """Return a day with its weekday: 2026 年 11 月 21 日 星期六."""
    return str(format_date(value, "full" if locale() == "en" else "y 年 M 月 d 日 EEEE"))


def locale() -> str:
    """Return the reader's language: chosen, else asked for by the browser, else Chinese."""
    if not has_request_context():
        return SOURCE
    chosen = preferences().language
    return chosen if chosen in LOCALES else _asked_for()


def _asked_for() -> str:
    """Return what the browser asks for; a page asks hundreds of times, so it is kept."""
    found: str | None = g.get("asked_locale")
    if found is None:
        cookie = request.cookies.get("language", "")
        best = request.accept_languages.best_match(LOCALES, SOURCE) or SOURCE
        found = g.asked_locale = cookie if cookie in LOCALES else best
    return found


def today() -> str:
    """Return today's date where the company is, for boxes that read `+7`."""
    return platform().clock().astimezone(zone()).date().isoformat()


def preferences() -> Preferences:
    """Return how the reader wants to see things; a visitor has the defaults."""
    found: Preferences | None = g.get("preferences")
    return found or Preferences()


def zone() -> tzinfo:
    """Return the time zone instants are shown in."""
    return ZoneInfo(platform().settings.zone)


def label(value: Any) -> str:
    """Return a definition's label in the reader's language."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return str(value.get(locale()) or next(iter(value.values()), ""))
    return str(value.text(locale()))


def joined(words: Iterable[str]) -> str:
    """Return several words as one text: 甲、乙 or A, B."""
    return (", " if locale() == "en" else "、").join(words)


def sentences(texts: Iterable[str]) -> str:
    """Return several statements as one text."""
    return ("; " if locale() == "en" else "；").join(texts)


def said(code: str, params: Mapping[str, Any] | None = None) -> str:
    """Return the text of an error code in the reader's language."""
    return message(code, params, locale())


def said_here(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The text of a message code beside the line it is about."""
    return message_here(code, params, locale())


def money(value: Decimal | None, places: int = 2) -> str:
    """Return an amount with its places and thousands marked, and a real minus sign."""
    if value is None:
        return ""
    return f"{value:,.{places}f}".replace("-", MINUS)


def number(value: Decimal | int | None) -> str:
    """Return a quantity with no more places than it has."""
    if value is None:
        return ""
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS) if text != "-0" else "0"


def day(value: date | None) -> str:
    """Return a calendar date as it is written in a document."""
    return value.isoformat() if value else ""


def iso(value: datetime | date | None) -> str:
    """Return the machine's spelling of an instant or a day, for `<time datetime>`."""
    return value.isoformat() if value else ""


def instant(value: datetime | None) -> str:
    """Return an instant the way people say it: 刚刚, 12 分钟前, 今天 14:32, 11-20 09:10."""
    if value is None:
        return ""
    now, here = platform().clock(), zone()
    minutes = int((now - value.astimezone(UTC)).total_seconds() // 60)
    there, today = value.astimezone(here), now.astimezone(here).date()
    if 0 <= minutes < 1:
        return _("刚刚")
    if 0 <= minutes < 60:
        return str(ngettext("%(num)s 分钟前", "%(num)s 分钟前", minutes))
    clock = there.strftime("%H:%M")
    if there.date() == today:
        return _("今天 %(clock)s", clock=clock)
    if (today - there.date()).days == 1:
        return _("昨天 %(clock)s", clock=clock)
    if there.year == today.year:
        return there.strftime("%m-%d %H:%M")
    return there.strftime("%Y-%m-%d")
