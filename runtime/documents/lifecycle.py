"""The story of a document, verb by verb, each in its order from permission to audit.

    draft ── submit ──▶ submitted ── approve ──▶ approved, or posted with a posting rule
      ▲                     │
      └── update ── rejected ◀── reject          any of them ── cancel ──▶ cancelled

Without a workflow, submit posts at once. Every verb runs in the transaction of its caller: what is
refused raises, and the caller's rollback leaves everything as it was. This is the only place that
knows workflow and posting both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from runtime import access, posting, workflow
from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.documents import (
    changes,
    dependents,
    idempotency,
    links,
    numbering,
    recycle,
    save,
    stored,
    triggers,
    versions,
)
from runtime.documents.conditions import (
    clean_comment,
    require_document,
    require_editable,
    require_kept,
    require_version,
)
from runtime.documents.flows import acts as flow_acts
from runtime.documents.flows import beginning
from runtime.documents.flows.ending import carry_out
from runtime.documents.flows.offers import Said
from runtime.documents.flows.world import DocumentWorld
from runtime.documents.idempotency import Request
from runtime.documents.numbering import Count
from runtime.documents.prepare import Prepared, as_values
from runtime.documents.rechecked import require_as_ruled
from runtime.documents.told import tell
from runtime.documents.usage import require_unused
from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Conflict, NotFound
from runtime.query import Record
from runtime.query import record as visible_record
from runtime.query.record import for_actor
from runtime.workflow import Subject

RECORD_STATUS: Final = "active"
DECISIONS: Final = ("approve", "reject")


def create(act: Act, form: Form, values: Mapping[str, Any], *, key: str | None = None) -> Record:
    """Make a record: master data complete, a document as a draft that may still lack something."""
    access.require(act.actor, "create", form)
    asked = _asked(form, "create", values, key)
    made = _made_before(act, form, asked)
    if made is not None:
        return made
    prepared = beginning.prepared(act, form, values, None, complete=not form.is_document)
    if not form.is_document:
        prepared = _numbered(act, form, prepared)
    status = "draft" if form.is_document else RECORD_STATUS
    return _shown(act, _insert(act, form, prepared, status, asked))


def update(
    act: Act, form: Form, record_id: int, values: Mapping[str, Any], *, version: int
) -> Record:
    """Change a record that was read as `version`; a rejected document becomes a draft again."""
    access.require(act.actor, "update", form)
    return _update(act, form, record_id, values, Told("update", version))


def restore_version(act: Act, form: Form, record_id: int, *, restored: int, version: int) -> Record:
    """Change a record back into what it was after an act of its past (`versions`).

    That is an update like any other: what could not be written today is not brought back.
    """
    access.require(act.actor, "update", form)
    then = versions.as_of(act, form, record_id, version=restored)
    if then is None:
        raise NotFound
    values = versions.brought_back(act, form, then)
    told = Told("restore", version, {"restored": restored})
    return _update(act, form, record_id, values, told)


@dataclass(frozen=True)
class Told:
    """How an update is called in the audit, and what its actor had read."""

    action: str
    version: int
    more: Mapping[str, Any] = field(default_factory=dict)


def _update(act: Act, form: Form, record_id: int, values: Mapping[str, Any], told: Told) -> Record:
    before = stored.lock(act, form, record_id, "update")
    require_version(act, form, before, told.version)
    require_editable(act, form, before)
    prepared = beginning.prepared(act, form, values, before, complete=not form.is_document)
    status = "draft" if form.is_document else RECORD_STATUS
    if status == before.status and prepared.values == as_values(before):
        return _shown(act, stored.labelled(act, before))
    if not form.is_document:
        posting.require_same_terms(act, form, record_id, as_values(before), prepared.values)
    after, lines = save.update_record(act, form, before, prepared, status)
    require_kept(act, form, record_id, "update")
    after = _followed(act, form, before, after)
    changed = changes.of_update(form, before, prepared.values, lines)
    if status != before.status:
        changed["status"] = [before.status, status]
    _note(act, form, record_id, told.action, {**changed, **told.more})
    return _shown(act, triggers.as_it_stands(act, after))


def submit(act: Act, form: Form, record_id: int, *, version: int) -> Record:
    """Complete a draft: it gets its number and goes to its approvers, or is posted at once."""
    access.require(act.actor, "submit", form)
    require_document(form)
    before = stored.lock(act, form, record_id, "submit")
    require_version(act, form, before, version)
    require_editable(act, form, before)
    prepared = _numbered(act, form, beginning.prepared(act, form, {}, before, complete=True))
    require_as_ruled(act, form, before)
    sent, lines = save.update_record(act, form, before, prepared, _status_on_submit(form))
    sent = _followed(act, form, before, sent)
    changed = changes.of_update(form, before, prepared.values, lines)
    changed["status"] = [before.status, sent.status]
    _note(act, form, record_id, "submit", changed)
    return _shown(act, _send(act, form, triggers.as_it_stands(act, sent)))


def create_and_submit(
    act: Act, form: Form, values: Mapping[str, Any], *, key: str | None = None
) -> Record:
    """Make a complete document and submit it in one go."""
    access.require(act.actor, "create", form)
    access.require(act.actor, "submit", form)
    require_document(form)
    asked = _asked(form, "create_and_submit", values, key)
    made = _made_before(act, form, asked)
    if made is not None:
        return made
    prepared = _numbered(act, form, beginning.prepared(act, form, values, None, complete=True))
    sent = _insert(act, form, prepared, _status_on_submit(form), asked)
    _note(act, form, sent.id, "submit", {})
    return _shown(act, _send(act, form, sent))


def decide(  # noqa: PLR0913 - who decides what about which task, having seen which version
    act: Act,
    form: Form,
    record_id: int,
    decision: str,
    comment: str,
    *,
    task_id: int,
    version: int | None = None,
) -> Record | None:
    """Answer one's task; the last approval ends the flow and posts, in the same transaction.

    The right is the task, not a grant: None is returned to an approver who may not view the form.
    Without a `version` the document must be as it was when they were asked.
    """
    if decision not in DECISIONS:
        raise BadRequest("decision_unknown")
    decided = flow_acts.decide(
        act, form, record_id, decision, Said(comment), task_id=task_id, version=version
    )
    return _shown(act, decided) if access.may(act.actor, "view", form) else None


def cancel(act: Act, form: Form, record_id: int, *, version: int, reason: str) -> Record:
    """Take a document out of force, for a reason: what it posted is voided, its flow withdrawn."""
    access.require(act.actor, "cancel", form)
    require_document(form)
    document = stored.labelled(act, stored.lock(act, form, record_id, "cancel"))
    if document.status == "cancelled":
        raise Conflict("already_cancelled")
    require_version(act, form, document, version)
    said = clean_comment(reason)
    if not said:
        raise BadRequest("reason_missing")
    links.require_not_continued(act, form, document)
    # Rows of other forms are locked before the kernel's pools, here as everywhere.
    cancelled = _write_status(act, form, document, "cancelled")
    if document.status == "posted" and form.posting is not None:
        posting.void_document(act, form, document)
    workflow.withdraw(act, Subject(*_form(form), record_id), said)
    noted = {"reason": said, "status": [document.status, "cancelled"]}
    _note(act, form, record_id, "cancel", noted)
    return _shown(act, cancelled)


def delete(act: Act, form: Form, record_id: int, *, version: int) -> None:
    """Put a draft that never had a number, or master data nothing points to, into the bin."""
    access.require(act.actor, "delete", form)
    record = stored.lock(act, form, record_id, "delete")
    require_version(act, form, record, version)
    given = any(record.values.get(item.code) for item in _number_fields(form))
    if form.is_document and (record.status != "draft" or given):
        # A number that was given stays, so that the row of numbers has no gap.
        raise Conflict("not_deletable", hint="cancel_instead")
    require_unused(act, form, record_id)
    recycle.put(act, form, record)
    save.delete_record(act, form, record)
    dependents.changed(act, form, record, None)
    noted = {**changes.of_deleted(form, record), "status": [record.status, None]}
    _note(act, form, record_id, "delete", noted)


def _send(act: Act, form: Form, document: Record) -> Record:
    """After submit: into the flow, or straight to the kernel."""
    if form.workflow is None:
        if form.posting is not None:
            posting.post_document(act, form, document)
            _note(act, form, document.id, "post", {})
        return document
    if form.posting is not None:
        # Whoever submits hears at once what would be refused after everybody has approved.
        posting.check_document(act, form, document)
    subject = Subject(*_form(form), document.id)
    maker, editors = document.created_by, _editors(act, form, document.id)
    begun = workflow.Begun(maker, editors, others=form.workflows)
    world = DocumentWorld(act, document)
    beginning.write(act, world)
    effects = workflow.start(act, subject, form.workflow, begun=begun, world=world)
    return carry_out(act, world, effects)


def _editors(act: Act, form: Form, record_id: int) -> tuple[int, ...]:
    """Who has changed a document: nobody of them approves what they wrote themselves."""
    return audit.people(act.connection, ".".join(_form(form)), record_id, "update")


def _write_status(act: Act, form: Form, document: Record, status: str) -> Record:
    """Let a document go on in its life, and what depends on it with it."""
    return _followed(act, form, document, save.write_status(act, form, document, status))


def _followed(act: Act, form: Form, before: Record | None, after: Record) -> Record:
    """Bring up to date what depends on a record, and return it as it stands then."""
    return dependents.changed(act, form, before, after) or after


def _status_on_submit(form: Form) -> str:
    """Without approvers a document with a posting rule is posted the moment it is submitted."""
    return "posted" if form.workflow is None and form.posting is not None else "submitted"


def _insert(act: Act, form: Form, prepared: Prepared, status: str, asked: Request | None) -> Record:
    new = save.insert_record(act, form, prepared, status)
    require_kept(act, form, new.id, "create")
    made = _followed(act, form, None, new)
    changed = changes.of_new(form, prepared.values)
    _note(act, form, made.id, "create", {**changed, "status": [None, status]})
    if asked is not None:
        idempotency.remember(act, asked, made.id)
    return triggers.as_it_stands(act, made)


def _numbered(act: Act, form: Form, prepared: Prepared) -> Prepared:
    """Give the numbers that are not given yet; what was rejected keeps the one it had."""
    given: dict[str, str] = {}
    for item in _number_fields(form):
        if not prepared.values.get(item.code):
            count = Count(*_form(form), item.code)
            given[item.code] = numbering.next_number(
                act.connection, count, item.options, now=act.now, zone=form.zone
            )
    return replace(prepared, values={**prepared.values, **given}) if given else prepared


def _number_fields(form: Form) -> tuple[Field, ...]:
    return tuple(item for item in form.fields if item.kind.kind == "document_number")


def _asked(form: Form, verb: str, values: Mapping[str, Any], key: str | None) -> Request | None:
    return None if key is None else idempotency.request(key, *_form(form), verb, values)


def _made_before(act: Act, form: Form, asked: Request | None) -> Record | None:
    """What the same request made when it came the first time."""
    first = None if asked is None else idempotency.first_result(act, asked)
    if first is None:
        return None
    made = visible_record(act, form, first)
    if made is None:
        # It has been deleted since, or is not theirs to see any more.
        raise NotFound
    return made


def _shown(act: Act, document: Record) -> Record:
    """The record as the actor may see it."""
    access.require(act.actor, "view", document.form)
    return for_actor(act, document)


def _note(act: Act, form: Form, record_id: int, action: str, changed: Mapping[str, Any]) -> None:
    tell(act, form, record_id, action, changed)


def _form(form: Form) -> tuple[str, str]:
    return form.app_code, form.code
