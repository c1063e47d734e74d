"""What people do with a document in a flow: answered, sent back, handed on, each a resource."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Response, request

from runtime import query
from runtime.api.acting import allow_members, form_of, member, version_given, write
from runtime.api.records.places import RECORD, pointing
from runtime.api.routes import json_body, route
from runtime.compile.model import Form
from runtime.documents.flows import acts, buttons
from runtime.documents.flows.offers import WHERES, Said
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest
from runtime.infra.requests import Answer
from runtime.query.shapes import record_json

TASK: Final = f"{RECORD}/tasks/<int:task_id>"
FLOW: Final = f"{RECORD}/flow"
Body = Mapping[str, Any]
Doing = Callable[[Act, Form, Body], Any]


@route(f"{TASK}/decision", "POST", "write")
def decide_task(app: str, form: str, record_id: int, task_id: int) -> Response:
    """Approve, reject or fill in, with what the step lets one write; `If-Match`: what was seen."""
    version = seen()

    def decide(act: Act, found: Form, body: Body) -> None:
        values = member(body, "values", dict, {})
        with pointing():
            acts.decide(
                act, found, record_id, word(body, "decision", acts.DECISIONS), said(body),
                task_id=task_id, version=version, values=values,
            )  # fmt: skip

    return _acted(app, form, record_id, decide, "decision", "values", "chosen")


@route(f"{TASK}/return", "POST", "write")
def send_back_task(app: str, form: str, record_id: int, task_id: int) -> Response:
    """Send the document back to a step, or to `start`; `then` is `rerun` or `return`."""
    version = seen()

    def send_back(act: Act, found: Form, body: Body) -> None:
        to, then = member(body, "to", str, "start"), member(body, "then", str, "rerun")
        acts.send_back(
            act, found, record_id, said(body), task_id=task_id, to=to, then=then, version=version
        )

    return _acted(app, form, record_id, send_back, "to", "then")


@route(f"{TASK}/decision", "DELETE", "write")
def take_back_task(app: str, form: str, record_id: int, task_id: int) -> Response:
    """Take back one's own last answer, before anything came of it."""

    def take_back(act: Act, found: Form, _body: Body) -> None:
        acts.take_back(act, found, record_id, Said(), task_id=task_id)

    return _acted(app, form, record_id, take_back, has_body=False)


@route(f"{TASK}/reassignment", "POST", "write")
def reassign_task(app: str, form: str, record_id: int, task_id: int) -> Response:
    """Let somebody else (`to`) decide: in one's place, or `delegated`, in one's name."""

    def reassign(act: Act, found: Form, body: Body) -> None:
        how = word(body, "how", ("reassigned", "delegated"), "reassigned")
        acts.reassign(
            act, found, record_id, said(body), task_id=task_id, to_id=person(body),
            how="delegated" if how == "delegated" else "reassigned",
        )  # fmt: skip

    return _acted(app, form, record_id, reassign, "to", "how")


@route(f"{TASK}/approvers", "POST", "write")
def add_approver(app: str, form: str, record_id: int, task_id: int) -> Response:
    """Ask somebody (`to`) `before`, `after` or `beside` oneself."""

    def add(act: Act, found: Form, body: Body) -> None:
        where = word(body, "where", WHERES)
        acts.add(
            act, found, record_id, said(body), task_id=task_id, to_id=person(body), where=where
        )

    return _acted(app, form, record_id, add, "to", "where")


@route(f"{TASK}/approvers/<int:user_id>", "DELETE", "write")
def remove_approver(app: str, form: str, record_id: int, task_id: int, user_id: int) -> Response:
    """Ask somebody no more whom one had added."""

    def remove(act: Act, found: Form, _body: Body) -> None:
        acts.remove_added(act, found, record_id, Said(), task_id=task_id, user_id=user_id)

    return _acted(app, form, record_id, remove, has_body=False)


@route(f"{TASK}/stash", "PUT", "write")
def stash_task(app: str, form: str, record_id: int, task_id: int) -> Response:
    """Put aside what one has typed about a task, without answering it."""

    def stash(act: Act, found: Form, body: Body) -> None:
        values = member(body, "values", dict, {})
        acts.stash(act, found, record_id, said(body), task_id=task_id, values=values)

    return _acted(app, form, record_id, stash, "values")


