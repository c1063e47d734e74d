"""Whose a file is: its sender's until a record takes it, then whoever's may see that field."""

from collections.abc import Callable

from runtime import access, query
from runtime.compile import Form
from runtime.documents import comments, kept_files
from runtime.infra.act import Act
from runtime.infra.files import StoredFile
from runtime.query import Record
from runtime.workflow import timeline

FormOf = Callable[[str, str], Form]


def may_read(act: Act, file: StoredFile, form_of: FormOf) -> bool:
    """Say whether the actor may have a file; `form_of(app, form)` finds the record's form."""
    if file.form is None or file.record_id is None:
        return act.actor.is_admin or file.created_by == act.actor.user_id
    app_code, _, form_code = file.form.partition(".")
    form = form_of(app_code, form_code)
    if not access.may(act.actor, "view", form):
        return False
    record = query.record(act, form, file.record_id)
    # The record holds what the actor may see: a hidden field hides its files too.
    if record is None:
        return False
    said = (comments.files_of, timeline_files)
    return file.id in _files_of(record) or any(
        file.id in each(act, form, record.id) for each in said
    )


def timeline_files(act: Act, form: Form, record_id: int) -> frozenset[int]:
    """The signatures and attachments people answered with."""
    return timeline.files_of(act, form.app_code, form.code, record_id)


def _files_of(record: Record) -> set[int]:
    lines = {code: [line.values for line in rows] for code, rows in record.lines.items()}
    return kept_files.ids(record.form, {**record.values, **lines})
