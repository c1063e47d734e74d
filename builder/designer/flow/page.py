"""The page of a flow, the parts a change draws again, and what its scripts send."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, current_app, url_for

from builder import drafts
from builder.designer.flow.texts import flow_texts
from builder.designer.flow.view import Flow, flow_in, flow_view
from builder.designer.flow.words import LOOKS, offers
from builder.designer.ops import BODY, Change, overtaken, sent
from builder.designer.studio_frame import form_in, frame_of
from builder.designer.studio_problems import NO_FLOW
from builder.designer.studio_texts import studio_texts
from builder.drafts import Applied, Draft
from runtime.definitions.label import read_label
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Conflict, NotFound
from runtime.infra.users import User
from runtime.screens.acting import carry_out, reading
from runtime.screens.i18n import label
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.workflow import migration

Json = Mapping[str, Any]
NONE: Final = NO_FLOW
MOST_OPS: Final = 200


@permission("admin")
def form_flow(app_code: str, form_code: str, flow_code: str = "") -> Response:
    """Show the flow of a form in the designer: its approval, or the one that is asked for."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        form = form_in(draft, form_code)
        flow = flow_in(draft, form, "" if flow_code == NONE else flow_code)
        if flow is None and flow_code not in {"", NONE}:
            raise NotFound
        here = address(draft, form_code, flow)
        return render(
            "designer/flow.html",
            None,
            **_parts(draft, form, flow, users.everybody(act.connection)),
            offers=offers(),
            looks=LOOKS,
            flows=tuple(_siblings(draft, form, flow)),
            texts=studio_texts() | flow_texts(),
            here=here,
            can_try="designer.flow_simulation" in current_app.view_functions,
            runs=_runs(act, draft, flow),
            model={"base": here, "form": form_code, "app": app_code,
                   "flow": flow["code"] if flow else NONE,
                   "document": form.get("type") == "document"},
        )  # fmt: skip


@permission("admin")
def flow_canvas(app_code: str, form_code: str, flow_code: str) -> Response:
    """Draw the canvas again, after somebody else's change."""
    with reading() as act:
        return _answer(act, drafts.read(act, app_code), form_code, flow_code)


@permission("admin", body=BODY)
def flow_ops(app_code: str, form_code: str, flow_code: str) -> Response:
    """Carry out operations on the draft and draw what they changed."""
    given = sent()
    ops = given.get("ops")
    if not isinstance(ops, list) or not 0 < len(ops) <= MOST_OPS:
        raise BadRequest("form_incomplete")
    key = str(given.get("key", ""))

    def change(act: Act, app: str, rev: int) -> Applied:
        return drafts.apply(act, app, rev, ops, key=key)

    return _changed((app_code, form_code, flow_code), given, change)


@permission("admin", body=BODY)
def undo_flow(app_code: str, form_code: str, flow_code: str) -> Response:
    """Take the last change of the draft back."""
    return _changed((app_code, form_code, flow_code), sent(), drafts.undo)


@permission("admin", body=BODY)
def redo_flow(app_code: str, form_code: str, flow_code: str) -> Response:
    """Do the change again that was last taken back."""
    return _changed((app_code, form_code, flow_code), sent(), drafts.redo)


def _runs(act: Act, draft: Draft, flow: Json | None) -> int:
    """How many documents are under way in the flow."""
    return migration.running_in(act, draft.app_code, flow["code"]) if flow else 0


def address(draft: Draft, form_code: str, flow: Json | None) -> str:
    """Where the page of a flow is, and what its scripts add `/ops` and the like to."""
    return url_for(
        "designer.one_flow",
        app_code=draft.app_code,
        form_code=form_code,
        flow_code=flow["code"] if flow else NONE,
    )


def answer_of(draft: Draft, place: tuple[str, str], people: tuple[User, ...],
              created: tuple[str, ...] = ()) -> Response:  # fmt: skip
    """Return the parts of the page that a change changes; `place` is the form and the flow."""
    form = form_in(draft, place[0])
    flow = flow_in(draft, form, "" if place[1] == NONE else place[1])
    return render("designer/flow_answer.html", None, **_parts(draft, form, flow, people, created))


def _changed(place: tuple[str, str, str], given: Json, change: Change) -> Response:
    rev = given.get("base_rev")
    if not isinstance(rev, int) or isinstance(rev, bool):
        raise BadRequest("form_incomplete")
    app_code, form_code, flow_code = place
    people: list[User] = []

    def work(act: Act) -> Applied:
        done = change(act, app_code, rev)
        people.extend(users.everybody(act.connection))
        return done

    try:
        applied = carry_out(work)
    except Conflict as error:
        return overtaken(error)
    return answer_of(applied.draft, (form_code, flow_code), tuple(people), applied.created)


def _answer(act: Act, draft: Draft, form_code: str, flow_code: str) -> Response:
    return answer_of(draft, (form_code, flow_code), users.everybody(act.connection))


def _parts(
    draft: Draft,
    form: Json,
    flow: Json | None,
    people: tuple[User, ...],
    created: tuple[str, ...] = (),
) -> dict[str, Any]:
    view: Flow = flow_view(draft, form, flow, people)
    return {
        "frame": frame_of(draft, form["code"], "flow"),
        "v": _Created(created),
        "flow": view,
        "flow_json": flow,
        "form": form,
    }


class _Created:
    """What an operation made, where `studio_rev.html` looks for it."""

    def __init__(self, created: tuple[str, ...]) -> None:
        self.created = created


def _siblings(draft: Draft, form: Json, here: Json | None) -> list[tuple[str, str, bool]]:
    """The flows of a form: address, name, whether it is this one."""
    found = [each for each in draft.source.get("workflows", ()) if each["form"] == form["code"]]
    return [
        (
            address(draft, form["code"], each),
            label(read_label(each.get("label"), each["code"])),
            each is here,
        )
        for each in found
    ]
