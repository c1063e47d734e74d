"""A board: a lane for each option of a choice, each person, yes and no, or each state."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from runtime import query
from runtime.infra import users
from runtime.infra.act import Act
from runtime.kinds.options import option_label
from runtime.query import COUNT_CAP, Filter
from runtime.screens.form_fields import TONES
from runtime.screens.i18n import _, locale, number
from runtime.screens.lists.state import write_filter
from runtime.screens.lists_work.cards import STATUS, Card, Look, cards, page_of
from runtime.screens.statuses import STATUSES, status_text, status_tone

SHOWN: Final = 30
MOST_LANES: Final = 60


@dataclass(frozen=True)
class Lane:
    """One lane: its option, how many records it has, the first of them."""

    code: str
    label: str
    tone: str
    count: str
    cards: tuple[Card, ...]
    more: str


def board(act: Act, look: Look, _here: str) -> tuple[Lane, ...]:
    """Return the lanes from left to right."""
    return tuple(_lane(act, look, *told) for told in _lanes(act, look))


def _lanes(act: Act, look: Look) -> Iterator[tuple[str, str, str, Filter]]:
    """Each lane's code, name and colour, and the condition that puts a record there."""
    code = look.view.definition.lane
    if code == STATUS:
        for status in STATUSES:
            if status != "active":
                condition = Filter(STATUS, "any_of", (status,))
                yield status, status_text(status), status_tone(status), condition
        return
    kind = look.form.by_code[code].stored.kind
    if kind == "boolean":
        yield "true", _("是"), "ok", Filter(code, "is_true")
        yield "", _("否"), "plain", Filter(code, "is_false")
        return
    yield from _people(act, code) if kind == "user" else _options(look, code)
    yield "", _("未填"), "off", Filter(code, "empty")


def _people(act: Act, code: str) -> Iterator[tuple[str, str, str, Filter]]:
    for user in users.everybody(act.connection)[:MOST_LANES]:
        if not user.is_disabled:
            key = str(user.id)
            yield key, user.display_name or user.name, "plain", Filter(code, "any_of", (key,))


def _options(look: Look, code: str) -> Iterator[tuple[str, str, str, Filter]]:
    field = look.form.by_code[code]
    for option in field.stored_as.options["options"]:
        name = option_label(field.stored_as, option["code"], locale())
        tone = TONES.get(option.get("colour", ""), "plain")
        yield option["code"], name, tone, Filter(code, "any_of", (option["code"],))


def _lane(act: Act, look: Look, code: str, name: str, tone: str, condition: Filter) -> Lane:
    asked = replace(look.asked, filters=(*look.asked.filters, condition), size=SHOWN)
    lane = look.view.definition.lane
    extra = () if lane == STATUS else (lane,)
    page = page_of(act, look, asked, *extra)
    count = query.count(act, look.form, asked)
    more = f"{look.state.base}?f={write_filter(condition)}" if page.next else ""
    words = _("1 万以上") if count >= COUNT_CAP else number(count)
    return Lane(code, name, tone, words, tuple(cards(act, look, page, lane)), more)
