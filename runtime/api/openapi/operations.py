"""What each view takes and answers, said once; what is not said here is an object and no body."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runtime.api.openapi import flows
from runtime.api.openapi.schemas import ID, TEXT, ref
from runtime.api.records.batch import MEMBERS, MOST
from runtime.api.records.conversions import MOST_LINES, QUANTITY
from runtime.api.records.cursors import LARGEST_SIZE
from runtime.api.records.figures import FUNCTIONS, MOST_TOTALS
from runtime.infra.outbox import EVENTS
from runtime.infra.strict_json import Json

OBJECT: Final = {"type": "object"}
FLAG: Final = {"type": "boolean"}
DAY: Final = {"type": "string", "format": "date"}
INSTANT: Final = {"type": "string", "format": "date-time"}
OBJECTS: Final = {"type": "array", "items": OBJECT}
VERSION: Final = {"type": "integer", "minimum": 1}
LIMIT: Final = {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE}
WHERE: Final = {
    "type": "object",
    "description": '`{"all": […]}`, `{"any": […]}`, `{"not": …}` or one condition',
    "properties": {
        "all": {"type": "array", "items": OBJECT},
        "any": {"type": "array", "items": OBJECT},
        "not": OBJECT,
        "field": TEXT,
        "op": TEXT,
        "values": {"type": "array", "items": TEXT},
    },
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Shapes:
    """How values and records look where the form is known, and where it is any."""

    values: Json = field(default_factory=lambda: OBJECT)
    sent: Json = field(default_factory=lambda: OBJECT)
    record: Json = field(default_factory=lambda: ref("Record"))
    line: Json = field(default_factory=lambda: OBJECT)


Shape = Callable[[Shapes], Json]


@dataclass(frozen=True)
class Operation:
    """One view: its body, its answer, and which verb on the form it takes to be of use."""

    answer: Shape = lambda _shapes: OBJECT
    body: Shape | None = None
    status: int = 200
    verb: str = "view"
    parameters: Mapping[str, Json] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    needs_version: bool = False
    needs_key: bool = False


def described(view: str) -> Operation:
    """Return what is said of a view."""
    return OPERATIONS.get(view, PLAIN)


def fixed(properties: Mapping[str, Json], *required: str) -> Json:
    """Return the schema of an object with these members and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _texts(*names: str) -> dict[str, Json]:
    return dict.fromkeys(names, TEXT)


def _ids(*names: str) -> dict[str, Json]:
    return dict.fromkeys(names, ID)


def _record(shapes: Shapes) -> Json:
    return shapes.record


def _page(_shapes: Shapes) -> Json:
    row = {
        "id": ID,
        "version": VERSION,
        "status": TEXT,
        "values": OBJECT,
        "shown": {"type": "object", "additionalProperties": TEXT},
    }
    listed = {"type": "array", "items": fixed(row, *row)}
    return {
        "type": "object",
        "properties": {
            "records": listed,
            "next": TEXT,
            "count": {"type": "integer", "minimum": 0},
            "capped": FLAG,
        },
        "required": ["records", "next"],
    }


def _query(_shapes: Shapes) -> Json:
    codes = {"type": "array", "items": TEXT}
    return fixed(
        {
            "columns": codes,
            "where": WHERE,
            "sort": codes,
            "search": TEXT,
            "cursor": TEXT,
            "limit": LIMIT,
            "count": FLAG,
        }
    )


def _summed(_shapes: Shapes) -> Json:
    one = fixed({"field": TEXT, "fn": {"enum": list(FUNCTIONS)}}, "field")
    totals = {"type": "array", "maxItems": MOST_TOTALS, "items": one}
    return fixed({"where": WHERE, "search": TEXT, "totals": totals, "group": TEXT})


def _summary(_shapes: Shapes) -> Json:
    counted = {"count": {"type": "integer", "minimum": 0}, "totals": OBJECTS}
    grouped = {"groups": OBJECTS, "cut": FLAG}
    return fixed({**counted, "capped": FLAG, **grouped}, "count", "capped", "totals")


def _open_lines(_shapes: Shapes) -> Json:
    return fixed({"to": TEXT, "lines": OBJECTS}, "to", "lines")


def _takes(_shapes: Shapes) -> Json:
    quantity = {"type": ["string", "integer"], "pattern": f"^{QUANTITY.pattern}$"}
    one = fixed({"record": ID, "line": ID, "quantity": quantity}, "record")
    return fixed({"lines": {"type": "array", "maxItems": MOST_LINES, "items": one}}, "lines")


def _batch(shapes: Shapes) -> Json:
    kinds: dict[type, Json] = {str: TEXT, int: ID, bool: FLAG, dict: shapes.sent}
    needed = {"id", "version", "decision"}
    operations = [
        fixed(
            {"op": {"const": op}, **{name: kinds[kind] for name, kind in members.items()}},
            "op",
            *sorted(needed & set(members)),
        )
        for op, members in MEMBERS.items()
    ]
    listed = {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"oneOf": operations}}
    return fixed({"operations": listed, "atomic": FLAG}, "operations")


def _batched(shapes: Shapes) -> Json:
    record = {"anyOf": [shapes.record, fixed({"id": ID}, "id")]}
    one = {"status": {"type": "integer"}, "record": record, "problem": ref("Problem")}
    return fixed({"results": {"type": "array", "items": fixed(one, "status")}}, "results")


def _lines(_shapes: Shapes) -> Json:
    return fixed({"version": VERSION, "lines": {"type": "array", "items": OBJECT}}, "lines")


