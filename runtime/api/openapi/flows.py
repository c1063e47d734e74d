"""What the views of flows take and answer."""

from collections.abc import Mapping
from typing import Any, Final

from runtime.api.openapi.schemas import ID, TEXT
from runtime.infra.strict_json import Json

FLAGLESS: Final = {"type": "object"}
INTEGER: Final = {"type": "integer", "minimum": 1}
IDS: Final = {"type": "array", "maxItems": 100, "items": ID}
DECISION: Final = {"enum": ["approve", "reject", "fill"]}
# Of a body: its members beside `comment`, and those that must be there.
Members = tuple[Mapping[str, Json], tuple[str, ...]]
ACTS: Final[Mapping[str, Members]] = {
    "decide_task": (
        {"decision": DECISION, "values": FLAGLESS, "chosen": FLAGLESS},
        ("decision",),
    ),
    "send_back_task": ({"to": TEXT, "then": {"enum": ["rerun", "return"]}}, ()),
    "reassign_task": ({"to": ID, "how": {"enum": ["reassigned", "delegated"]}}, ("to",)),
    "add_approver": (
        {"to": ID, "where": {"enum": ["before", "after", "beside"]}},
        ("to", "where"),
    ),
    "withdraw_record": ({}, ()),
    "urge_record": ({}, ()),
    "copy_record": ({"to": IDS}, ("to",)),
    "terminate_record": ({}, ()),
    "reactivate_record": ({}, ()),
}
LISTS: Final[Mapping[str, Mapping[str, Json]]] = {
    "list_inbox": {
        "box": {"enum": ["to_do", "done", "started", "copied"]},
        "from": INTEGER,
        "limit": INTEGER,
    },
    "list_runs": {"code": TEXT, "state": TEXT, "from": INTEGER, "limit": INTEGER},
}


def operations(operation: Any, fixed: Any) -> dict[str, Any]:
    """The operations of flows, made of what describes any operation."""

    def body(members: Mapping[str, Json], required: tuple[str, ...] = ()) -> Any:
        return lambda _shapes: fixed(members, *required)

    one = fixed({"task": ID, "version": INTEGER}, "task")
    many = {"type": "array", "minItems": 1, "maxItems": 500, "items": one}
    found: dict[str, Any] = {
        name: operation(body=body({"comment": TEXT, **members}, required), needs_key=True)
        for name, (members, required) in ACTS.items()
    }
    found |= {name: operation(parameters=parameters) for name, parameters in LISTS.items()}
    found |= {
        "stash_task": operation(body=body({"comment": TEXT, "values": FLAGLESS})),
        "press_button": operation(needs_version=True, needs_key=True),
        "decide_tasks": operation(
            body=body(
                {"decision": DECISION, "comment": TEXT, "tasks": many}, ("decision", "tasks")
            ),
            needs_key=True,
        ),
        "preview_flow": operation(body=body({"values": FLAGLESS, "record": ID}), verb="submit"),
        "retry_run": operation(needs_key=True),
        "receive_hook": operation(status=202),
    }
    return found
