"""Many acts on the records of a form in one request and one transaction.

Each act has a savepoint of its own, so that one that is refused leaves no trace: the others go on,
and at the end an atomic batch is refused as a whole, with everything that is wrong in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response

from runtime import documents
from runtime.api.acting import allow_members, flag, form_of, member, write
from runtime.api.problems import document, locale
from runtime.api.records.acts import own_task
from runtime.api.records.places import FORM, pointing
from runtime.api.routes import json_body, route
from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.infra.columns import is_key
from runtime.infra.errors import AppError, BadRequest, Problem, ValidationFailed
from runtime.infra.requests import Answer
from runtime.infra.strict_json import Json
from runtime.query.shapes import record_json

MOST: Final = 500
Operation = Mapping[str, Any]


class BatchRefusedError(ValidationFailed):
    """An atomic batch in which something is refused."""

    default_code = "batch_refused"


@dataclass(frozen=True)
class _Done:
    """What became of one operation: a status and a record, or why it was refused."""

    status: int
    record: Json = None
    error: AppError | None = None


@route(f"{FORM}/batch", "POST", "write")
def batch_records(app: str, form: str) -> Response:
    """Up to 500 operations: all or none of them, or with `"atomic": false` each for itself.

    `op` is `create`, `update`, `delete`, `submit`, `cancel` or `decide`; all but `create` name the
    `id`, and all but `create` and `decide` the `version` that was seen.
    """
    body = json_body()
    allow_members(body, "operations", "atomic")
    is_atomic = flag(body, "atomic") if "atomic" in body else True
    operations = _operations(body)

    def work(act: Act) -> Answer:
        found = form_of(act, app, form)
        done = [_tried(act, found, operation) for operation in operations]
        if is_atomic:
            _require_all(done)
        return Answer(200, {"results": [_result(each) for each in done]})

    return write(work, key_required=True)


def _operations(body: Mapping[str, Any]) -> list[Operation]:
    given: list[Any] = member(body, "operations", list, [])
    if not 0 < len(given) <= MOST:
        raise BadRequest("batch_size", {"most": MOST})
    for number, operation in enumerate(given):
        _check(operation, f"operations/{number}")
    return given


def _check(operation: Any, place: str) -> None:
    """Refuse the whole batch for an operation that cannot be understood: nothing is guessed."""
    if not isinstance(operation, Mapping):
        raise BadRequest("member_invalid", {"name": place})
    members = MEMBERS.get(member_at(operation, place, "op", str))
    if members is None:
        raise BadRequest("member_invalid", {"name": f"{place}/op"})
    unknown = sorted(set(operation) - {"op", *members})
    if unknown:
        raise BadRequest("member_unknown", {"name": f"{place}/{unknown[0][:60]}"})
    for name, kind in members.items():
        if name in operation or name in NEEDED:
            member_at(operation, place, name, kind)
    if "id" in members and not is_key(operation["id"]):
        raise BadRequest("member_invalid", {"name": f"{place}/id"})


def member_at(operation: Operation, place: str, name: str, kind: type) -> Any:
    """Return a member of an operation, which has to be there and of its type."""
    value = operation.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadRequest("member_invalid", {"name": f"{place}/{name}"})
    return value


def _tried(act: Act, form: Form, operation: Operation) -> _Done:
    try:
        with act.connection.begin_nested(), pointing():
            return VERBS[operation["op"]](act, form, operation)
    except AppError as error:
        return _Done(error.status, error=error)


def _create(act: Act, form: Form, operation: Operation) -> _Done:
    create = documents.create_and_submit if operation.get("submit") else documents.create
    return _Done(201, record_json(create(act, form, operation.get("values", {}))))


def _update(act: Act, form: Form, operation: Operation) -> _Done:
    values, version = operation.get("values", {}), operation["version"]
    changed = documents.update(act, form, operation["id"], values, version=version)
    return _Done(200, record_json(changed))


def _delete(act: Act, form: Form, operation: Operation) -> _Done:
    documents.delete(act, form, operation["id"], version=operation["version"])
    return _Done(204)


def _submit(act: Act, form: Form, operation: Operation) -> _Done:
    sent = documents.submit(act, form, operation["id"], version=operation["version"])
    return _Done(200, record_json(sent))


def _cancel(act: Act, form: Form, operation: Operation) -> _Done:
    reason, version = operation.get("reason", ""), operation["version"]
    gone = documents.cancel(act, form, operation["id"], version=version, reason=reason)
    return _Done(200, record_json(gone))


def _decide(act: Act, form: Form, operation: Operation) -> _Done:
    key = operation["id"]
    task_id = operation["task"] if "task" in operation else own_task(act, form, key)
    decided = documents.decide(
        act, form, key, operation["decision"], operation.get("comment", ""), task_id=task_id
    )
    return _Done(200, {"id": key} if decided is None else record_json(decided))


def _require_all(done: list[_Done]) -> None:
    problems = [
        problem
        for number, each in enumerate(done)
        if each.error is not None
        for problem in _problems(each.error, f"/operations/{number}")
    ]
    if problems:
        raise BatchRefusedError(problems=problems)


def _problems(error: AppError, place: str) -> list[Problem]:
    inside = [replace(each, pointer=place + each.pointer) for each in error.problems]
    return inside or [Problem(place, error.code, error.params)]


def _result(done: _Done) -> Json:
    if done.error is not None:
        return {"status": done.status, "problem": document(done.error, locale())}
    return {"status": done.status, **({} if done.record is None else {"record": done.record})}


VERBS: Final[Mapping[str, Callable[[Act, Form, Operation], _Done]]] = {
    "create": _create,
    "update": _update,
    "delete": _delete,
    "submit": _submit,
    "cancel": _cancel,
    "decide": _decide,
}
NEEDED: Final = frozenset({"id", "version", "decision"})
_SEEN: Final[Mapping[str, type]] = {"id": int, "version": int}
MEMBERS: Final[Mapping[str, Mapping[str, type]]] = {
    "create": {"values": dict, "submit": bool},
    "update": {**_SEEN, "values": dict},
    "delete": _SEEN,
    "submit": _SEEN,
    "cancel": {**_SEEN, "reason": str},
    "decide": {"id": int, "decision": str, "comment": str, "task": int},
}
