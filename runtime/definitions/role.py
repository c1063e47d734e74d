"""What a role may do, form by form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from runtime.definitions.label import Label, read_label

VERBS: Final = ("view", "create", "update", "submit", "cancel", "delete", "import", "export")


@dataclass(frozen=True)
class GrantDef:
    """Verbs on one form (`*`: every form); `rows` limits whose records, `hidden` which fields."""

    form: str
    verbs: frozenset[str]
    rows: Literal["all", "own"] = "all"
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RoleDef:
    """A role: grants add up, nothing is allowed without one."""

    code: str
    label: Label
    grants: tuple[GrantDef, ...]


def read_role(source: Mapping[str, Any]) -> RoleDef:
    """Turn a role's JSON (already of the right shape) into a RoleDef."""
    grants = tuple(
        GrantDef(
            form=grant["form"],
            verbs=frozenset(grant["verbs"]),
            rows=grant.get("rows", "all"),
            hidden=frozenset(grant.get("hidden", ())),
        )
        for grant in source["grants"]
    )
    label = read_label(source.get("label"), source["code"])
    return RoleDef(code=source["code"], label=label, grants=grants)
