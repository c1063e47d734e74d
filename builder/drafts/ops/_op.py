"""What an operation is: its name, the shape of its JSON, and what it does to the working copy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from builder.drafts.words import Said
from builder.drafts.working import Working

CODE: Final = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 40}
LINES: Final = {"type": ["string", "null"], "maxLength": 40}
INDEX: Final = {"type": "integer", "minimum": 0, "maximum": 1000}
LABEL: Final = {"type": ["string", "object"]}
TO: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"section": {"type": ["string", "null"], "maxLength": 40}, "index": INDEX},
}
FIELD: Final = {"form": CODE, "lines": LINES, "field": CODE}


@dataclass(frozen=True)
class Done:
    """What an operation did: the sentence for others, and the code of what it made."""

    said: Said
    created: str = ""
    # What a copy could not take along.
    notes: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Op:
    """One operation. `carry_out` changes the working copy or refuses."""

    kind: str
    schema: Mapping[str, Any]
    carry_out: Callable[[Working, Mapping[str, Any]], Done]


def shape(properties: Mapping[str, Any], *required: str) -> Mapping[str, Any]:
    """The JSON Schema of an operation; `op` itself is always said."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {"op": {"type": "string"}, **properties},
    }
