"""The views of a form: the list on the tab of lists, and the sheet that draws one up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request

from builder import drafts
from builder.designer.draft_app import app_of_draft
from builder.designer.studio_frame import form_in
from builder.designer.view_fields import FNS, Asked, Shown, as_json, asked_fields, shown_fields
from builder.designer.view_words import ICONS, facts, fn_words, type_words
from builder.drafts import Draft
from runtime.definitions.label import read_label
from runtime.infra.errors import NotFound
from runtime.query.spans import COUNTED
from runtime.query.where import STATUS
from runtime.screens.acting import reading
from runtime.screens.i18n import _, label
from runtime.screens.lists.words import NO_VALUE, span_words
from runtime.screens.render import render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
# What each kind of view is drawn by, and the kinds of fields that will do.
DATES: Final = frozenset({"date", "datetime"})
LANES: Final = frozenset({"choice", "boolean", "user"})
COVERS: Final = frozenset({"image", "attachment"})
_EMPTY: Final[Json] = {"code": "", "label": "", "type": "list"}


@dataclass(frozen=True)
class ViewCard:
    """One view as the tab lists it."""

    at: int
    name: str
    icon: str
    type: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Places:
    """Which fields can place a record in a calendar, on a board, in a gallery, and call it."""

    dates: tuple[Shown, ...]
    lanes: tuple[Shown, ...]
    covers: tuple[Shown, ...]
    titles: tuple[Shown, ...]


def view_cards(draft: Draft, form: Json) -> Iterator[ViewCard]:
    """Yield the views of a form in the order they are offered."""
    known = _known(draft, form)
    for at, view in enumerate(form.get("views", ())):
        kind = view.get("type", "list")
        name = label(read_label(view.get("label"), view["code"]))
        told = tuple(facts(draft.source, view, known))
        yield ViewCard(at, name, ICONS[kind], type_words()[kind], told)


@permission("admin")
def edit_view(app_code: str, form_code: str) -> Response:
    """Show the sheet of a view (`?at=` its place; without one, of a new view)."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        form = form_in(draft, form_code)
        views = list(form.get("views", ()))
        at = request.args.get("at", type=int)
        if at is not None and not 0 <= at < len(views):
            raise NotFound
        view = views[at] if at is not None else _EMPTY
        shown = _shown(draft, form)
        return render(
            "designer/view.html",
            None,
            at="" if at is None else at,
            view=view,
            views=views,
            form=form,
            names=_names(view),
            types=type_words(),
            icons=ICONS,
            shown=shown,
            sorts=tuple(each for each in shown if each.sorts),
            places=_places(form, shown),
            fns=fn_words(),
            roles=_roles(draft.source),
            model={
                "asked": as_json(tuple(_known(draft, form).values())),
                "shown": [{"code": each.code, "label": each.label, "fns": _fns(each)}
                          for each in shown],
                "spans": list(span_words().items()),
                "counted": sorted(COUNTED),
                "bare": sorted(NO_VALUE),
                "where": view.get("where") or {},
                "fnTexts": fn_words(),
            },
        )  # fmt: skip


def _known(draft: Draft, form: Json) -> dict[str, Asked]:
    return {each.path: each for each in asked_fields(app_of_draft(draft), form["code"])}


def _shown(draft: Draft, form: Json) -> tuple[Shown, ...]:
    app = app_of_draft(draft)
    compiled = app.forms.get(form["code"]) if app else None
    return tuple(shown_fields(compiled)) if compiled else ()


def _fns(shown: Shown) -> list[str]:
    return [fn for fn in FNS if fn in shown.fns]


def _places(form: Json, shown: tuple[Shown, ...]) -> Places:
    own = {field["code"] for field in form["fields"]}
    of_form = [each for each in shown if each.code in own]
    lanes = [each for each in of_form if each.kind in LANES]
    if form.get("type") == "document":
        lanes.insert(0, Shown(STATUS, _("状态"), STATUS, sorts=False))
    return Places(
        dates=tuple(each for each in of_form if each.kind in DATES),
        lanes=tuple(lanes),
        covers=tuple(each for each in of_form if each.kind in COVERS),
        titles=tuple(each for each in of_form if each.kind not in COVERS),
    )


def _names(view: Json) -> tuple[str, str]:
    known = read_label(view.get("label") or "", "")
    return known.zh, known.en


def _roles(source: Json) -> tuple[tuple[str, str], ...]:
    return tuple(
        (each["code"], label(each.get("label")) or each["code"]) for each in source.get("roles", ())
    )
