"""The log of automations: what ran and why, what each step read and wrote, trying again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from runtime.compile import App
from runtime.documents.flows import runs
from runtime.documents.flows.runs import RunRow, StepRun
from runtime.infra.act import Act
from runtime.infra.errors import AppError, NotFound
from runtime.infra.notices import Place
from runtime.screens.acting import app_of, carry_out, platform, reading
from runtime.screens.flows.words import kind_of, run_state, run_states, set_off_by, step_state
from runtime.screens.i18n import _, joined, label, said
from runtime.screens.inbox.page import trouble_of
from runtime.screens.inbox.spans import lasted
from runtime.screens.places import href_of, name_of, seen
from runtime.screens.render import go, render
from runtime.screens.routes import permission


@dataclass(frozen=True)
class Line:
    """One run as a line of the log."""

    href: str
    name: str
    state: str
    tone: str
    on: str
    by: str
    what: str
    what_href: str
    at: datetime
    lasted: str
    reason: str


@dataclass(frozen=True)
class Automation:
    """An automation with how its runs of the last week went."""

    href: str
    name: str
    on: str
    runs: int
    failed: int
    last_at: datetime | None
    is_current: bool


@dataclass(frozen=True)
class Done:
    """What one step did."""

    name: str
    kind: str
    icon: str
    what: str
    at: datetime
    state: str
    read: str
    wrote: tuple[str, ...]
    reason: str


@permission("admin")
def flow_runs(app_code: str) -> Response:
    """Show the runs of an app, the newest first."""
    with reading() as act:
        app = app_of(act, app_code)
        code, state = request.args.get("code", ""), request.args.get("state", "")
        known = {workflow.code for workflow in app.workflows.values()}
        if (code and code not in known) or (state and state not in run_states()):
            raise NotFound
        found = runs.listed(
            act,
            app_code,
            code=code or None,
            state=state or None,
            before=request.args.get("before", type=int),
        )
        last = found[-1].id if len(found) == runs.PAGE else None
        return render(
            "flows/runs.html",
            app_code=app_code,
            automations=tuple(_automations(act, app, code)),
            lines=tuple(_lines(act, app, found)),
            states=run_states(),
            state=state,
            code=code,
            more=url_for(
                "screens.flow_runs", app_code=app_code, code=code, state=state, before=last
            )
            if last
            else "",
        )


@permission("admin")
def flow_run(app_code: str, run_id: int) -> Response:
    """Show one run step by step."""
    with reading() as act:
        return _page(act, app_code, run_id)


@permission("admin")
def retry_flow_run(app_code: str, run_id: int) -> AnyResponse:
    """Try a failed run again from the first step that was undone."""

    def work(act: Act) -> str:
        if runs.found(act, run_id).app != app_code:
            raise NotFound
        return runs.retry(act, platform().catalogue, run_id)

    try:
        carry_out(work)
    except AppError as error:
        if error.status not in (409, 422):
            raise
        with reading() as act:
            return _page(act, app_code, run_id, status=422, problem=trouble_of(error))
    return go("screens.flow_run", app_code=app_code, run_id=run_id)


def _page(act: Act, app_code: str, run_id: int, *, status: int = 200, **said_: Any) -> Response:
    app = app_of(act, app_code)
    found = runs.detail(act, run_id)
    if found.row.app != app_code:
        raise NotFound
    (line,) = _lines(act, app, (found.row,))
    return render(
        "flows/run.html",
        status=status,
        app_code=app_code,
        run_id=run_id,
        line=line,
        steps=tuple(_done(app, step) for step in found.steps),
        chain=tuple(_lines(act, app, found.chain)),
        may_retry=found.may_retry,
        **{"problem": None, **said_},
    )


def _automations(act: Act, app: App, chosen: str) -> Iterator[Automation]:
    for each in runs.every(act, app):
        yield Automation(
            url_for("screens.flow_runs", app_code=app.code, code=each.code),
            label(each.label),
            set_off_by(each.on),
            each.runs,
            each.failed,
            each.last_at,
            each.code == chosen,
        )


def _lines(act: Act, app: App, found: tuple[RunRow, ...]) -> Iterator[Line]:
    places = [Place(row.app, row.form, row.record_id) for row in found if row.record_id]
    known = seen(act, places)
    for row in found:
        place = Place(row.app, row.form, row.record_id)
        brief, form = known.get(place), app.forms.get(row.form)
        state, tone = run_state(row.state)
        ended = row.ended_at or act.now
        yield Line(
            url_for("screens.flow_run", app_code=row.app, run_id=row.id),
            label(row.label),
            state,
            tone,
            set_off_by(row.on),
            row.by or _("系统"),
            name_of(brief) if brief else label(form.label) if form else row.form,
            href_of(place) if brief else "",
            row.started_at,
            lasted(row.started_at, ended),
            said(row.error, row.error_params) if row.error else "",
        )


def _done(app: App, step: StepRun) -> Done:
    word, kind, icon = step_state(step.state)
    failed = str(step.said.get("code", "")) if step.state == "failed" else ""
    return Done(
        label(step.label),
        kind,
        icon,
        kind_of(step.kind),
        step.at,
        word,
        joined(dict.fromkeys(_place(app, form, key) for form, key in step.read)),
        tuple(_wrote(app, form, key, fields) for form, key, fields in step.wrote),
        said(failed) if failed else "",
    )


def _place(app: App, form: str, key: int) -> str:
    known = app.forms.get(form)
    return f"{label(known.label) if known else form} #{key}"


def _wrote(app: App, form: str, key: int, fields: Any) -> str:
    """What was written: the fields by their names, or what became of the record."""
    known: Mapping[str, Any] = app.forms[form].by_code if form in app.forms else {}
    if isinstance(fields, str):
        words = {"deleted": _("已删除"), "converted": _("转出"), "posted": _("已过账")}
        return f"{_place(app, form, key)} · {words.get(fields, fields)}"
    names = (label(known[code].label) if code in known else str(code) for code in fields)
    return f"{_place(app, form, key)} · {joined(names)}"
