"""The page where a form is designed: library, canvas, properties; and its fragments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request, url_for

from builder import drafts
from builder.designer.canvas import Canvas, canvas_of, roles_of
from builder.designer.canvas_fields import kind_text
from builder.designer.kind_words import kind_icon
from builder.designer.palette import Shelf, shelves
from builder.designer.studio_access import Asked, asked_of
from builder.designer.studio_frame import Frame, form_in, frame_of
from builder.designer.studio_texts import studio_texts
from builder.drafts import Draft, Removed
from runtime.screens.acting import reading
from runtime.screens.i18n import label
from runtime.screens.render import render
from runtime.screens.routes import permission


@dataclass(frozen=True)
class Trace:
    """Something in the recycle bin."""

    form: str
    field_id: str
    label: str
    kind_label: str
    icon: str
    by: str
    at: str
    lines: str


@dataclass(frozen=True)
class View:
    """What `studio.html` draws; answers to operations draw parts of it."""

    frame: Frame
    canvas: Canvas
    shelves: tuple[Shelf, ...]
    roles: tuple[tuple[str, str], ...]
    bin: tuple[Trace, ...]
    model: Mapping[str, Any]
    created: tuple[str, ...] = ()
    preview_href: str = ""
    asked: Asked = field(default_factory=Asked)


@permission("admin")
def studio(app_code: str, form_code: str) -> Response:
    """Show a form in the designer."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        view = view_of(draft, form_code, request.args.get("as", ""))
        return render("designer/studio.html", None, v=view, frame=view.frame, texts=studio_texts())


@permission("admin")
def canvas(app_code: str, form_code: str) -> Response:
    """Draw the canvas again: through other eyes, or after somebody else's change."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        return answer(view_of(draft, form_code, request.args.get("as", "")))


def view_of(draft: Draft, form_code: str, role: str = "", created: tuple[str, ...] = ()) -> View:
    """Put together what is drawn of a form."""
    form = form_in(draft, form_code)
    frame = frame_of(draft, form_code)
    return View(
        frame=frame,
        canvas=canvas_of(draft.source, form, role),
        shelves=shelves(),
        roles=tuple(roles_of(draft.source)),
        bin=tuple(_trace(each) for each in reversed(draft.removed) if _is_of(each, form_code)),
        model={"base": frame.base, "form": form_code, "app": draft.app_code},
        created=created,
        preview_href=_preview(draft, form_code, role),
        asked=asked_of(draft, form),
    )


def _preview(draft: Draft, form_code: str, role: str) -> str:
    seen: dict[str, Any] = {"as": role} if role else {}
    return url_for("designer.preview_design", app_code=draft.app_code, form_code=form_code, **seen)


def answer(view: View) -> Response:
    """Return the parts of the page that a change changes."""
    return render("designer/studio_answer.html", None, v=view, frame=view.frame)


def _is_of(removed: Removed, form_code: str) -> bool:
    return removed.kind == "field" and removed.form == form_code


def _trace(removed: Removed) -> Trace:
    kind = str(removed.source.get("kind", ""))
    return Trace(
        form=removed.form,
        field_id=removed.id,
        label=label(removed.label),
        kind_label=kind_text(kind),
        icon=kind_icon(kind),
        by=removed.by,
        at=removed.at,
        lines=removed.lines or "",
    )
