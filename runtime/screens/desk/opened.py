"""What somebody had open last."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response

from runtime.infra import desk, notices
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.infra.notices import Place
from runtime.query.brief import Brief
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.i18n import instant
from runtime.screens.places import href_of, name_of, seen
from runtime.screens.routes import permission
from runtime.screens.statuses import status_text, status_tone


@dataclass(frozen=True)
class Feed:
    """One record in a list of a few."""

    href: str
    icon: str
    name: str
    amount: str
    note: str
    status: str
    tone: str


@permission("view")
def note_opening(app_code: str, form_code: str, record_id: int) -> Response:
    """Note that somebody looks at a record: it is among the last they opened, its notices read."""
    place = Place(app_code, form_code, record_id)
    with reading() as act:
        form_of(act, app_code, form_code)
        if place not in seen(act, [place]):
            raise NotFound
    carry_out(lambda act: _note(act, place))
    return Response(status=204)


def _note(act: Act, place: Place) -> None:
    desk.note_opened(act, place.app, place.form, place.record_id)
    notices.mark_place_read(act, place)


def last_opened(act: Act, limit: int, *, app: str = "") -> Iterator[Feed]:
    """Yield what the actor had open last and may still view."""
    found = [each for each in desk.opened(act, desk.KEPT) if not app or each.app == app]
    places = {Place(each.app, each.form, each.record_id): each.at for each in found}
    known = seen(act, places)
    shown = [place for place in places if place in known][:limit]
    for place in shown:
        yield feed_of(known[place], instant(places[place]))


def feed_of(brief: Brief, note: str) -> Feed:
    """Return a record as a line of a feed; master data has no state worth a word."""
    form = brief.form
    return Feed(
        href=href_of(Place(form.app_code, form.code, brief.id)),
        icon=form.icon,
        name=name_of(brief),
        amount=brief.amount if form.is_document else "",
        note=note,
        status=status_text(brief.status) if form.is_document else "",
        tone=status_tone(brief.status),
    )
