"""How long approvals take: the steps and the people of a flow, and what is late."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import Response, request

from runtime.compile import App
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.infra.notices import Place
from runtime.screens.acting import app_of, reading
from runtime.screens.i18n import _, label
from runtime.screens.inbox.spans import lasted, span
from runtime.screens.places import href_of, name_of, seen
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.workflow import statistics
from runtime.workflow.statistics import Figures, PersonFigures, StepFigures

DAYS: Final = (30, 90, 365)
# So many late documents are named; how many there are is said above them.
MOST_LATE: Final = 50


@dataclass(frozen=True)
class StepLine:
    """A step in words; its bar is `median` and `longest` of a hundred parts."""

    name: str
    is_slowest: bool
    answered: int
    took: str
    mean: str
    most: str
    median: int
    longest: int
    open: int
    waits: str
    late: int
    sent_back: int


@dataclass(frozen=True)
class PersonLine:
    """A person in words; the bar is `median` of a hundred parts."""

    name: str
    answered: int
    took: str
    median: int
    open: int
    late: int


@dataclass(frozen=True)
class LateLine:
    """A document whose time at a step is over."""

    what: str
    href: str
    step: str
    who: str
    due_at: datetime
    late: str


@permission("admin")
def flow_times(app_code: str) -> Response:
    """Show how long a flow of an app takes, since so many days."""
    with reading() as act:
        app = app_of(act, app_code)
        flows = flows_of(app)
        code = request.args.get("code") or next(iter(flows), "")
        days = request.args.get("days", DAYS[0], type=int)
        if (code and code not in flows) or days not in DAYS:
            raise NotFound
        return _page(act, app, code, days)


def flows_of(app: App) -> Mapping[str, str]:
    """What people decide in: the app's approvals, by code."""
    every = app.workflows.values()
    return {flow.code: label(flow.label) for flow in every if flow.is_approval}


def _page(act: Act, app: App, code: str, days: int) -> Response:
    since = act.now - timedelta(days=days)
    about = (act, app.code, code)
    found = statistics.times(*about, since=since)
    whole, steps, people = found.whole, found.steps, found.people
    late = statistics.overdue(*about)
    called = {each.step: label(each.label) for each in steps}
    ids = {each.user_id for each in people} | {each.user_id for each in late[:MOST_LATE]}
    names = users.names(act.connection, ids)
    return render(
        "flows/times.html",
        app_code=app.code,
        flows=flows_of(app),
        code=code,
        days=days,
        periods={n: _("最近 %(n)s 天", n=n) for n in DAYS},
        whole=whole,
        took=_said(whole.seconds_median),
        slowest=called.get(whole.bottleneck or "", ""),
        steps=tuple(_steps(steps, whole)),
        people=tuple(_people(people, names)),
        late_count=len(late),
        late=tuple(_late(act, app, late[:MOST_LATE], called, names)),
    )


def _steps(found: tuple[StepFigures, ...], whole: Figures) -> Iterator[StepLine]:
    top = max((each.seconds_longest or 0 for each in found), default=0)
    for each in found:
        yield StepLine(
            label(each.label),
            each.step == whole.bottleneck,
            each.answered,
            _said(each.seconds_median),
            _said(each.seconds_mean),
            _said(each.seconds_longest),
            _part(each.seconds_median, top),
            _part(each.seconds_longest, top),
            each.open,
            _said(each.open_seconds_longest),
            each.overdue,
            each.sent_back,
        )


def _people(found: tuple[PersonFigures, ...], names: Mapping[int, str]) -> Iterator[PersonLine]:
    top = max((each.seconds_median or 0 for each in found), default=0)
    for each in found:
        yield PersonLine(
            names.get(each.user_id, ""),
            each.answered,
            _said(each.seconds_median),
            _part(each.seconds_median, top),
            each.open,
            each.overdue,
        )


def _late(
    act: Act,
    app: App,
    found: tuple[statistics.Overdue, ...],
    called: Mapping[str, str],
    names: Mapping[int, str],
) -> Iterator[LateLine]:
    known = seen(act, [Place(each.app, each.form, each.record_id) for each in found])
    for each in found:
        place = Place(each.app, each.form, each.record_id)
        brief, form = known.get(place), app.forms.get(each.form)
        yield LateLine(
            name_of(brief) if brief else label(form.label) if form else each.form,
            href_of(place) if brief else "",
            called.get(each.step, each.step),
            names.get(each.user_id, ""),
            each.due_at,
            lasted(each.due_at, act.now) or _("不到 1 分钟"),
        )


def _said(seconds: int | None) -> str:
    """Say a length of time; a dash where there is none."""
    if seconds is None:
        return "—"
    return span(timedelta(seconds=seconds)) or _("不到 1 分钟")


def _part(seconds: int | None, whole: int) -> int:
    """How many hundredths; what is there at all is seen."""
    return max(1, 100 * seconds // whole) if seconds and whole else 0
