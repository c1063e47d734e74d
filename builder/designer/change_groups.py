"""Differences as pages show them: by the form they are in, each with its mark."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from builder.changes import Sentence
from runtime.definitions.label import read_label
from runtime.screens.i18n import _, label

ICONS: Final = {
    "added": "plus",
    "removed": "trash",
    "changed": "pencil",
    "moved": "arrows-horizontal",
}


@dataclass(frozen=True)
class Said:
    """One difference in the reader's language."""

    kind: str
    icon: str
    text: str


@dataclass(frozen=True)
class ChangeGroup:
    """What differs in one form, or in the app itself."""

    name: str
    says: tuple[Said, ...]


def change_groups(
    found: Iterable[Sentence], *sources: Mapping[str, Any]
) -> tuple[ChangeGroup, ...]:
    """Group differences by form, in the order they were found; `sources` know the labels."""
    names = {
        form["code"]: label(read_label(form.get("label"), form["code"]))
        for source in sources
        for part in ("aggregates", "forms")
        for form in source.get(part, ())
    }
    groups: dict[str | None, list[Said]] = {}
    for each in found:
        said = Said(each.kind, ICONS.get(each.kind, "pencil"), label(each.text))
        groups.setdefault(each.form, []).append(said)
    return tuple(
        ChangeGroup(names.get(code, code) if code else _("整个应用"), tuple(says))
        for code, says in groups.items()
    )
