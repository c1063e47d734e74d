"""What the screen does when a condition holds: show, hide, lock or require fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from runtime.definitions.label import Label, read_label

Effect = Literal["show", "hide", "readonly", "require"]
EFFECTS: Final[tuple[Effect, ...]] = ("show", "hide", "readonly", "require")


@dataclass(frozen=True)
class RuleDef:
    """While `when` is TRUE the fields and sections have the effect; `show` hides them otherwise.

    A rule of a line table (`lines`) is asked of each row and names that table's fields.
    """

    code: str
    when: str
    effect: Effect
    label: Label | None = None
    lines: str | None = None
    fields: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


def read_rule(source: Mapping[str, Any]) -> RuleDef:
    """Turn a rule's JSON (already of the right shape) into a RuleDef."""
    label = source.get("label")
    return RuleDef(
        code=source["code"],
        when=source["when"],
        effect=source["effect"],
        label=read_label(label, source["code"]) if label else None,
        lines=source.get("lines"),
        fields=tuple(source.get("fields", ())),
        sections=tuple(source.get("sections", ())),
    )
