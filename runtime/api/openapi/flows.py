"""What the views of flows take and answer."""

from collections.abc import Mapping
from typing import Any, Final

from runtime.api.flow_times import MOST_DAYS
from runtime.api.openapi.schemas import ID, TEXT
from runtime.api.records.cursors import LARGEST_SIZE
from runtime.infra.strict_json import Json

FLAGLESS: Final = {"type": "object"}
INTEGER: Final = {"type": "integer", "minimum": 1}
IDS: Final = {"type": "array", "maxItems": 100, "items": ID}
DECISION: Final = {"enum": ["approve", "reject", "fill"]}
COUNT: Final = {"type": "integer", "minimum": 0}
SECONDS: Final = {"type": ["integer", "null"], "minimum": 0}
INSTANT: Final = {"type": "string", "format": "date-time"}
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

TIMES: Final[Mapping[str, Mapping[str, Json]]] = {
    "runs": {
        **dict.fromkeys(
            ("started", "running", "approved", "rejected", "withdrawn", "failed"), COUNT
        ),
        "seconds_median": SECONDS,
        "bottleneck": {"type": ["string", "null"]},
    },
    "steps": {
        **dict.fromkeys(("step", "label"), TEXT),
        **dict.fromkeys(("answered", "open", "overdue", "sent_back"), COUNT),
        **dict.fromkeys(
            ("seconds_median", "seconds_mean", "seconds_longest", "open_seconds_longest"), SECONDS
        ),
    },
    "people": {
        "user_id": ID,
        "name": TEXT,
        **dict.fromkeys(("answered", "open", "overdue"), COUNT),
        "seconds_median": SECONDS,
    },
    "overdue": {
        **dict.fromkeys(("task", "record", "user_id"), ID),
        **dict.fromkeys(("form", "step", "name"), TEXT),
        **dict.fromkeys(("opened_at", "due_at"), INSTANT),
    },
}


def _times(fixed: Any) -> Json:
    """How long a flow takes: its runs as a whole, and lists of steps, people and what is late."""
    whole: dict[str, Json] = {
        "code": TEXT, "label": TEXT, "since": INSTANT, "overdue_count": COUNT,
    }  # fmt: skip
    for name, members in TIMES.items():
        one = fixed(members, *members)
        whole[name] = one if name == "runs" else {"type": "array", "items": one}
    answer: Json = fixed(whole, *whole)
    return answer


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
        "get_flow_times": operation(
            answer=lambda _shapes: _times(fixed),
            parameters={
                "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
                "limit": {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE},
            },
        ),
        "retry_run": operation(needs_key=True),
        "receive_hook": operation(status=202),
    }
    return found
