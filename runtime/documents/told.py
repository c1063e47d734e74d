"""What was done to a record, said twice in its own transaction: to the audit, and to webhooks."""

from collections.abc import Mapping
from typing import Any

from runtime.compile.model import Form
from runtime.infra import audit, outbox
from runtime.infra.act import Act


def tell(act: Act, form: Form, record_id: int, action: str, changed: Mapping[str, Any]) -> None:
    """Record an act on a record, and let those know who asked to be told."""
    audit.write(act, action, f"{form.app_code}.{form.code}", record_id, changed)
    codes = {*changed.get("fields", ()), *changed.get("lines", ())}
    outbox.note(act, (form.app_code, form.code, record_id), action, sorted(codes))
