"""What a write sets off: the automations of its form whose trigger it fits, noted with the write.

Every write path comes by here, because the history of a record is written in one place and its
state in one other. What runs after the commit is a row of its own; what runs with the write is
done at once by `automations`, which is given: it writes records itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import insert

from runtime.compile.model import Form
from runtime.definitions import WorkflowDef
from runtime.documents import stored
from runtime.infra import queue
from runtime.infra.act import SYSTEM, Act
from runtime.query import Record
from runtime.workflow.tables import pending

TASK: Final = "flows.automate"
# A record that comes back out of the bin is there again; everything else that is told is a change.
_ON: Final = {"create": "create", "undelete": "create", "delete": "delete"}
RunWith = Callable[[Act, Form, WorkflowDef, str, int], None]

_given: list[RunWith] = []


def give(run_with: RunWith) -> None:
    """Say what carries out a run in the transaction of a write; once, by the package."""
    _given[:] = [run_with]


@lru_cache(maxsize=2048)
def listening(form: Form, on: str) -> tuple[WorkflowDef, ...]:
    """The automations of a form that begin on this."""
    return tuple(
        each
        for each in form.workflows.values()
        if each.form == form.code and each.trigger["on"] == on
    )


def happened(act: Act, form: Form, record_id: int, action: str, changed: Mapping[str, Any]) -> None:
    """Begin what an act on a record sets off; `changed` is what its history says."""
    on = _ON.get(action, "change")
    rules = listening(form, on)
    if not rules:
        return
    codes = _codes(changed)
    for rule in rules:
        if on != "change" or _touches(rule.trigger, codes):
            _begin(act, form, rule, on, record_id)


def came_to(act: Act, form: Form, record_id: int, status: str) -> None:
    """Begin what a record sets off by coming to a state of its life."""
    for rule in listening(form, "change"):
        if status in rule.trigger.get("status", ()):
            _begin(act, form, rule, "change", record_id)


def as_it_stands(act: Act, record: Record) -> Record:
    """The record after its write: what ran with it may have written it once more."""
    rules = (rule for on in ("create", "change") for rule in listening(record.form, on))
    if not any(rule.runs_with for rule in rules):
        return record
    return stored.lock_for_flow(act, record.form, record.id)


def put(
    act: Act, form: Form, code: str, on: str, record_id: int, *, by_id: int | None = None
) -> None:
    """Note a run that follows the commit."""
    row = {
        "app": form.app_code,
        "form": form.code,
        "code": code,
        "record_id": record_id,
        "begun_on": on,
        "by_id": by_id,
        "chain": list(act.chain),
        "attempt": 0,
        "at": act.now,
    }
    act.connection.execute(insert(pending), row)
    wake(act)


def wake(act: Act) -> None:
    """See to it that what is noted is run; it is work of the system's, not theirs."""
    if queue.waiting_like(act.connection, TASK, {}) is None:
        queue.enqueue(replace(act, actor=SYSTEM), TASK)


def _begin(act: Act, form: Form, rule: WorkflowDef, on: str, record_id: int) -> None:
    if rule.runs_with:
        assert _given, "the package gives it when it is imported"
        _given[0](act, form, rule, on, record_id)
    else:
        put(act, form, rule.code, on, record_id, by_id=act.actor.user_id)


def _codes(changed: Mapping[str, Any]) -> frozenset[str]:
    """Fields that changed: `code`, `lines`, `lines.column`."""
    found = {*changed.get("fields", ())}
    for lines, told in changed.get("lines", {}).items():
        found.add(lines)
        for row in (*told.get("added", ()), *told.get("removed", ())):
            found |= {f"{lines}.{code}" for code in row["values"]}
        for row in told.get("changed", ()):
            found |= {f"{lines}.{code}" for code in row["fields"]}
    return frozenset(found)


def _touches(trigger: Mapping[str, Any], codes: frozenset[str]) -> bool:
    if "fields" in trigger:
        return not codes.isdisjoint(trigger["fields"])
    return bool(codes) and "status" not in trigger
