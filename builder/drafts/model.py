"""What a draft is: an app as it is being changed, and what was taken out of it on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from runtime.definitions.label import Label, read_label

Json = Mapping[str, Any]
Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Removed:
    """Something deleted that can be put back: its JSON, and every place it stood in.

    `version` is the published version that was being changed when it was taken out.
    """

    kind: Literal["field", "form"]
    form: str
    lines: str | None
    code: str
    id: str
    source: Json
    places: Json
    by: str
    at: str
    version: int

    @property
    def label(self) -> Label:
        """What it was called."""
        return read_label(self.source.get("label"), self.code)


@dataclass(frozen=True)
class Undecided:
    """A new field of which nobody has said yet who sees and who fills it."""

    form: str
    lines: str | None
    id: str


@dataclass(frozen=True)
class Draft:
    """An app being changed. `rev` rises with every change, also with undo and redo.

    `source` is the whole app; nobody may change it in place. `base_version` is the published
    version the draft was made from, 0 of an app that was never published.
    """

    app_code: str
    rev: int
    base_version: int
    source: Json
    removed: tuple[Removed, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    changed_by: str = ""
    changed_at: datetime | None = None
    is_changed: bool = False
    can_undo: bool = False
    can_redo: bool = False

    def form(self, code: str) -> Json | None:
        """The form with that code as it stands in the draft."""
        found: Json | None = next(
            (form for form in self.source["forms"] if form["code"] == code), None
        )
        return found


@dataclass(frozen=True)
class Kept:
    """A stored draft as a list shows it, without the app itself being read."""

    app_code: str
    label: Label
    base_version: int
    is_changed: bool
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True)
class Applied:
    """The draft after a change, and the codes of what the add operations made, in order."""

    draft: Draft
    created: tuple[str, ...] = ()
    # What a copy could not take along, as sentences (`sentences` puts them into words).
    notes: tuple[Json, ...] = ()


@dataclass(frozen=True)
class Jump:
    """Where in the designer something is put right."""

    tab: str
    form: str | None = None
    lines: str | None = None
    field: str | None = None
    section: str | None = None
    # Of a workflow, and of the step or branch in it.
    flow: str | None = None
    step: str | None = None


@dataclass(frozen=True)
class DraftProblem:
    """Something to put right before publishing (`error`), or to think about (`warning`)."""

    pointer: str
    code: str
    params: Json = field(default_factory=dict)
    severity: Severity = "error"
    jump: Jump = Jump("form")