def _decision(_shapes: Shapes) -> Json:
    words = {"enum": ["approve", "reject"]}
    return fixed({"decision": words, "comment": TEXT, "task": ID}, "decision")


def _decided(shapes: Shapes) -> Json:
    return {"anyOf": [shapes.record, fixed({"id": ID}, "id")]}


def _just(**properties: Json) -> Shape:
    return lambda _shapes: fixed(properties)


_WEBHOOK: Final[Mapping[str, Json]] = {
    **_texts("label", "app", "form", "url"),
    "events": {"type": "array", "items": {"enum": list(EVENTS)}},
    "owner": ID,
    "is_active": FLAG,
}
PLAIN: Final = Operation()
_CHANGED: Final[Mapping[str, Any]] = {"answer": _record, "needs_version": True}
_STOCK: Final = _ids("item", "warehouse")
OPERATIONS: Final[Mapping[str, Operation]] = {
    "list_records": Operation(
        _page,
        parameters={
            **_texts("columns", "sort", "search", "cursor"),
            "limit": LIMIT,
            "as_of": INSTANT,
        },
    ),
    "query_records": Operation(_page, _query),
    "summarize_records": Operation(_summary, _summed),
    "create_record": Operation(
        _record,
        lambda shapes: fixed({"values": shapes.sent, "submit": FLAG}),
        201,
        "create",
        needs_key=True,
    ),
    "get_record": Operation(_record, parameters={"as_of": INSTANT}),
    "update_record": Operation(
        body=lambda shapes: fixed({"values": shapes.sent}), verb="update", **_CHANGED
    ),
    "delete_record": Operation(status=204, verb="delete", needs_version=True),
    "batch_records": Operation(_batched, _batch, needs_key=True),
    "list_lines": Operation(_lines),
    "create_line": Operation(
        body=lambda shapes: fixed({"values": shapes.line, "before": ID}),
        status=201,
        verb="update",
        **_CHANGED,
    ),
    "update_line": Operation(
        body=lambda shapes: fixed({"values": shapes.line}), verb="update", **_CHANGED
    ),
    "delete_line": Operation(verb="update", **_CHANGED),
    "submit_record": Operation(verb="submit", needs_key=True, **_CHANGED),
    "decide_record": Operation(_decided, _decision, needs_key=True),
    "cancel_record": Operation(body=_just(reason=TEXT), verb="cancel", needs_key=True, **_CHANGED),
    "list_open_lines": Operation(
        _open_lines, parameters={"records": TEXT}, required=frozenset({"records"})
    ),
    "convert_records": Operation(
        lambda _shapes: ref("Record"), _takes, 201, "view", needs_key=True
    ),
    "list_versions": Operation(_just(versions=OBJECTS)),
    "get_version": Operation(
        lambda shapes: fixed({"record": shapes.record, "differences": OBJECTS}, "record")
    ),
    "restore_version": Operation(verb="update", needs_key=True, **_CHANGED),
    "list_deleted": Operation(_just(records=OBJECTS), verb="delete"),
    "get_deleted": Operation(_record, verb="delete"),
    "undelete_record": Operation(_record, verb="delete", needs_key=True),
    "purge_record": Operation(status=204, verb="delete"),
    "explain_value": Operation(parameters={"line": ID}),
    "upload_file": Operation(status=201, parameters={"name": TEXT}, required=frozenset({"name"})),
    "stock_on_hand": Operation(parameters={**_STOCK, "as_of": DAY, "known_at": ID}),
    "stock_places": Operation(parameters={**_STOCK, "by": {"enum": ["lot", "serial", "bin"]}}),
    "stock_status": Operation(parameters={"items": TEXT, "warehouse": ID}),
    "stock_available": Operation(parameters=_STOCK, required=frozenset(_STOCK)),
    "stock_reservations": Operation(parameters=_STOCK),
    "stock_summary": Operation(
        parameters={"first": DAY, "last": DAY, **_STOCK}, required=frozenset({"first", "last"})
    ),
    "stock_trace": Operation(
        parameters={"key": TEXT, "item": ID, "direction": {"enum": ["both", "up", "down"]}},
        required=frozenset({"key"}),
    ),
    "stock_layers": Operation(parameters=_STOCK),
    "stock_chain": Operation(parameters=_STOCK),
    "stock_policies": Operation(parameters=_ids("item")),
    "stock_ledger": Operation(
        parameters={**_STOCK, "cursor": TEXT, "limit": {"type": "integer", "minimum": 1}},
        required=frozenset({"item"}),
    ),
    "create_webhook": Operation(body=_just(**_WEBHOOK), status=201, needs_key=True),
    "update_webhook": Operation(body=_just(**_WEBHOOK)),
    "delete_webhook": Operation(status=204),
    "renew_webhook_secret": Operation(needs_key=True),
    "ping_webhook": Operation(status=201),
    "list_deliveries": Operation(parameters={"before": ID, "limit": LIMIT}),
    "put_definition": Operation(body=lambda _shapes: OBJECT, needs_version=True),
    "create_app": Operation(
        body=_just(code=TEXT, label={"type": ["string", "object"]}), status=201
    ),
    "put_draft": Operation(body=_just(source=OBJECT, why=TEXT), needs_version=True),
    "discard_draft": Operation(needs_version=True),
    "change_draft": Operation(
        body=_just(ops={"type": "array", "items": OBJECT}), needs_version=True
    ),
    "undo_draft": Operation(needs_version=True),
    "redo_draft": Operation(needs_version=True),
    "publish_draft": Operation(body=_just(note=TEXT), needs_version=True),
    **flows.operations(Operation, fixed),
}
