"""The document of a run, and what its steps do: looked up, written, made, posted, told."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from runtime import posting
from runtime.compile import validate
from runtime.compile.model import Form
from runtime.documents import dependents, save, stored
from runtime.documents.flows import writing
from runtime.documents.flows.facts import DocumentFacts
from runtime.documents.flows.verbs import verbs
from runtime.documents.told import tell
from runtime.formula import CellError
from runtime.infra import notices, queue, users
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.errors import Conflict
from runtime.infra.notices import Place
from runtime.kinds.node_type import Step, Visit
from runtime.query import Record, records_by_id
from runtime.workflow import approvers, desk
from runtime.workflow.approvers import Looking
from runtime.workflow.instances import Run
from runtime.workflow.world import records_of, turn_of

Answer = Mapping[str, Any]
MOST_FOUND: Final = 1000
# How often a wait for something to become true looks again.
LOOK_AGAIN: Final = timedelta(minutes=5)
CALL: Final = "flows.call"


class DocumentWorld(DocumentFacts):
    """A stored document under way; what it says is read anew after every step that writes."""

    def __init__(self, act: Act, document: Record, *, is_there: bool = True) -> None:
        found = DocumentFacts.of(act, document)
        super().__init__(act, document.form, found.values, document.created_by)
        self.document = document
        # Of an automation that is about no record, or about one that was deleted, nothing is.
        self.is_there = is_there
        # Which steps were begun, and what came of each: of the last one nothing, when it failed.
        self.trail: list[tuple[Step, Visit, Answer | None]] = []

    def keep(self, document: Record) -> None:
        """Go on with the document as it is now."""
        self.document = document
        self.values = DocumentFacts.of(self.act, document).values

    def write(self, run: Run, step: Step, moment: str, visit: Visit) -> None:
        """Write what a step says for a moment."""
        self.require_there()
        values = self.settled(run, step.options["updates"][moment], visit)
        self.keep(writing.write(self.act, self.document, values, why=step.id))

    def work(self, run: Run, step: Step, visit: Visit) -> Answer:
        """Carry out a step without people."""
        self.trail.append((step, visit, None))
        answer = _WORK[step.kind](self, run, step, visit)
        self.trail[-1] = (step, visit, answer)
        return answer

    def require_there(self) -> None:
        """A document to be written has to be there."""
        if not self.is_there:
            raise Conflict("flow_without_document")

    def settled(self, run: Run, given: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
        """Values to be written: texts as they are, formulas worked out, other records read."""
        return {code: self._settled(run, each, visit) for code, each in given.items()}

    def flow_act(self, run: Run) -> Act:
        """The flow itself acts, in the name of whoever began it; its author said what it may."""
        initiator = run.instance.initiator_id
        name = users.names(self.act.connection, [initiator or 0]).get(initiator or 0, SYSTEM.name)
        actor = Actor(initiator, name, frozenset(), "flow", is_admin=True)
        chain = self.act.chain
        # What it sets off knows where it came from.
        chain = chain if run.id in chain else (*chain, run.id)
        return replace(self.act, actor=actor, chain=chain)

    def _settled(self, run: Run, given: Any, visit: Visit) -> Any:
        if isinstance(given, Mapping):
            form, ids = self.records(run, given["from"], visit)
            found = records_by_id(self.act.connection, form, ids[:1])
            return next((each.values.get(given["field"]) for each in found.values()), None)
        if not isinstance(given, str) or not given.startswith("="):
            return given
        found = self.value(given, visit.at.line)
        if isinstance(found, CellError):
            raise Conflict("flow_formula_wrong", {"reason": f"{found.kind} {given}"})
        return found

    def records(self, run: Run, step_id: str, visit: Visit) -> tuple[Form, list[int]]:
        """The form and the records a step before found or made."""
        step = run.instance.flow.step(step_id)
        turn = turn_of(run.instance, step_id, visit)
        ids = records_of(run.instance, step_id, visit.at.line) if turn is None else [turn]
        if step.kind == "convert":
            code = step.options["conversion"]
            wanted = (each.target for each in self.form.conversions if each.code == code)
            return self.form_of(next(wanted, "")), ids
        return self.form_of(step.options["form"]), ids

    def form_of(self, code: str) -> Form:
        """A form of the same app."""
        found = self.form.siblings.get(code)
        if found is None:
            raise Conflict("flow_target_missing", {"form": code})
        return found


def _calculate(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    world.require_there()
    values = world.settled(run, step.options["set"], visit)
    before = world.document
    world.keep(writing.write(world.act, before, values, why=step.id))
    return {"wrote": _wrote(world.form, before.id, values)}


def _update(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    if step.options["of"] == "document":
        return _calculate(world, run, step, visit)
    form, ids = world.records(run, step.options["of"], visit)
    values = world.settled(run, step.options["set"], visit)
    act = world.flow_act(run)
    for record in _whole(act, form, ids):
        verbs().update(act, form, record.id, values, version=record.version)
    return {"records": ids, "wrote": [each for key in ids for each in _wrote(form, key, values)]}


def _create(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    form = world.form_of(step.options["form"])
    values = world.settled(run, step.options["set"], visit)
    rows = step.options.get("rows")
    if rows is not None:
        lines = world.lines(rows["from"]) if "from" in rows else [0]
        values[rows["to"]] = [
            world.settled(run, rows["set"], replace(visit, at=replace(visit.at, line=(key,))))
            for key in lines
        ]
    make = verbs().create_and_submit if step.options.get("submit") else verbs().create
    made = make(world.flow_act(run), form, values)
    return {"records": [made.id], "wrote": _wrote(form, made.id, values)}


def _delete(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    form, ids = world.records(run, step.options["of"], visit)
    act = world.flow_act(run)
    for record in _whole(act, form, ids):
        verbs().delete(act, form, record.id, version=record.version)
    return {"wrote": [[form.code, key, "deleted"] for key in ids]}


def _find(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    form = world.form_of(step.options["form"])
    wanted = world.settled(run, step.options["match"], visit)
    query = select(form.table.c.id)
    for code, value in wanted.items():
        field = form.by_code.get(code)
        if field is None or field.column is None:
            raise Conflict("flow_target_missing", {"form": f"{form.code}.{code}"})
        query = query.where(field.column == validate(form, {code: value})[0].get(code, value))
    sort = str(step.options.get("sort", ""))
    column = form.by_code[sort.lstrip("-")].column if sort else None
    if column is not None:
        query = query.order_by(column.desc() if sort.startswith("-") else column)
    most = 1 if step.options.get("take", "first") == "first" else MOST_FOUND
    found = world.act.connection.execute(query.order_by(form.table.c.id).limit(most))
    ids = [int(each) for each in found.scalars()]
    if not ids and step.options.get("none", "go_on") == "stop":
        raise Conflict("flow_target_missing", {"form": form.label.zh})
    rejects = not ids and step.options.get("none") == "reject"
    return {"records": ids, "read": [[form.code, key] for key in ids], "rejects": rejects}


def _convert(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    del visit
    world.require_there()
    act, code = world.flow_act(run), step.options["conversion"]
    made = verbs().convert(act, world.form, code, world.document.id)
    if step.options.get("submit"):
        made = verbs().submit(act, made.form, made.id, version=made.version)
    return {"records": [made.id], "wrote": [[made.form.code, made.id, "converted"]]}


def _post(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    del run, step, visit
    world.require_there()
    world.keep(post(world.act, world.document))
    return {"wrote": [[world.form.code, world.document.id, "posted"]]}


def _notify(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    text = world.text(step.options["text"], visit.at.line)
    by = step.options.get("by", ["app"])
    told: list[int] = []
    if "app" in by and "who" in step.options:
        looking = Looking(world.act, run.instance, visit, world, run.subject.app, run.subject.form)
        told = sorted(approvers.within(looking, step.options["who"], step))
        notices.tell(_teller(world, run), told, "flow", {"text": text}, _about(world, run))
    for robot in sorted(set(by) - {"app"}):
        url = step.options.get("url", "")
        sent = {"url": url, "robot": robot, "text": text, "path": _path(world, run)}
        queue.enqueue(world.act, CALL, sent)
    return {"told": told}


def _teller(world: DocumentWorld, run: Run) -> Act:
    """Whoever set an automation off may be told what came of it; one's own act is no news."""
    return world.act if run.kind == "approval" else replace(world.act, actor=SYSTEM)


