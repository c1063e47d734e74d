"""Whose a file is: its sender's until a record takes it, then whoever's may see that field."""

from collections.abc import Callable

from runtime import access, query
from runtime.compile import Form
from runtime.infra.act import Act
from runtime.infra.files import StoredFile

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
    # A field that is hidden hides its files too.
    return record is not None and any(
        file.id in (record.values.get(item.code) or ())
        for item in form.fields
        if item.kind.kind == "attachment"
    )
