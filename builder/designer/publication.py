"""Publishing, asked before it is done: what changes for people, for the tables, what forbids it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.changes import changes
from builder.designer.change_groups import change_groups
from builder.designer.overview import draft_of
from builder.plan import plan
from builder.plan_words import plan_words
from builder.publish import Published
from builder.running import UnderWay, under_way
from runtime.catalogue import active_definition
from runtime.compile import compile_app
from runtime.definitions import load_app
from runtime.definitions.label import read_label
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, ValidationFailed
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import label, number, said
from runtime.screens.render import render
from runtime.screens.routes import permission

LONGEST_NOTE: Final = 200
# The problem that somebody may agree to.
LOSES: Final = "retype_loses"
_LONGEST_COUNT: Final = 12
# The tabs of the form designer, by what a problem belongs to.
IN_STUDIO: Final = frozenset({"form", "lists", "access", "flow"})


@dataclass(frozen=True)
class Found:
    """A problem in words, and where it is put right."""

    text: str
    href: str
    is_error: bool


@dataclass(frozen=True)
class Loss:
    """Values that would not be there any more; somebody has to agree to their number."""

    box: str
    text: str


@dataclass(frozen=True)
class Consequences:
    """What publishing does to the data: what forbids it, what is done, what is lost."""

    refused: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    runs: tuple[UnderWay, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of publishing: the version that runs now, and the job that computes again."""

    version: int
    rows: str
    job_href: str


@permission("admin")
def publication(app_code: str) -> Response:
    """Show what publishing the draft would do."""
    return _page(app_code)


@permission("admin")
def publish_draft(app_code: str) -> AnyResponse:
    """Publish the draft as it was seen; refused, nothing changed and the page says why."""
    base = request.form.get("rev", type=int)
    if base is None:
        raise BadRequest("form_incomplete")
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    confirmed = dict(_confirmed(request.form.getlist("lose")))
    try:
        done = carry_out(lambda act: drafts.publish(act, app_code, base, note, confirmed=confirmed))
    except AppError as error:
        return _page(app_code, refusal=tuple(texts(error)), note=note, status=error.status)
    return _page(app_code, outcome=_outcome(done))


def found_problems(draft: drafts.Draft, problems: tuple[drafts.DraftProblem, ...]) -> list[Found]:
    """Problems in the reader's language with their places, what forbids publishing first."""
    ordered = sorted(problems, key=lambda each: each.severity != "error")
    return [
        Found(said(each.code, each.params), _href(draft, each.jump), each.severity == "error")
        for each in ordered
    ]


def _href(draft: drafts.Draft, jump: drafts.Jump) -> str:
    if jump.form is None or jump.tab not in IN_STUDIO or draft.form(jump.form) is None:
        return url_for("designer.overview", app_code=draft.app_code)
    path = f"{jump.lines}.{jump.field}" if jump.lines and jump.field else jump.field
    return url_for(
        "designer.studio",
        app_code=draft.app_code,
        form_code=jump.form,
        tab=jump.tab if jump.tab != "form" else None,
        select=path or jump.section,
    )


def _confirmed(boxes: Iterable[str]) -> Iterator[tuple[str, int]]:
    """What somebody agreed to lose: `delivery.lines.price=13`."""
    for box in boxes:
        path, _sign, count = box.partition("=")
        if not count.isdecimal() or len(count) > _LONGEST_COUNT:
            raise BadRequest("form_incomplete")
        yield path, int(count)


def _outcome(done: Published) -> Outcome:
    job = done.recomputing.job
    href = url_for("screens.job", job_id=job) if job else ""
    return Outcome(done.app.version, number(done.recomputing.rows) if job else "", href)


def _page(
    app_code: str,
    *,
    refusal: tuple[str, ...] = (),
    note: str = "",
    outcome: Outcome | None = None,
    status: int = 200,
) -> Response:
    with reading() as act:
        draft = draft_of(act, app_code)
        published = active_definition(act.connection, app_code)
        before = published[0] if published else None
        found = found_problems(draft, drafts.problems(act, draft))
        stops = [each for each in found if each.is_error]
        return render(
            "designer/publication.html",
            status=status,
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            draft=draft,
            problems=found,
            groups=change_groups(changes(before, draft.source), before or {}, draft.source),
            consequences=None if stops else _consequences(act, draft.source, before),
            refusal=refusal,
            note=note,
            outcome=outcome,
            may_publish=draft.is_changed and not stops,
        )


def _consequences(
    act: Act, source: Mapping[str, Any], published: Mapping[str, Any] | None
) -> Consequences:
    """What happens to the data and to what is under way when this app is published."""
    try:
        app = compile_app(load_app(source), 1)
    except ValidationFailed as error:
        return Consequences(tuple(texts(error)))
    planned = plan(act.connection, app)
    words = plan_words(act.connection, app, source, planned)
    refused = [each for each in planned.problems if each.code != LOSES]
    losses = [each for each in planned.problems if each.code == LOSES]
    return Consequences(
        tuple(said(each.code, each.params) for each in refused),
        tuple(label(each.text) for each in words),
        tuple(
            Loss(f"{each.params['path']}={each.params['count']}", said(each.code, each.params))
            for each in losses
        ),
        under_way(act, app, source, published),
    )
