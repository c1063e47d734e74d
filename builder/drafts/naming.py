"""Names for what is copied or made anew in a draft."""

from collections.abc import Collection, Mapping
from typing import Any

from builder.drafts.working import name_of
from builder.workbook.codes import field_code
from runtime.definitions.label import read_label, write_label


def copied_label(original: Mapping[str, Any], taken: Collection[str]) -> Any:
    """The name of a copy: the original's with the next number that is free."""
    label = read_label(original.get("label"), original["code"])
    number = 1
    copy = label
    while copy.zh in taken:
        number += 1
        copy = type(label)(f"{label.zh} {number}", f"{label.en} {number}" if label.en else "")
    return write_label(copy)


def free_code(label: Any, taken: Collection[str], otherwise: str) -> str:
    """A free code for a section or a role, by the sound of its name."""
    return field_code(name_of({"code": otherwise, "label": label}), taken)[:24].rstrip("_")
