"""What still stands in the way of publishing, how much was changed, and publishing itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, current_app, url_for

from builder import drafts
from builder.changes import numbers
from builder.designer.ops import sent
from builder.designer.studio import answer, view_of
from builder.designer.studio_frame import form_in
from builder.drafts import Draft, DraftProblem, Jump
from builder.drafts.flow_steps import spots
from runtime.catalogue import active_definition
from runtime.definitions.label import read_label
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest
from runtime.screens.acting import carry_out, reading
from runtime.screens.i18n import label, said
from runtime.screens.render import render
from runtime.screens.routes import permission

Json = Mapping[str, Any]
BODY: Final = 20_000
LONGEST_NOTE: Final = 200
MOST_SHOWN: Final = 100
# What stands in an address for the flow of a form that has none yet.
NO_FLOW: Final = "-"
# The room in which each side of an app is put right.
ROOMS: Final = {
    "form": "studio",
    "lists": "form_lists",
    "access": "form_access",
    "flow": "one_flow",
}


@dataclass(frozen=True)
class Shown:
    """A problem as it is listed: `path` on this page's canvas, else `href` of another room."""

    text: str
    where: str
    is_error: bool
    path: str = ""
    href: str = ""


@permission("admin")
def design_problems(app_code: str, form_code: str) -> Response:
    """List what is wrong with the draft, this form's problems first."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        form_in(draft, form_code)
        return listed(act, draft, ("form", form_code))


@permission("admin", body=BODY)
def publish_design(app_code: str, form_code: str) -> Response:
    """Publish the draft as this page shows it."""
    given = sent()
    (rev, note), role = asked_to_publish(given), given.get("as", "")

    def work(act: Act) -> Draft:
        drafts.publish(act, app_code, rev, note)
        return drafts.read(act, app_code)

    return answer(view_of(carry_out(work), form_code, str(role)))


def listed(act: Act, draft: Draft, here: tuple[str, str]) -> Response:
    """The problems of a draft, those of the page first; `here` is the room and what it shows."""
    room, shown = here
    found = sorted(
        drafts.problems(act, draft),
        key=lambda each: (
            each.severity != "error",
            (each.jump.flow if room == "flow" else each.jump.form) != shown,
        ),
    )
    errors = sum(each.severity == "error" for each in found)
    return render(
        "designer/studio_problems.html",
        None,
        shown=tuple(shown_problem(draft, here, each) for each in found[:MOST_SHOWN]),
        errors=errors,
        warnings=len(found) - errors,
        changes=changed_things(act, draft),
    )


def asked_to_publish(given: Json) -> tuple[int, str]:
    """The revision somebody wants to publish, and the note they wrote."""
    rev, note = given.get("base_rev"), given.get("note", "")
    if not isinstance(rev, int) or not isinstance(note, str):
        raise BadRequest("form_incomplete")
    return rev, note.strip()[:LONGEST_NOTE]


def changed_things(act: Act, draft: Draft) -> int:
    """How many things differ from what runs; of an app that never ran, everything is new."""
    if not draft.is_changed:
        return 0
    running = active_definition(act.connection, draft.app_code)
    return sum(numbers(running[0] if running else None, draft.source).values())


def shown_problem(draft: Draft, here: tuple[str, str], found: DraftProblem) -> Shown:
    """A problem as a page lists it; `here` is the room, and the form or flow it shows."""
    jump = found.jump
    at = jump.flow if here[0] == "flow" else jump.form
    is_here = (jump.tab, at) == here
    path = _path(jump)
    return Shown(
        text=said(found.code, found.params),
        where=" · ".join(_where(draft, jump)),
        is_error=found.severity == "error",
        path=path if is_here else "",
        href="" if is_here else _href(draft, jump, path),
    )


def _path(jump: Jump) -> str:
    if jump.step:
        return jump.step
    if jump.field:
        return f"{jump.lines}.{jump.field}" if jump.lines else jump.field
    return f"§{jump.section}" if jump.section else ""


def _href(draft: Draft, jump: Jump, path: str) -> str:
    endpoint = f"designer.{ROOMS.get(jump.tab, '')}"
    if not jump.form or draft.form(jump.form) is None:
        return ""
    if endpoint not in current_app.view_functions:
        endpoint = "designer.studio"
    flow: dict[str, Any] = {"flow_code": jump.flow or NO_FLOW} if jump.tab == "flow" else {}
    href = url_for(endpoint, app_code=draft.app_code, form_code=jump.form, **flow)
    return f"{href}#{path}" if path else href


def _where(draft: Draft, jump: Jump) -> Iterator[str]:
    form = draft.form(jump.form) if jump.form else None
    if form is None:
        return
    yield label(read_label(form.get("label"), str(form["code"])))
    fields = form.get("fields", ())
    if jump.lines:
        table = _named(fields, jump.lines)
        yield _called(table, jump.lines)
        fields = (table or {}).get("options", {}).get("fields", ())
    if jump.field:
        yield _called(_named(fields, jump.field), jump.field)
    if jump.section:
        yield _called(_named(form.get("sections", ()), jump.section), jump.section)
    if jump.step:
        yield _step_name(draft, jump)


def _step_name(draft: Draft, jump: Jump) -> str:
    for flow in draft.source.get("workflows", ()):
        for spot in spots(list(flow["steps"])) if flow["code"] == jump.flow else ():
            if spot.node["id"] == jump.step:
                return label(read_label(spot.node.get("label"), str(jump.step)))
    return str(jump.step)


def _named(members: Any, code: str) -> Json | None:
    return next((each for each in members if each.get("code") == code), None)


def _called(holder: Json | None, code: str) -> str:
    return label(read_label(holder.get("label"), code)) if holder else code
