"""A dry run of the flow of a draft: a document or typed values, an initiator, the way it goes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from flask import Response, request

from builder import drafts
from builder.designer.flow import conditions
from builder.designer.flow.page import NONE
from builder.designer.flow.trial import trial_of
from builder.designer.flow.view import flow_in, mode_text
from builder.designer.flow.words import PEOPLE, step_name
from builder.designer.panel_formulas import published_form
from builder.designer.rules_words import read
from builder.designer.studio_frame import form_in
from builder.drafts import Draft
from builder.drafts.flow_steps import spots
from builder.stored_formulas import references
from runtime import query
from runtime.compile import App
from runtime.compile.model import Form
from runtime.definitions import shape_problems
from runtime.definitions.workflow import read_workflow
from runtime.documents.prepare import as_values
from runtime.infra import users
from runtime.infra.act import Act
from runtime.infra.errors import NotFound, ValidationFailed
from runtime.infra.users import User
from runtime.query import PageRequest, Record, records_by_id
from runtime.screens.acting import reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, joined, said
from runtime.screens.render import render
from runtime.screens.routes import permission
from runtime.workflow.simulate import Path, PathStep

Json = Mapping[str, Any]
Values = Mapping[str, Any]
# More questions than these fit no strip; the rest is what the document says.
MOST_ASKED: Final = 6
OFFERED: Final = 30
LONGEST: Final = 60
_NUMBERS: Final = frozenset({"number", "money", "quantity", "percent", "decimal", "rating"})


@dataclass(frozen=True)
class Question:
    """A value the conditions look at: its path, its name, and what it is now."""

    path: str
    label: str
    value: str
    is_number: bool


@dataclass(frozen=True)
class Stop:
    """One thing that would happen: who, what, and how it stands out."""

    step: str
    who: str
    text: str
    tone: str = ""


@permission("admin")
def flow_simulation(app_code: str, form_code: str, flow_code: str) -> Response:
    """Show the way a document would go (`?record=`, `?initiator=`, `?v.<field>=`)."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        form = form_in(draft, form_code)
        flow = flow_in(draft, form, "" if flow_code == NONE else flow_code)
        if flow is None:
            raise NotFound
        return render("designer/flow_simulation.html", None, **_context(act, draft, form, flow))


def _context(act: Act, draft: Draft, form: Json, flow: Json) -> dict[str, Any]:
    app = conditions.app_of_forms(draft)
    running = published_form(act, draft, form["code"])
    compiled = running or (app.forms.get(form["code"]) if app else None)
    people = [each for each in users.everybody(act.connection) if not each.is_disabled]
    initiator = _initiator(act, people)
    record = _record(act, running)
    values: dict[str, Any] = dict(as_values(record)) if record else {}
    asked = tuple(_questions(app, form, flow, values))
    trying = _Trying(form, flow, people, app)
    stops, path, problem = trying.outcome(act, draft, compiled, _typed(asked, values), initiator)
    return {
        "people": people,
        "initiator": initiator,
        "records": _records(act, running),
        "record": record.id if record else None,
        "questions": asked,
        "stops": stops,
        "lit": _lit(path),
        "nobody": [each.step_id for each in path.steps if each.state in {"nobody", "refused"}]
        if path else [],
        "ended": path is not None and path.outcome is not None,
        "outcome": path.outcome if path else None,
        "problem": problem,
    }  # fmt: skip


def _initiator(act: Act, people: list[User]) -> int:
    asked = request.args.get("initiator", type=int)
    known = {each.id for each in people}
    if asked in known and asked is not None:
        return asked
    # An administrator seldom is who submits: somebody else is the better guess.
    first = next((each.id for each in people if not each.is_admin), None)
    return first or act.actor.user_id or next(iter(known))


def _record(act: Act, running: Form | None) -> Record | None:
    asked = request.args.get("record", type=int)
    if running is None or not asked or not 0 < asked < 2**62:
        return None
    return records_by_id(act.connection, running, [asked]).get(asked)


def _records(act: Act, running: Form | None) -> list[tuple[int, str]]:
    if running is None:
        return []
    rows = query.page(act, running, PageRequest(columns=(running.title,), size=OFFERED)).rows
    return [(row.id, str(row.values.get(running.title) or row.id)) for row in rows]


def _questions(app: App | None, form: Json, flow: Json, values: Values) -> Iterator[Question]:
    """What the conditions of the flow look at, each asked once."""
    compiled = app.forms.get(form["code"]) if app else None
    seen: dict[str, str] = {}
    for spot in spots(list(flow["steps"])):
        formula = read(compiled, None, str(spot.node.get("when", ""))) if compiled else None
        for each in references(formula) if formula else ():
            if each.is_own and (each.many or each.lines is None):
                seen.setdefault(f"{each.lines}.{each.code}" if each.lines else each.code, each.type)
    for path, kind in list(seen.items())[:MOST_ASKED]:
        given = request.args.get(f"v.{path}", "")[:LONGEST]
        text = given or _said(_value(values, path))
        yield Question(path, _label(form, path), text, kind in _NUMBERS)