@route(f"{FLOW}/withdrawal", "POST", "write")
def withdraw_record(app: str, form: str, record_id: int) -> Response:
    """Take one's own document back out of its flow; it is a draft again."""
    version = seen()

    def withdraw(act: Act, found: Form, body: Body) -> None:
        acts.withdraw(act, found, record_id, said(body), version=version)

    return _acted(app, form, record_id, withdraw)


@route(f"{FLOW}/reminders", "POST", "write")
def urge_record(app: str, form: str, record_id: int) -> Response:
    """Remind those who have not answered."""

    def urge(act: Act, found: Form, body: Body) -> Any:
        return {"reminded": len(acts.urge(act, found, record_id, said(body)))}

    return _acted(app, form, record_id, urge)


@route(f"{FLOW}/copies", "POST", "write")
def copy_record(app: str, form: str, record_id: int) -> Response:
    """Let people (`to`, their ids) know of a document one takes part in."""

    def copy(act: Act, found: Form, body: Body) -> None:
        acts.copy(act, found, record_id, said(body), to_ids=people(body.get("to"), "to"))

    return _acted(app, form, record_id, copy, "to")


@route(f"{FLOW}/termination", "POST", "write", permission="admin")
def terminate_record(app: str, form: str, record_id: int) -> Response:
    """End a flow under way."""

    def terminate(act: Act, found: Form, body: Body) -> None:
        acts.terminate(act, found, record_id, said(body))

    return _acted(app, form, record_id, terminate)


@route(f"{FLOW}/reactivation", "POST", "write", permission="admin")
def reactivate_record(app: str, form: str, record_id: int) -> Response:
    """Let a flow that has ended go on where it ended."""

    def reactivate(act: Act, found: Form, body: Body) -> None:
        acts.reactivate(act, found, record_id, said(body))

    return _acted(app, form, record_id, reactivate)


@route(f"{RECORD}/buttons/<button_code>", "POST", "write")
def press_button(app: str, form: str, record_id: int, button_code: str) -> Response:
    """Begin the automation of a button about the version one has seen."""
    version = version_given()

    def press(act: Act, found: Form, _body: Body) -> Any:
        return {"run": buttons.press(act, found, record_id, button_code, version=version)}

    return _acted(app, form, record_id, press, has_body=False)


def seen() -> int | None:
    """The version the caller names; without one the document must be as when they were asked."""
    return version_given() if "If-Match" in request.headers else None


def said(body: Body) -> Said:
    """The comment of a body, and whom it chooses for later steps."""
    chosen = {
        str(step): people(ids, "chosen") for step, ids in member(body, "chosen", dict, {}).items()
    }
    return Said(member(body, "comment", str, ""), chosen=chosen)


def word(body: Body, name: str, known: tuple[str, ...], default: str = "") -> str:
    """A member that is one of a few words, spelled as they are."""
    given: str = member(body, name, str, default)
    if given not in known:
        raise BadRequest("member_invalid", {"name": name})
    return given


def person(body: Body) -> int:
    """Whom the act is about."""
    return people([body.get("to")], "to")[0]


def people(given: Any, name: str) -> tuple[int, ...]:
    """Ids of people."""
    is_list = isinstance(given, list) and len(given) <= 100
    if not is_list or not all(type(each) is int and 0 < each < 2**53 for each in given):
        raise BadRequest("member_invalid", {"name": name})
    return tuple(given)


def _acted(
    app: str, form: str, record_id: int, doing: Doing, *names: str, has_body: bool = True
) -> Response:
    """Do it once however often it is sent; answer the record as the caller may see it then."""
    body: Body = json_body() if has_body else {}
    allow_members(body, "comment", *names)

    def work(act: Act) -> Answer:
        found = form_of(act, app, form)
        more = doing(act, found, body)
        record = query.record(act, found, record_id)
        # An approver may decide without the right to view.
        shown = {"id": record_id} if record is None else record_json(record)
        return Answer(200, shown if more is None else more)

    return write(work, key_required=request.method == "POST")
