"""What was done to a record, said in its own transaction: to the audit, webhooks, automations."""

from collections.abc import Mapping
from typing import Any

from runtime.compile.model import Form
from runtime.documents import triggers
from runtime.infra import audit, outbox
from runtime.infra.act import Act


def tell(act: Act, form: Form, record_id: int, action: str, changed: Mapping[str, Any]) -> None:
    """Record an act on a record, and let those know who asked to be told."""
    audit.write(act, action, f"{form.app_code}.{form.code}", record_id, changed)
    codes = {*changed.get("fields", ()), *changed.get("lines", ())}
    outbox.note(act, (form.app_code, form.code, record_id), action, sorted(codes))
    triggers.happened(act, form, record_id, action, changed)
