"""What a form is: fields, sections, a life cycle, a posting rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from runtime.definitions.check import CheckDef
from runtime.definitions.label import Label, read_label
from runtime.definitions.posting import PostingDef
from runtime.definitions.rule import RuleDef
from runtime.definitions.view import ViewDef

FormType = Literal["record", "document"]


@dataclass(frozen=True)
class FieldDef:
    """One field. `id` never changes and is what formulas store; `options` belong to the kind."""

    code: str
    kind: str
    label: Label
    id: str = ""
    required: bool = False
    unique: bool = False
    default: Any = None
    help: Label | None = None
    placeholder: Label | None = None
    width: int = 0
    readonly: bool = False
    # Asked for in filters often enough to be worth an index of its own.
    index: bool = False
    # On a phone: shown, or left to the wide screen.
    phone: Literal["show", "hide"] = "show"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> tuple["FieldDef", ...]:
        """The fields of a line table; none for any other kind."""
        return tuple(read_field(item) for item in self.options.get("fields", ()))


@dataclass(frozen=True)
class SectionDef:
    """A titled group of fields on the screen, in order."""

    code: str
    label: Label
    fields: tuple[str, ...]
    tab: str | None = None
    phone: Literal["open", "folded"] = "open"


@dataclass(frozen=True)
class TabDef:
    """A tab of a form: the sections that name it stand on it."""

    code: str
    label: Label


@dataclass(frozen=True)
class FormDef:
    """A form: `record` is master data, `document` is filled, submitted and posted."""

    code: str
    label: Label
    type: FormType
    fields: tuple[FieldDef, ...]
    icon: str = "file-text"
    title: str = ""
    list_columns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    sections: tuple[SectionDef, ...] = ()
    workflow: str | None = None
    posting: PostingDef | None = None
    checks: tuple[CheckDef, ...] = ()
    rules: tuple[RuleDef, ...] = ()
    tabs: tuple[TabDef, ...] = ()
    # Fields whose values together stand in one record at most.
    unique_together: tuple[tuple[str, ...], ...] = ()
    views: tuple[ViewDef, ...] = ()


def read_field(source: Mapping[str, Any]) -> FieldDef:
    """Turn a field's JSON (already of the right shape) into a FieldDef."""
    help_text, placeholder = source.get("help"), source.get("placeholder")
    return FieldDef(
        code=source["code"],
        kind=source["kind"],
        label=read_label(source.get("label"), source["code"]),
        id=source.get("id") or source["code"],
        required=source.get("required", False),
        unique=source.get("unique", False),
        default=source.get("default"),
        help=read_label(help_text) if help_text else None,
        placeholder=read_label(placeholder) if placeholder else None,
        width=source.get("width", 0),
        readonly=source.get("readonly", False),
        index=source.get("index", False),
        phone=source.get("phone", "show"),
        options=source.get("options", {}),
    )
