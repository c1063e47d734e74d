"""Pictures: each record with its cover."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from flask import request, url_for

from runtime.infra import files
from runtime.infra.act import Act
from runtime.screens.lists_work.cards import Card, Look, cards, page_of

SHOWN: Final = 48


@dataclass(frozen=True)
class Pictures:
    """A page of cards and the way on."""

    cards: tuple[Card, ...]
    next: str
    previous: str


def pictures(act: Act, look: Look, here: str) -> Pictures:
    """Return one page of records with their covers."""
    cover = look.view.definition.cover
    place = {name: request.args.get(name, "")[:2000] for name in ("after", "before")}
    asked = replace(look.asked, size=SHOWN, after=place["after"], before=place["before"])
    page = page_of(act, look, asked, cover)
    first = {row.id: (row.values.get(cover) or (None,))[0] for row in page.rows}
    known = {
        file.id
        for file in files.several(act.connection, [key for key in first.values() if key])
        if file.media_type in files.PICTURE_TYPES
    }
    drawn = tuple(
        replace(card, picture=_picture(first[card.id]) if first[card.id] in known else "")
        for card in cards(act, look, page, cover)
    )
    return Pictures(
        drawn, _href(look, here, after=page.next), _href(look, here, before=page.previous)
    )


def _picture(file_id: int | None) -> str:
    return url_for("screens.show_picture", file_id=file_id)


def _href(look: Look, here: str, **place: str) -> str:
    pairs = [*look.state.pairs, *((name, value) for name, value in place.items() if value)]
    pairs += [("q", look.state.search)] if look.state.search else []
    return f"{here}?{urlencode(pairs)}" if any(place.values()) else ""
