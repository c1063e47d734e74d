"""The draft of an app through the API: read, changed by operations or as a whole, published.

`ETag` is the draft's revision; whoever changes it says by `If-Match` which one was seen.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, Response

from builder import drafts
from builder.drafts import Applied, Draft, DraftProblem
from runtime.api.acting import allow_members, etag, member, reading, version_given, write
from runtime.api.problems import locale
from runtime.api.routes import (
    BODY_LIMIT,
    Declared,
    allow_parameters,
    blueprint,
    check_scope,
    json_answer,
    json_body,
)
from runtime.definitions.label import write_label
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest
from runtime.infra.messages import message
from runtime.infra.requests import Answer
from runtime.infra.strict_json import Json

APPS: Final = f"{blueprint.url_prefix}/apps"
DRAFT: Final = f"{APPS}/<app>/draft"
LONGEST_NOTE: Final = 200


def init_app(app: Flask) -> None:
    """Add the draft of an app, what can be done to it, and new apps."""
    views: tuple[tuple[str, str, Callable[..., Response]], ...] = (
        (APPS, "POST", create_app),
        (DRAFT, "GET", get_draft),
        (DRAFT, "PUT", put_draft),
        (DRAFT, "DELETE", discard_draft),
        (f"{DRAFT}/operations", "POST", change_draft),
        (f"{DRAFT}/undo", "POST", undo_draft),
        (f"{DRAFT}/redo", "POST", redo_draft),
        (f"{DRAFT}/problems", "GET", draft_problems),
        (f"{DRAFT}/publication", "POST", publish_draft),
    )
    for address, method, view in views:
        app.add_url_rule(address, f"designs.{view.__name__}", view, methods=[method])


def create_app() -> Response:
    """A new, empty app: a draft until it is published. Without `code` its label gives it one."""
    check_scope(create_app)
    body = json_body()
    allow_members(body, "code", "label")
    code = member(body, "code", str)

    def work(act: Act) -> Answer:
        return Answer(201, _shown(drafts.create_app(act, code, body.get("label"))))

    return _tagged(write(work, key_required=False))


def get_draft(app: str) -> Response:
    """The app as it is being changed, and what was deleted on the way."""
    check_scope(get_draft)
    allow_parameters()
    with reading() as act:
        draft = drafts.read(act, app)
    return json_answer({**_shown(draft), **_whole(draft)}, ETag=etag(draft.rev))


def put_draft(app: str) -> Response:
    """Let another JSON of the app be the draft; `why` stands in its history."""
    check_scope(put_draft)
    body, rev = json_body(), version_given()
    allow_members(body, "source", "why")
    source, why = member(body, "source", dict), member(body, "why", str, "API")
    if source is None:
        raise BadRequest("member_invalid", {"name": "source"})
    return _changed(lambda act: drafts.replace(act, app, rev, source, why[:LONGEST_NOTE]))


def discard_draft(app: str) -> Response:
    """Go back to what is published; an app that was never published is gone."""
    check_scope(discard_draft)
    rev = version_given()

    def work(act: Act) -> Answer:
        draft = drafts.discard(act, app, rev)
        return Answer(200, _shown(draft)) if draft.base_version else Answer(204, None)

    return _tagged(write(work, key_required=False))


def change_draft(app: str) -> Response:
    """Carry out operations on the draft, all or none, in order."""
    check_scope(change_draft)
    body, rev = json_body(), version_given()
    allow_members(body, "ops")
    ops = member(body, "ops", list)
    if ops is None or not all(isinstance(each, dict) for each in ops):
        raise BadRequest("member_invalid", {"name": "ops"})
    return _changed(lambda act: drafts.apply(act, app, rev, ops))


def undo_draft(app: str) -> Response:
    """Take back the last change of the draft."""
    check_scope(undo_draft)
    rev = version_given()
    return _changed(lambda act: drafts.undo(act, app, rev))


def redo_draft(app: str) -> Response:
    """Make the change again that was taken back last."""
    check_scope(redo_draft)
    rev = version_given()
    return _changed(lambda act: drafts.redo(act, app, rev))


def draft_problems(app: str) -> Response:
    """What forbids publishing the draft (`error`) and what should be thought about (`warning`)."""
    check_scope(draft_problems)
    allow_parameters()
    with reading() as act:
        draft = drafts.read(act, app)
        found = [_problem(each) for each in drafts.problems(act, draft)]
    return json_answer({"problems": found}, ETag=etag(draft.rev))


def publish_draft(app: str) -> Response:
    """Publish the draft as it was seen: checked, planned, migrated and active, or nothing."""
    check_scope(publish_draft)
    body, rev = json_body(), version_given()
    allow_members(body, "note")
    note = member(body, "note", str, "")

    def work(act: Act) -> Answer:
        published = drafts.publish(act, app, rev, note[:LONGEST_NOTE])
        asked = published.recomputing
        answer = {
            "code": app,
            "number": published.app.version,
            "changed": published.changed,
            "recompute": {"rows": asked.rows, "job": asked.job},
        }
        is_first = published.changed and published.app.version == 1
        return Answer(201 if is_first else 200, {**answer, "rev": drafts.read(act, app).rev})

    return _tagged(write(work, key_required=False))


def _changed(change: Callable[[Act], Applied]) -> Response:
    def work(act: Act) -> Answer:
        applied = change(act)
        told = {
            "created": list(applied.created),
            "notes": drafts.sentences(applied.notes, locale()),
        }
        return Answer(200, {**_shown(applied.draft), **told})

    return _tagged(write(work, key_required=False))


def _tagged(response: Response) -> Response:
    """The revision a draft has after a change, also when an answer is repeated."""
    body = response.get_json(silent=True)
    if isinstance(body, Mapping) and "rev" in body:
        response.headers["ETag"] = etag(body["rev"])
    return response


def _shown(draft: Draft) -> dict[str, Json]:
    at = draft.changed_at
    return {
        "code": draft.app_code,
        "rev": draft.rev,
        "base_version": draft.base_version,
        "changed": draft.is_changed,
        "changed_by": draft.changed_by,
        "changed_at": None if at is None else at.isoformat(),
        "can_undo": draft.can_undo,
        "can_redo": draft.can_redo,
    }


def _whole(draft: Draft) -> dict[str, Json]:
    removed = [
        {
            "kind": each.kind,
            "form": each.form,
            "lines": each.lines,
            "code": each.code,
            "id": each.id,
            "label": write_label(each.label),
            "by": each.by,
            "at": each.at,
        }
        for each in draft.removed
    ]
    undecided = [{"form": u.form, "lines": u.lines, "id": u.id} for u in draft.undecided]
    return {"source": draft.source, "removed": removed, "undecided": undecided}


def _problem(found: DraftProblem) -> dict[str, Any]:
    jump = found.jump
    return {
        "severity": found.severity,
        "pointer": found.pointer,
        "code": found.code,
        "params": dict(found.params),
        "message": message(found.code, found.params, locale()),
        "jump": {
            "tab": jump.tab,
            "form": jump.form,
            "lines": jump.lines,
            "field": jump.field,
            "section": jump.section,
        },
    }


for _view in (
    create_app,
    get_draft,
    put_draft,
    discard_draft,
    change_draft,
    undo_draft,
    redo_draft,
    draft_problems,
    publish_draft,
):
    _view.declared = Declared("admin", body=BODY_LIMIT, scope="design")  # type: ignore[union-attr]
