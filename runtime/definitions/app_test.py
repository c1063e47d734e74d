"""What an app's author expects of it: an example of one record, or a story of several."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runtime.definitions.label import Label, read_label

# What a step of a test may do. The first group changes records, the second only looks.
WRITES: Final = (
    "create", "send", "update", "submit", "approve", "reject", "cancel", "delete",
)  # fmt: skip
LOOKS: Final = (
    "read", "list", "table", "rights", "stock", "places", "ledger", "reservations", "journal",
    "costing",
)  # fmt: skip
# What a step of each kind has to say beside what it does.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "create": ("form",),
    "send": ("form",),
    "update": ("record", "values"),
    **dict.fromkeys(("submit", "approve", "reject", "cancel", "delete", "read"), ("record",)),
    "list": ("form",),
    "table": ("form",),
    "rights": ("by",),
    "ledger": ("item",),
    "journal": ("record",),
    "costing": ("item",),
}
# When a test happens that does not say so: any day will do, as long as it is always the same.
START: Final = "2026-01-15T09:00"


@dataclass(frozen=True)
class AppTestStep:
    """One act of one person, or one look, and what must come of it.

    `source` has the rest: `form`, `record` and `as` (names of records), `values`, `item` …
    """

    do: str
    expect: Mapping[str, Any]
    source: Mapping[str, Any]
    by: str = "admin"
    at: str = ""


@dataclass(frozen=True)
class AppTestDef:
    """A test of an app. It begins where the test called `after` has ended, on an app without data.

    `people` are who takes part beside one person for each role, called like the role.
    """

    code: str
    label: Label
    steps: tuple[AppTestStep, ...]
    after: str = ""
    at: str = ""
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_example: bool = False


def read_app_test(source: Mapping[str, Any]) -> AppTestDef:
    """Turn a test's JSON (already of the right shape) into an AppTestDef."""
    example = source.get("example")
    steps = source.get("steps", ()) if example is None else (_whole(example),)
    return AppTestDef(
        code=source["code"],
        label=read_label(source.get("label"), source["code"]),
        steps=tuple(_step(item) for item in steps),
        after=source.get("after", ""),
        at=source.get("at", ""),
        people={name: tuple(roles) for name, roles in source.get("people", {}).items()},
        is_example=example is not None,
    )


def _whole(example: Mapping[str, Any]) -> Mapping[str, Any]:
    """An example says nothing of what is done with it: it is filled in, a document also sent."""
    return {"do": "send", **example}


def _step(source: Mapping[str, Any]) -> AppTestStep:
    return AppTestStep(
        do=source["do"],
        expect=source.get("expect", {}),
        source=source,
        by=source.get("by", "admin"),
        at=source.get("at", ""),
    )
