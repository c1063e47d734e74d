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
# The room in which each side of an app is put right.
ROOMS: Final = {"form": "studio", "lists": "form_lists", "access": "form_access"}


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
        found = sorted(
            drafts.problems(act, draft),
            key=lambda each: (each.severity != "error", each.jump.form != form_code),
        )
        errors = sum(each.severity == "error" for each in found)
        return render(
            "designer/studio_problems.html",
            None,
            shown=tuple(_shown(draft, form_code, each) for each in found[:MOST_SHOWN]),
            errors=errors,
            warnings=len(found) - errors,
            changes=_changes(act, draft),
        )


@permission("admin", body=BODY)
def publish_design(app_code: str, form_code: str) -> Response:
    """Publish the draft as this page shows it."""
    given = sent()
    rev, note, role = given.get("base_rev"), given.get("note", ""), given.get("as", "")
    if not isinstance(rev, int) or not isinstance(note, str):
        raise BadRequest("form_incomplete")

    def work(act: Act) -> Draft:
        drafts.publish(act, app_code, rev, note.strip()[:LONGEST_NOTE])
        return drafts.read(act, app_code)

    return answer(view_of(carry_out(work), form_code, str(role)))


def _changes(act: Act, draft: Draft) -> int:
    """How many things differ from what runs; of an app that never ran, everything is new."""
    if not draft.is_changed:
        return 0
    running = active_definition(act.connection, draft.app_code)
    return sum(numbers(running[0] if running else None, draft.source).values())


def _shown(draft: Draft, form_code: str, found: DraftProblem) -> Shown:
    jump = found.jump
    is_here = jump.form == form_code and jump.tab == "form"
    path = _path(jump)
    return Shown(
        text=said(found.code, found.params),
        where=" · ".join(_where(draft, jump)),
        is_error=found.severity == "error",
        path=path if is_here else "",
        href="" if is_here else _href(draft, jump, path),
    )


def _path(jump: Jump) -> str:
    if jump.field:
        return f"{jump.lines}.{jump.field}" if jump.lines else jump.field
    return f"§{jump.section}" if jump.section else ""


def _href(draft: Draft, jump: Jump, path: str) -> str:
    endpoint = f"designer.{ROOMS.get(jump.tab, '')}"
    if not jump.form or draft.form(jump.form) is None:
        return ""
    if endpoint not in current_app.view_functions:
        endpoint = "designer.studio"
    href = url_for(endpoint, app_code=draft.app_code, form_code=jump.form)
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


def _named(members: Any, code: str) -> Json | None:
    return next((each for each in members if each.get("code") == code), None)


def _called(holder: Json | None, code: str) -> str:
    return label(read_label(holder.get("label"), code)) if holder else code
