"""What the address of the audit page asks for."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from flask import request, url_for

from runtime.infra.audit_search import LONGEST_TEXT, Search
from runtime.infra.columns import is_key
from runtime.screens.acting import platform
from runtime.screens.i18n import zone

DAYS: Final = 30
SYSTEM: Final = "system"
NAMES: Final = ("who", "first", "last", "source", "action", "form", "field", "q")


def search() -> Search:
    """Return what is looked for; what cannot be read narrows nothing."""
    who, typed = _asked("who"), _asked("q")
    record = typed.removeprefix("#")
    is_record = typed.startswith("#") and is_number(record)
    last = day_of(_asked("last"))
    return Search(
        user_id=int(who) if is_number(who) else None,
        is_system=who == SYSTEM,
        since=_midnight(day_of(_asked("first")) or default_first()),
        until=_midnight(last + timedelta(days=1)) if last and last < date.max else None,
        source=_asked("source"),
        action=_asked("action"),
        form=_asked("form"),
        record_id=int(record) if is_record else None,
        field=_asked("field"),
        text="" if is_record else typed,
    )


def default_first() -> date:
    """Return the day from which on one looks unless one says otherwise."""
    return platform().clock().astimezone(zone()).date() - timedelta(days=DAYS)


def before() -> int | None:
    """Return the entry the page begins below."""
    typed = _asked("before")
    return int(typed) if is_number(typed) else None


def values() -> dict[str, str]:
    """Return what was asked for, as the boxes show it."""
    asked = {name: _asked(name) for name in NAMES}
    return {**asked, "first": (day_of(asked["first"]) or default_first()).isoformat()}


def address(endpoint: str, **more: str | int) -> str:
    """Return an address that asks for the same."""
    kept: dict[str, Any] = {name: value for name, value in values().items() if value}
    return url_for(endpoint, **{**kept, **more})


def day_of(text: str) -> date | None:
    """Return the day a text names, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_number(text: str) -> bool:
    """Say whether a text is a number that can be a key."""
    return text.isascii() and text.isdigit() and len(text) < 16 and is_key(int(text))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, zone())


def _asked(name: str) -> str:
    return request.args.get(name, "").strip()[:LONGEST_TEXT]