def _about(world: DocumentWorld, run: Run) -> Place | str:
    subject = run.subject
    if world.is_there:
        return Place(subject.app, subject.form, subject.record_id)
    return _path(world, run)


def _path(world: DocumentWorld, run: Run) -> str:
    """Return where what a robot says is to be seen, by who signs in and may."""
    place = f"/a/{run.subject.app}/{run.subject.form}"
    return f"{place}/{run.subject.record_id}" if world.is_there else place


def _http(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    values = world.settled(run, step.options.get("send", {}), visit)
    body = {code: _plain(each) for code, each in values.items()}
    waits = bool(step.options.get("wait", False))
    sent = {"url": step.options["url"], "body": body}
    back = {"run": run.id, "visit": visit.no} if waits else {}
    queue.enqueue(world.act, CALL, sent | back)
    return {"waits": waits, "sent": True}


def _wait(world: DocumentWorld, run: Run, step: Step, visit: Visit) -> Answer:
    options = step.options
    if "when" in options:
        if world.holds(options["when"], visit.at.line):
            return {"waits": False}
        due = world.act.now + LOOK_AGAIN
    else:
        given = {key: options[key] for key in ("for", "until") if key in options}
        found = desk.due_at(world.act, given, world, visit.at.line)
        if found is None or found <= world.act.now:
            return {"waits": False}
        due = found
    desk.set_timer(world.act, run.id, visit.no, "wait", due)
    if "at_most" in options and "started" not in visit.data:
        most = desk.due_at(world.act, {"for": options["at_most"]}, world, visit.at.line)
        assert most is not None, "a span has an end"
        desk.set_timer(world.act, run.id, visit.no, "at_most", most)
    return {"waits": True, "started": True}


_WORK: Final[Mapping[str, Callable[[DocumentWorld, Run, Step, Visit], Answer]]] = {
    "calculate": _calculate,
    "update": _update,
    "create": _create,
    "delete": _delete,
    "find": _find,
    "convert": _convert,
    "post": _post,
    "notify": _notify,
    "http": _http,
    "wait": _wait,
}


def post(act: Act, document: Record) -> Record:
    """Post a document to the books, once: what is posted already stays as it is."""
    form = document.form
    if document.status == "posted" or form.posting is None:
        return document
    written = save.write_status(act, form, document, "posted")
    posted = dependents.changed(act, form, document, written) or written
    posting.post_document(act, form, stored.labelled(act, posted))
    tell(act, form, document.id, "post", {})
    return posted


def _whole(act: Act, form: Form, ids: list[int]) -> list[Record]:
    found = records_by_id(act.connection, form, ids)
    missing = [key for key in ids if key not in found]
    if missing:
        raise Conflict("flow_target_missing", {"form": form.label.zh})
    return [found[key] for key in ids]


def _wrote(form: Form, record_id: int, values: Mapping[str, Any]) -> list[list[Any]]:
    return [[form.code, record_id, sorted(values)]]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, str)) else str(value)
