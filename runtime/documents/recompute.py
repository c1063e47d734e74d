"""Whole forms computed again, as a job: after a formula was changed, or a change that reaches far.

The fields that have to be computed are put into passes by the app's graph: a pass is one form, or
one figure that is added up anew, and everything a pass reads is final before it begins. Records are
taken in order of their ids, some hundred in a transaction, or many where the database computes, and
how far the job came is kept with them; begun again it goes on there. Saves meanwhile compute with
the new formulas themselves.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, select, true

from runtime.catalogue import Catalogue
from runtime.compile.graph import Node, Place
from runtime.compile.model import CHANGEABLE, App, Form
from runtime.compile.programs import TooLargeError
from runtime.documents import aggregate_rebuild, rollup_queries, set_based, stored
from runtime.documents.computing import (
    Change,
    Computing,
    differs,
    place_of,
    with_value,
    write,
    write_search_texts,
)
from runtime.infra import clock, queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.errors import ValidationFailed
from runtime.infra.jobs import Job
from runtime.infra.strict_json import Json
from runtime.query import Record

TASK: Final = "documents.recompute"
CHUNK: Final = 500
# What the database computes by itself goes in larger steps.
SET_CHUNK: Final = 50_000
# Other writers wait for the job on SQLite; the pause lets them in.
PAUSE_SECONDS: Final = 0.02


@dataclass(frozen=True)
class Pass:
    """Fields of one form that are computed in one go; `new` are those no record has had so far."""

    form: str
    nodes: tuple[Node, ...]
    new: frozenset[Node] = frozenset()


@dataclass
class State:
    """How far a job is: of which version, in which pass, behind which record."""

    version: int
    number: int = 0
    after: int = 0
    done: int = 0
    changed: int = 0
    # Records that kept what they had, because a figure would not fit.
    kept: int = 0
    # The pass that Python does record by record: the database met a figure that does not fit.
    by_hand: int = -1

    def json(self) -> Json:
        """As it is kept."""
        return vars(self).copy()


def ask(act: Act, form: Form, nodes: Iterable[Node], new: Iterable[Node] = ()) -> int:
    """Ask for fields of an app to be computed again, and what follows from them; the job's id.

    One that waits for the same already is enough.
    """
    kwargs = {
        "app": form.app_code,
        "fields": [list(node) for node in sorted(set(nodes), key=str)],
        "new": [list(node) for node in sorted(set(new), key=str)],
    }
    waiting = queue.waiting_like(act.connection, TASK, kwargs)
    return queue.enqueue(act, TASK, kwargs) if waiting is None else waiting


def recompute(job: Job) -> Json:
    """Compute what the job asks for; begun again after a crash, it goes on where it was."""
    apps = Catalogue()
    with job.database.reading() as connection:
        app = apps.app(connection, str(job.kwargs["app"]))
    state = _state(job, app)
    while True:
        passes = passes_of(app, _nodes(job.kwargs["fields"]), _nodes(job.kwargs["new"]))
        if state.number >= len(passes):
            return {"rows": state.done, "changed": state.changed, "kept": state.kept}
        with job.database.reading() as connection:
            total = sum(rows_of(connection, app, each) for each in passes)
        with job.transaction() as connection:
            current = apps.app(connection, app.code)
            if current.version != app.version:
                # Published again meanwhile: the order may be another one, so from the beginning.
                app, state = current, State(current.version)
                continue
            act = Act(connection, SYSTEM, clock.now(), job.row.request_id)
            step(act, app, passes[state.number], state)
            text = app.forms[passes[min(state.number, len(passes) - 1)].form].label.zh
            queue.progress(connection, job.row, state.done, max(total, state.done), text)
            queue.keep(connection, job.row, state.json())
        time.sleep(PAUSE_SECONDS)


def step(act: Act, app: App, this: Pass, state: State) -> None:
    """Do the next part of a pass: a chunk of its records, or a figure as a whole."""
    form = app.forms[this.form]
    if form.aggregate is not None:
        aggregate_rebuild.rebuild(act, form)
        _next(state, rows_of(act.connection, app, this))
        return
    added = [node for node in this.nodes if node.field in form.rollups and node.lines is None]
    for node in added:
        rollup_queries.recompute(act.connection, form, node.field)
    if added:
        _next(state, rows_of(act.connection, app, this))
        return
    at_once = state.by_hand != state.number and set_based.suits(form, this.nodes)
    query = select(form.table.c.id).where(form.table.c.id > state.after, _scope(app, this))
    query = query.order_by(form.table.c.id).limit(SET_CHUNK if at_once else CHUNK)
    ids = act.connection.execute(query).scalars().all()
    if not ids:
        _next(state, 0)
        return
    if at_once and not _compute_at_once(act, app, this, ids[-1], state):
        return
    if not at_once:
        _compute(act, app, this, list(stored.lock_several(act, form, ids)), state)
    state.after, state.done = ids[-1], state.done + len(ids)


def _compute_at_once(act: Act, app: App, this: Pass, last: int, state: State) -> bool:
    """Let the database compute; False where that has to be done by hand after all."""
    form = app.forms[this.form]
    bound = frozenset(Node(form.code, *place) for place in posted_places(form))
    rows = set_based.Range(form, state.after, last, this.new, app.forms.graph.of_rollups, bound)
    try:
        with act.connection.begin_nested():
            state.changed += set_based.compute(act, rows, this.nodes)
    except TooLargeError:
        state.by_hand = state.number
        return False
    return True


def _next(state: State, rows: int) -> None:
    state.number, state.after, state.done = state.number + 1, 0, state.done + rows


def passes_of(app: App, changed: Iterable[Node], new: Iterable[Node] = ()) -> tuple[Pass, ...]:
    """The passes that bring fields and everything that follows from them up to date, in order."""
    graph = app.forms.graph
    fresh = frozenset(node for node in new if node in graph.rank)
    wanted = graph.after(node for node in (*changed, *fresh) if node in graph.rank)
    levels: dict[Node, int] = {}
    found: dict[tuple[int, str, str], list[Node]] = {}
    for node in graph.order:
        if node in wanted:
            levels[node] = _level(app, node, levels)
            key = levels[node], node.form, _way(app, node)
            found.setdefault(key, []).append(node)
    return tuple(
        Pass(form, tuple(nodes), fresh & set(nodes))
        for (_, form, _), nodes in sorted(found.items(), key=lambda item: item[0])
    )


def _level(app: App, node: Node, levels: dict[Node, int]) -> int:
    """Behind everything that is read elsewhere, or is computed in another way.

    Fields of one record that are computed in the same way go into one pass.
    """
    found = 0
    for edge in app.forms.graph.inputs.get(node, ()):
        if edge.reads in levels:
            together = edge.how == "record" and _way(app, node) == _way(app, edge.reads)
            found = max(found, levels[edge.reads] + (0 if together else 1))
    return found


def _way(app: App, node: Node) -> str:
    """How a field is computed again: added up, by the database, or record by record."""
    form = app.forms[node.form]
    if form.aggregate is not None or (node.lines is None and node.field in form.rollups):
        return "added"
    return "set" if set_based.suits(form, [node]) else "one by one"


def rows_of(connection: Connection, app: App, this: Pass) -> int:
    """How many records a pass goes through."""
    table = app.forms[this.form].table
    query: Select[Any] = select(func.count()).select_from(table).where(_scope(app, this))
    return int(connection.execute(query).scalar_one())


def _scope(app: App, this: Pass) -> ColumnElement[bool]:
    form = app.forms[this.form]
    decided_too = this.new or app.forms.graph.of_rollups.intersection(this.nodes)
    if not form.is_document or decided_too or form.rollups.keys() & {n.field for n in this.nodes}:
        return true()
    return form.table.c.status.in_(sorted(CHANGEABLE))


def _compute(act: Act, app: App, this: Pass, records: Sequence[Record], state: State) -> None:
    form = app.forms[this.form]
    computing = Computing.of(act, form, records)
    changes: list[Change] = []
    for record in records:
        # What a decided document keeps is what its new fields are computed from.
        nodes = list(_changing(app, this, record))
        programs = [each for each in form.programs if Node(form.code, *place_of(each)) in nodes]
        try:
            ((_, values),) = computing.computed([record], programs)
        except ValidationFailed:
            state.kept += 1
            continue
        after = record
        for node in nodes:
            made = with_value(after, node, values)
            after = made if form.may_change(record.status) else _filled(node, after, made, app)
        changes.append((record, after))
    for node in this.nodes:
        different = [(was, now) for was, now in changes if differs(node, was, now)]
        write(act, form, node, different)
        state.changed += len(different)
    searched = [n for n in this.nodes if n.lines is None and n.field in form.search_fields]
    write_search_texts(
        act, form, [now for was, now in changes if any(differs(n, was, now) for n in searched)]
    )


def _changing(app: App, this: Pass, record: Record) -> Iterator[Node]:
    """The fields of a record that are computed: of what was decided those it never had."""
    bound = posted_places(record.form) if record.status == "posted" else frozenset()
    follows = app.forms.graph.of_rollups
    for node in this.nodes:
        may = record.form.may_change(record.status) or node in this.new or node in follows
        if may and node.place not in bound:
            yield node


def _filled(node: Node, before: Record, made: Record, app: App) -> Record:
    """Of what was decided only what is empty is filled; what follows a roll-up goes on with it."""
    if node in app.forms.graph.of_rollups:
        return made
    if node.lines is None:
        return before if before.values.get(node.field) is not None else made
    rows = tuple(
        line if line.values.get(node.field) is not None else new
        for line, new in zip(before.lines[node.lines], made.lines[node.lines], strict=True)
    )
    return replace(before, lines={**before.lines, node.lines: rows})


def posted_places(form: Form) -> frozenset[Place]:
    """The fields the posting rule of a form reads: what was posted of them is in the books."""
    found: set[Place] = set()
    rule = form.posting
    for part in (rule, rule.outputs) if rule else ():
        for item in fields(part) if part else ():
            text = getattr(part, item.name)
            if isinstance(text, str) and text:
                lines, _, code = text.rpartition(".")
                found.add((lines or None, code))
    return frozenset(found)


def _nodes(kept: Json) -> list[Node]:
    return [Node(*each) for each in kept]


def _state(job: Job, app: App) -> State:
    kept: Any = job.row.result
    return State(**kept) if isinstance(kept, dict) and kept else State(app.version)
