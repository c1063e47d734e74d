"""Records named from outside their form: by a notice, or as opened last."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from flask import url_for

from runtime import access
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.infra.notices import Place
from runtime.query.brief import Brief, briefs
from runtime.screens.acting import platform
from runtime.screens.i18n import label


def seen(act: Act, places: Iterable[Place]) -> Mapping[Place, Brief]:
    """Return those of the records that the actor may view now, without their anchors."""
    wanted: dict[tuple[str, str], set[int]] = defaultdict(set)
    for place in places:
        wanted[place.app, place.form].add(place.record_id)
    found: dict[Place, Brief] = {}
    for (app, code), ids in sorted(wanted.items()):
        form = visible_form(act, app, code)
        known = briefs(act, form, ids) if form is not None else {}
        found.update({Place(app, code, key): brief for key, brief in known.items()})
    return found


def visible_form(act: Act, app: str, code: str) -> Form | None:
    """Return a form if it is still there and the actor may view it."""
    try:
        form = platform().catalogue.form(act.connection, app, code)
    except NotFound:
        return None
    return form if access.may(act.actor, "view", form) else None


def href_of(place: Place) -> str:
    """Return the address of a record, at the part of its page that is meant."""
    return url_for(
        "screens.show_record",
        app_code=place.app,
        form_code=place.form,
        record_id=place.record_id,
        _anchor=place.anchor or None,
    )


def name_of(brief: Brief) -> str:
    """Return what people call a record: its form and its title."""
    return f"{label(brief.form.label)} {brief.title}"
