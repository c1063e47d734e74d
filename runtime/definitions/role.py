"""What a role may do, form by form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from runtime.definitions.label import Label, read_label

# Whose records: everybody's, one's own, those of one's departments, with all below them, or of all
# one leads; `rule`: those of which a condition of the grant holds.
RowScope = Literal["all", "own", "department", "department_tree", "subordinates", "rule"]
ROW_SCOPES: Final[tuple[RowScope, ...]] = get_args(RowScope)
# `print`, `bulk` (acts on many records at once) and `manage` (views for everybody) came later: a
# role that does not name them does not have them.
VERBS: Final = (
    "view",
    "create",
    "update",
    "submit",
    "cancel",
    "delete",
    "import",
    "export",
    "print",
    "bulk",
    "manage",
)


@dataclass(frozen=True)
class GrantDef:
    """Verbs on one form (`*`: every form), and whose records (`rows`).

    With the scope `rule` they are those of which `condition` holds, a formula over the record and
    the person who looks. Fields named in `hidden` are neither read nor written, those in
    `readonly` only read.
    """

    form: str
    verbs: frozenset[str]
    rows: RowScope = "all"
    hidden: frozenset[str] = frozenset()
    readonly: frozenset[str] = frozenset()
    condition: str = ""


@dataclass(frozen=True)
class RoleDef:
    """A role: grants add up, nothing is allowed without one.

    What the roles in `includes` may do, its holders may as well.
    """

    code: str
    label: Label
    grants: tuple[GrantDef, ...]
    includes: tuple[str, ...] = ()


def read_role(source: Mapping[str, Any]) -> RoleDef:
    """Turn a role's JSON (already of the right shape) into a RoleDef."""
    grants = tuple(
        GrantDef(
            form=grant["form"],
            verbs=frozenset(grant["verbs"]),
            rows=grant.get("rows", "all"),
            hidden=frozenset(grant.get("hidden", ())),
            readonly=frozenset(grant.get("readonly", ())),
            condition=grant.get("condition", ""),
        )
        for grant in source["grants"]
    )
    label = read_label(source.get("label"), source["code"])
    includes = tuple(source.get("includes", ()))
    return RoleDef(code=source["code"], label=label, grants=grants, includes=includes)
