"""Buttons of a form that begin an automation, for those who may press them."""

from dataclasses import dataclass

from runtime import access
from runtime.compile.model import Form
from runtime.definitions import Label, WorkflowDef
from runtime.definitions.label import read_label
from runtime.documents import triggers
from runtime.documents.conditions import require_version
from runtime.documents.flows import automations
from runtime.documents.flows.automations import Cause
from runtime.documents.flows.facts import DocumentFacts
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Conflict, Forbidden, NotFound
from runtime.query import Record, records_by_id
from runtime.query import record as visible_record

ON = "button"


@dataclass(frozen=True)
class TriggerButton:
    """A button on the page of a record: what it begins, and what stands on it."""

    code: str
    label: Label


def offered(act: Act, form: Form, record: Record) -> tuple[TriggerButton, ...]:
    """The buttons the actor may press on a record they see, whose conditions hold now."""
    rules = [each for each in triggers.listening(form, ON) if _may(act, form, each)]
    whole = records_by_id(act.connection, form, [record.id]).get(record.id) if rules else None
    return tuple(
        TriggerButton(rule.code, read_label(rule.trigger["label"], rule.code))
        for rule in rules
        if whole is not None and _holds(act, rule, whole)
    )


def press(act: Act, form: Form, record_id: int, code: str, *, version: int) -> int:
    """Begin the automation of a button about a record that was seen as `version`; its run's id.

    It runs in the act's transaction: what refuses it is the answer, and nothing has happened.
    """
    if visible_record(act, form, record_id) is None:
        raise NotFound
    rules = triggers.listening(form, ON)
    rule = next((each for each in rules if each.code == code), None)
    if rule is None:
        raise NotFound
    if not _may(act, form, rule):
        raise Forbidden("button_not_yours")
    document = automations.document_of(act, form, ON, record_id)
    if document is None:
        raise NotFound
    require_version(act, form, document, version)
    cause = Cause(ON, record_id, act.actor.user_id)
    run_id = automations.start(act, form, rule, cause, keeps_failure=False)
    if run_id is None:
        raise Conflict("button_not_offered")
    return run_id


def _may(act: Act, form: Form, rule: WorkflowDef) -> bool:
    """Those of its roles; where it names none, whoever may change records of the form."""
    if act.actor.is_admin:
        return True
    roles = rule.trigger.get("roles")
    if roles is None:
        return access.may(act.actor, "update", form)
    own = {role.code for role in access.held(act.actor.roles, form.roles)}
    return not own.isdisjoint(roles)


def _holds(act: Act, rule: WorkflowDef, record: Record) -> bool:
    condition = rule.trigger.get("when")
    try:
        return condition is None or DocumentFacts.of(act, record).holds(condition, ())
    except AppError:
        return False
