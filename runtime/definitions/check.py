"""What must hold, in the language of formulas, and the author's words when it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.definitions.label import Label, read_label


@dataclass(frozen=True)
class CheckDef:
    """A formula that must not be FALSE; `message` is the author's refusal.

    Of a form it may be of each row of the line table `lines`, and points at `field`. One whose
    `level` is `warning` refuses nothing: it is said, and whoever submits all the same may.
    """

    formula: str
    message: Label
    lines: str | None = None
    field: str = ""
    level: str = "error"


def read_check(source: Mapping[str, Any]) -> CheckDef:
    """Turn a check's JSON (already of the right shape) into a CheckDef."""
    return CheckDef(
        source["formula"],
        read_label(source["message"]),
        source.get("lines"),
        source.get("field", ""),
        source.get("level", "error"),
    )
