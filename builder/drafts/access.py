"""Who sees and fills what, as operations change it; and new fields nobody has decided about."""

from collections.abc import Mapping
from typing import Any, Final

from builder.drafts.model import Undecided
from builder.drafts.working import Object, Working, id_of, put

EVERY_FORM: Final = "*"
# Which lists of a grant name a field, by how far somebody gets to it.
_LISTS: Final[Mapping[str, str]] = {"none": "hidden", "read": "readonly"}


def grant_of(role: Object, form: str) -> Object | None:
    """The grant of a role on a form."""
    found: Object | None = next((each for each in role["grants"] if each["form"] == form), None)
    return found


def forget_form_grant(role: Object, form: str) -> None:
    """Take everything about a form from a role."""
    role["grants"] = [each for each in role["grants"] if each["form"] != form]


def set_paths(grant: Object, path: str, access: str) -> None:
    """Let a grant reach a field as far as `access` says: edit, read or none."""
    for kind, name in _LISTS.items():
        paths = [each for each in grant.get(name, ()) if each != path]
        if kind == access:
            paths.append(path)
        put(grant, name, paths or None, "grant")


def note_new_field(work: Working, form: str, lines: str | None, field: Mapping[str, Any]) -> None:
    """A new field of a form that somebody may open asks who sees it."""
    grants = (grant for role in work.source.get("roles", ()) for grant in role["grants"])
    if any(grant["form"] in (form, EVERY_FORM) for grant in grants):
        work.undecided.append(Undecided(form, lines, id_of(field)))


def decide(work: Working, form: str, lines: str | None, field_id: str) -> None:
    """Somebody has said who sees a field."""
    work.undecided = [each for each in work.undecided if each != Undecided(form, lines, field_id)]
