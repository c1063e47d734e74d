"""The head of a document page: where it is sent, what it is called, the state it is in."""

from dataclasses import dataclass

from flask import url_for

from runtime import query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.screens.form_fields import record_url
from runtime.screens.form_rights import address, number_of
from runtime.screens.i18n import _, label
from runtime.screens.statuses import status_text, status_tone


@dataclass(frozen=True)
class Status:
    """The state of a record, as a tag."""

    label: str
    tone: str
    code: str = ""


def draft_key(act: Act, form: Form, record: query.Record | None) -> str:
    """Return where a copy of what is typed is kept in the browser."""
    place = record.id if record else "new"
    return f"{act.actor.user_id}:{form.app_code}/{form.code}/{place}"


def action_url(form: Form, record: query.Record | None, *, is_task: bool) -> str:
    """Return where the form is sent: a task's answer, a change, a new record."""
    if record is not None and is_task:
        return address("decide_record", form, record)
    if record is None:
        return url_for("screens.create_record", app_code=form.app_code, form_code=form.code)
    return record_url(form, record.id)


def rules_url(form: Form, record: query.Record | None) -> str:
    """Return where rules are asked that the page cannot ask itself."""
    if not form.rules:
        return ""
    if record is None:
        return url_for("screens.rule_states", app_code=form.app_code, form_code=form.code)
    return address("rule_states_of", form, record)


def page_title(form: Form, record: query.Record | None) -> str:
    """Return what the browser calls the page."""
    name = label(form.label)
    if record is None:
        return _("新建%(form)s", form=name)
    return f"{number_of(form, record) or record.title} · {name}"


def status_of(form: Form, record: query.Record | None) -> Status | None:
    """Return the state of a document as a tag."""
    if not form.is_document:
        return None
    status = record.status if record else "draft"
    return Status(status_text(status), status_tone(status), status)
