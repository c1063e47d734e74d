"""What is under way in a flow: who stands where, going over to the published version, and back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts, running
from builder.designer.flow.view import flow_in
from builder.designer.flow.words import step_name
from builder.designer.studio_frame import form_in
from builder.running import MOST_AT_ONCE, Place
from runtime.compile.model import Form
from runtime.definitions.label import read_label
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import AppError, BadRequest, NotFound
from runtime.query import records_by_id
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, joined, label, number, said
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.workflow import flow, migration
from runtime.workflow.flow import Flow
from runtime.workflow.instances import definition_of
from runtime.workflow.migration import Batch, Move, Plan, Stop

Json = Mapping[str, Any]
MOST_SHOWN: Final = 100
LONGEST: Final = 120


@dataclass(frozen=True)
class Group:
    """Runs at one step: of which versions how many, and the steps of the new version they fit.

    `to` is the step they would go to; empty where nothing is chosen yet.
    """

    step: str
    title: str
    places: tuple[Place, ...]
    offered: tuple[tuple[str, str], ...]
    to: str

    @property
    def count(self) -> int:
        """How many runs stand there."""
        return sum(each.standing.count for each in self.places)


@dataclass(frozen=True)
class Row:
    """One run of a preview: its document, where it stands, where it would, or why not."""

    title: str
    href: str
    before: str
    after: str
    problem: str


@dataclass(frozen=True)
class Preview:
    """What going over would do."""

    go: int
    stay: int
    rows: tuple[Row, ...]
    chosen: tuple[tuple[str, str], ...]


@permission("admin")
def flow_running(app_code: str, form_code: str, flow_code: str) -> Response:
    """Show where runs stand; with places chosen (`?at=`), what going over would make of them."""
    return _page((app_code, form_code, flow_code))


@permission("admin")
def move_runs(app_code: str, form_code: str, flow_code: str) -> AnyResponse:
    """Let runs go over to the published version as it was previewed."""
    place = (app_code, form_code, flow_code)
    go, stay = request.form.get("go", type=int), request.form.get("stay", type=int)
    if go is None or stay is None:
        raise BadRequest("form_incomplete")
    only, steps = _chosen()

    def work(act: Act) -> int:
        form = _published(act, place)
        if form is None:
            raise NotFound
        return running.go_over(act, form, flow_code, steps, only, seen=(go, stay))

    try:
        carry_out(work)
    except AppError as error:
        return _page(place, refusal=tuple(texts(error)), status=error.status)
    return _page(place, done=_("%(n)s 单已经转到新版。", n=number(go)), is_done=True)


@permission("admin")
def undo_move(app_code: str, form_code: str, flow_code: str, batch_id: int) -> AnyResponse:
    """Let the runs of a migration stand where they stood."""
    place = (app_code, form_code, flow_code)

    def work(act: Act) -> int:
        known = migration.batches(act, app_code, flow_code)
        if batch_id not in {each.id for each in known}:
            raise NotFound
        return migration.undo(act, batch_id)

    try:
        back = carry_out(work)
    except AppError as error:
        return _page(place, refusal=tuple(texts(error)), status=error.status)
    return _page(place, done=_("%(n)s 单回到了原来的版本。", n=number(back)), is_done=True)


def _page(
    place: tuple[str, str, str],
    *,
    refusal: tuple[str, ...] = (),
    done: str = "",
    is_done: bool = False,
    status: int = 200,
) -> Response:
    app_code, form_code, flow_code = place
    with reading() as act:
        draft = drafts.read(act, app_code)
        own = flow_in(draft, form_in(draft, form_code), flow_code)
        form = _published(act, place)
        if own is None and form is None:
            raise NotFound
        only, steps = (frozenset[Stop](), dict[str, str]()) if is_done else _chosen()
        shown = _Shown(act, form, flow_code) if form else None
        return render(
            "designer/flow_running.html",
            status=status,
            app_code=app_code,
            form_code=form_code,
            flow_code=flow_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            flow_name=step_name({"id": flow_code, **own}) if own else flow_code,
            version=draft.base_version,
            groups=tuple(shown.groups(only, steps)) if shown else (),
            only=only,
            current=shown.current if shown else frozenset(),
            preview=shown.preview(only, steps) if shown and only else None,
            batches=_batches(act, app_code, flow_code),
            refusal=refusal,
            done=done,
            most=MOST_AT_ONCE,
        )


def _published(act: Act, place: tuple[str, str, str]) -> Form | None:
    """The form as it is published, if it has the flow."""
    app_code, form_code, flow_code = place
    app = platform().catalogue.app(act.connection, app_code)
    form = app.forms.get(form_code)
    return form if form is not None and flow_code in form.workflows else None


def _chosen() -> tuple[frozenset[Stop], dict[str, str]]:
    """The places that were ticked (`12:n_lead`), and the step each step becomes."""
    only = set[Stop]()
    for text in request.values.getlist("at")[:MOST_SHOWN]:
        definition, _colon, step = text[:LONGEST].partition(":")
        if not definition.isdecimal() or len(definition) > len(str(2**62)):
            raise BadRequest("form_incomplete")
        only.add((int(definition), step))
    given = {
        name.removeprefix("to."): value[:LONGEST]
        for name, value in request.values.items()
        if name.startswith("to.") and value
    }
    return frozenset(only), given


class _Shown:
    """What the page says of a flow; the new version and the old ones are read once."""

    def __init__(self, act: Act, form: Form, code: str) -> None:
        self.act, self.form, self.code = act, form, code
        self.fresh = flow.of(form.workflows[code], form.workflows)
        self.places = running.places_of(act, form.app_code, code)
        ids = {each.standing.definition_id for each in self.places}
        self.current = {key for key in ids if running.is_current(act, form, code, key)}
        self.flows: dict[int, Flow] = {key: flow.read(definition_of(act, key)) for key in ids}

    def groups(self, only: frozenset[Stop], steps: Mapping[str, str]) -> Iterator[Group]:
        """The places, step by step; those that are chosen keep what was chosen for them."""
        found: dict[str, list[Place]] = {}
        for each in self.places:
            found.setdefault(each.standing.step, []).append(each)
        for step, places in found.items():
            title = label(places[0].standing.label) if step else _("等待中，没有待办的人")
            offered = tuple(self._offered(places[0])) if step else ()
            known = {code for code, _text in offered}
            to = steps.get(step, "" if only else step)
            yield Group(step, title, tuple(places), offered, to if to in known else "")

    def _offered(self, place: Place) -> Iterator[tuple[str, str]]:
        """Steps of the new version at which the same can be answered."""
        old = self.flows[place.standing.definition_id]
        kind = old.step(place.standing.step).kind if old.has(place.standing.step) else ""
        if kind == "start":
            yield place.standing.step, self._name(self.fresh, place.standing.step)
        for step in self.fresh.every():
            if step.kind == kind:
                yield step.id, self._name(self.fresh, step.id)

    def preview(self, only: frozenset[Stop], steps: Mapping[str, str]) -> Preview:
        """What would become of the runs at the chosen places."""
        planned = running.preview(self.act, self.form, self.code, steps, only)
        rows = self._rows(planned)
        go = len(planned.movable)
        chosen = (
            *(("at", f"{definition}:{step}") for definition, step in sorted(only)),
            *((f"to.{step}", to) for step, to in sorted(steps.items())),
        )
        return Preview(go, len(planned.moves) - go, tuple(rows), chosen)

    def _rows(self, planned: Plan) -> Iterator[Row]:
        """Those that cannot go first: they are what somebody has to decide about."""
        moves = sorted(planned.moves, key=lambda each: not each.problem)[:MOST_SHOWN]
        ids = [each.record_id for each in moves]
        known = records_by_id(self.act.connection, self.form, ids)
        for each in moves:
            record = known.get(each.record_id)
            title = str(record.values.get(self.form.title) or "") if record else ""
            yield Row(
                title or f"#{each.record_id}",
                url_for("screens.show_record", app_code=self.form.app_code,
                        form_code=self.form.code, record_id=each.record_id),
                joined(dict.fromkeys(self._old_name(step) for step in each.before.values())),
                self._after(each),
                said(each.problem, {}) if each.problem else "",
            )  # fmt: skip

    def _after(self, move: Move) -> str:
        if move.problem:
            return ""
        return joined(dict.fromkeys(self._name(self.fresh, s) for s in move.steps.values()))

    def _old_name(self, step: str) -> str:
        holder = next((each for each in self.flows.values() if each.has(step)), self.fresh)
        return self._name(holder, step)

    def _name(self, holder: Flow, step: str) -> str:
        known = holder.labels.get(step)
        return label(known) if known else step


def _batches(act: Act, app_code: str, flow_code: str) -> list[tuple[Batch, str]]:
    """The migrations there were, each with who did it."""
    found = migration.batches(act, app_code, flow_code)
    names = users.names(act.connection, [each.by_id or 0 for each in found])
    return [(each, names.get(each.by_id or 0, "")) for each in found]
