"""What the actor may do with a record as it stands: the buttons and the menu of its page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from runtime import access, query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.screens.i18n import _
from runtime.screens.printing import offered_for


@dataclass(frozen=True)
class Action:
    """An entry of the menu of further actions."""

    label: str
    icon: str
    href: str = ""
    dialog: str = ""
    is_danger: bool = False


def may_edit(act: Act, form: Form, record: query.Record | None) -> bool:
    """Say whether the actor may change the record as it stands now."""
    if record is None:
        return access.may(act.actor, "create", form)
    if not access.may(act.actor, "update", form):
        return False
    if not form.is_document or record.status == "draft":
        return True
    # What was rejected goes back to whoever made it.
    own = act.actor.user_id == record.created_by or act.actor.is_admin
    return record.status == "rejected" and own


def rights_of(
    act: Act, form: Form, record: query.Record | None, *, is_editable: bool
) -> dict[str, Any]:
    """Return what a page says of the actor's rights; urls are empty where nothing may be done."""
    may_submit = is_editable and form.is_document and access.may(act.actor, "submit", form)
    found: dict[str, Any] = {
        "may_save": is_editable,
        "submit_label": _submit_label(form) if may_submit else "",
    }
    if record is None:
        return found
    may_cancel = (
        form.is_document
        and record.status not in {"cancelled", "draft"}
        and access.may(act.actor, "cancel", form)
    )
    number_given = form.is_document and bool(number_of(form, record))
    may_delete = access.may(act.actor, "delete", form) and (
        not form.is_document or (record.status == "draft" and not number_given)
    )
    found |= {
        "is_posted": record.status == "posted",
        "decision_url": address("decide_record", form, record) if form.workflow else "",
        "may_cancel": may_cancel,
        "cancellation_url": address("cancel_record", form, record) if may_cancel else "",
        "deletion_url": address("delete_record", form, record) if may_delete else "",
    }
    found["printouts"] = offered_for(act, form, record.id)
    found["more"] = tuple(_more(act, form, record, found))
    return found


def _submit_label(form: Form) -> str:
    if form.workflow is not None:
        return _("提交审批")
    return _("提交并过账") if form.posting is not None else _("提交")


def _more(
    act: Act, form: Form, record: query.Record, rights: Mapping[str, Any]
) -> Iterator[Action]:
    if access.may(act.actor, "create", form):
        copying = url_for(
            "screens.new_record", app_code=form.app_code, form_code=form.code, copy=record.id
        )
        yield Action(_("复制"), "copy", href=copying)
    here = address("show_record", form, record)
    if rights["may_save"]:
        yield Action(_("阅读和打印"), "eye", href=f"{here}?view=read")
    yield Action(_("版本"), "history", href=f"{here}/versions")
    if rights["may_cancel"]:
        yield Action(_("作废"), "ban", dialog="dlg-cancel", is_danger=True)
    if rights["deletion_url"]:
        yield Action(_("删除"), "trash", dialog="dlg-delete", is_danger=True)


def address(view: str, form: Form, record: query.Record) -> str:
    """Return the address of something below a record."""
    return url_for(
        f"screens.{view}", app_code=form.app_code, form_code=form.code, record_id=record.id
    )


def number_of(form: Form, record: query.Record | None) -> str:
    """Return the number a document has been given, or nothing."""
    if record is None:
        return ""
    codes = (item.code for item in form.fields if item.kind.kind == "document_number")
    return next((str(record.values.get(code) or "") for code in codes), "")
