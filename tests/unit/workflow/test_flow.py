"""Definitions: what the schema allows, what the nodes read, what is kept with a run."""

import json
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError

from runtime.definitions import load_app
from runtime.definitions.loader import SCHEMAS
from runtime.infra import schema
from runtime.infra.db import Database
from runtime.infra.errors import ValidationFailed
from runtime.kinds.nodes import NODE_TYPES
from runtime.workflow import flow
from runtime.workflow.tables import definitions, events, instances

APPROVE = {"id": "a", "type": "approve", "who": {"by": "role", "role": "lead"}, "label": "主管"}
END = {"id": "z", "type": "end", "outcome": "rejected"}


def app(*steps: dict[str, Any]) -> Any:
    form = {"code": "leave", "label": "请假", "type": "document", "workflow": "w"}
    form |= {"fields": [{"code": "reason", "kind": "text", "label": "事由"}]}
    source = {"format": "dajian-app/1", "code": "shop", "label": "店", "forms": [form]}
    return load_app(source | {"workflows": [{"code": "w", "form": "leave", "steps": list(steps)}]})


def test_schema__names_what_the_nodes_read() -> None:
    source = json.loads((SCHEMAS / "workflow.schema.json").read_text(encoding="utf-8"))
    step = source["$defs"]["step"]
    assert set(step["properties"]["type"]["enum"]) == set(NODE_TYPES)
    for rule, kind in zip(step["allOf"], NODE_TYPES, strict=True):
        assert rule["if"]["properties"]["type"]["const"] == kind
        assert rule["then"]["$ref"] == f"#/$defs/step_{kind}"
        own = set(source["$defs"][f"step_{kind}"]["properties"])
        assert own == {"id", "type", "label"} | set(NODE_TYPES[kind].options["properties"])


# a step that is not one
BROKEN = [
    {"id": "a", "type": "approve"},
    {"id": "a", "type": "vote", "who": {"by": "role", "role": "x"}},
    {**APPROVE, "outcome": "approved"},
    {**APPROVE, "mode": "most"},
    {**APPROVE, "self": "yes"},
    {**APPROVE, "who": {"by": "moon"}},
    {**END, "who": {"by": "role", "role": "x"}},
    {**END, "outcome": "posted"},
]


@pytest.mark.parametrize("step", BROKEN)
def test_broken_step__is_refused(step: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed):
        app(step)


def test_pinned_definition__reads_as_it_was_written() -> None:
    (definition,) = app({**APPROVE, "mode": "all", "self": True}, END).workflows
    read = flow.read(json.loads(json.dumps(flow.pin(definition))))
    assert [(step.id, step.kind, dict(step.options)) for step in read.steps] == [
        ("a", "approve", {"who": {"by": "role", "role": "lead"}, "mode": "all", "self": True}),
        ("z", "end", {"outcome": "rejected"}),
    ]
    assert read.labels["a"].text("zh") == "主管"
    assert [step and step.id for step in (read.first(), read.after("a"), read.after("z"))] == [
        "a",
        "z",
        None,
    ]


def test_event_log__cannot_be_rewritten(database: Database, now: Any) -> None:
    with database.transaction() as connection:
        schema.upgrade(connection)
        kept = {"id": 1, "app": "a", "code": "w", "digest": "", "definition": {}}
        connection.execute(insert(definitions), kept | {"created_at": now})
        run = {"id": 1, "app": "a", "form": "f", "record_id": 1, "round": 1, "definition_id": 1}
        connection.execute(insert(instances), run | {"state": "running", "started_at": now})
        event = {"instance_id": 1, "seq": 1, "at": now, "kind": "started", "body": {}}
        connection.execute(insert(events), event)
    for statement in (update(events).values(seq=9), delete(events)):
        with pytest.raises(DBAPIError, match="append-only"), database.transaction() as connection:
            connection.execute(statement)