def _value(values: Values, path: str) -> Any:
    """What a document says there; of several lines the first."""
    lines, dot, code = path.rpartition(".")
    if not dot:
        return values.get(code)
    rows = values.get(lines) or ()
    return rows[0].get(code) if rows else None


def _said(value: Any) -> str:
    if value is None:
        return ""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _label(form: Json, path: str) -> str:
    known = conditions.labels(form)
    return known.get(path, path)


def _typed(asked: tuple[Question, ...], values: Values) -> dict[str, Any]:
    """The values of the trial: of the document, with what was typed in their place."""
    made = dict(values)
    for each in asked:
        if f"v.{each.path}" not in request.args:
            continue
        lines, dot, code = each.path.rpartition(".")
        value = _read(each)
        if dot:
            # One figure stands for all lines.
            rows = made.get(lines) or [{}]
            made[lines] = [{**row, code: value} for row in rows]
        else:
            made[code] = value
    return made


def _read(asked: Question) -> Any:
    text = asked.value.strip().replace(",", "").replace("，", "")
    if not text:
        return None
    if asked.is_number:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    if text in {"TRUE", "FALSE"}:
        return text == "TRUE"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return asked.value.strip()


def _lit(path: Path | None) -> list[str]:
    """What lights up: the start, the steps reached, the ways taken."""
    if path is None:
        return ["start"]
    return ["start", *(id_ for each in path.steps for id_ in (each.step_id, *each.ways))]


@dataclass(frozen=True)
class _Trying:
    form: Json
    flow: Json
    people: list[User]
    app: App | None

    def outcome(
        self, act: Act, draft: Draft, form: Form | None, values: Values, initiator: int
    ) -> tuple[tuple[Stop, ...], Path | None, str]:
        """What would happen, or why it cannot be said."""
        first = Stop("start", self._name(initiator), _("发起"))
        source = {**draft.source, "workflows": [self.flow]}
        if form is None or any(each.pointer.startswith("/workflows") for each
                               in shape_problems(source)):  # fmt: skip
            return (first,), None, _("流程还没有设置完整，先改好上面的问题。")
        blank = {each.code: None for each in form.fields if not each.is_lines}
        filled = {**blank, **{table.code: [] for table in form.lines}, **values}
        flows = [each for each in draft.source["workflows"] if each["form"] == self.form["code"]]
        known = {each["code"]: each for each in flows} | {self.flow["code"]: self.flow}
        try:
            own = replace(form, workflows={c: read_workflow(e) for c, e in known.items()})
            path = trial_of(act, own, self.flow["code"], filled, initiator)
        except (ValidationFailed, KeyError) as error:
            why = texts(error) if isinstance(error, ValidationFailed) else ()
            return (first,), None, joined(why) or _("流程还没有设置完整，先改好上面的问题。")
        stops = tuple(stop for each in path.steps for stop in self._stops(each))
        problem = said(path.problem.code, path.problem.params) if path.problem else ""
        return (first, *stops), path, problem

    def _name(self, user_id: int) -> str:
        found = next((each for each in self.people if each.id == user_id), None)
        return (found.display_name or found.name) if found else str(user_id)

    def _stops(self, each: PathStep) -> Iterator[Stop]:
        nodes = {spot.node["id"]: spot.node for spot in spots(list(self.flow["steps"]))}
        step = nodes.get(each.step_id)
        if step is None:
            return
        if each.kind in {"branch", "parallel"}:
            yield from (self._way(each, nodes[way]) for way in each.ways if way in nodes)
            return
        if each.kind in PEOPLE | {"copy"}:
            yield self._asked(each, step)
            return
        yield Stop(each.step_id, _("系统"), step_name(step))

    def _way(self, each: PathStep, branch: Json) -> Stop:
        if each.kind == "parallel" or branch.get("else"):
            return Stop(branch["id"], step_name(branch), _("走这里"))
        text, _fine = conditions.text_of(self.app, self.form, branch.get("when"))
        return Stop(branch["id"], _("命中“%(what)s”", what=step_name(branch)), text, "hit")

    def _asked(self, each: PathStep, step: Json) -> Stop:
        if each.state in {"nobody", "refused"}:
            return Stop(each.step_id, _("没有人"), step_name(step), "bad")
        names = joined(self._name(person.user_id) for person in each.people)
        if each.state == "passed":
            return Stop(
                each.step_id, names or _("没有人"), _("%(what)s · 自动通过", what=step_name(step))
            )
        how = "" if each.kind == "copy" else f" · {mode_text(step)}"
        several = how if len(each.people) > 1 else ""
        return Stop(each.step_id, names or _("没有人"), f"{step_name(step)}{several}")
