"""Department fields that start as the department of whoever fills the form."""

from collections.abc import Sequence

from runtime.compile.field import Field
from runtime.infra import departments
from runtime.infra.act import Act


def own_departments(act: Act, fields: Sequence[Field]) -> dict[str, int]:
    """Return what such fields start with; nothing for whoever belongs nowhere."""
    asked = [
        field.code
        for field in fields
        if field.kind.kind == "department" and field.options.get("current")
    ]
    if not asked or act.actor.user_id is None:
        return {}
    first = next(iter(departments.of_user(act.connection, act.actor.user_id)), None)
    return {} if first is None else dict.fromkeys(asked, first)
