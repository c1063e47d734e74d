"""Any sequence of operations on the demo company's app leaves a draft that can be reckoned with.

Operations are drawn from what stands in the draft, sensible ones and others. Each is done or
refused with a reason that has words; what can be published is, and records of it can be made; what
cannot says why; undo and redo lead to the same bytes; the books stay what they are.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from builder import drafts
from builder.drafts.flow_new import NAMES
from builder.drafts.flow_steps import spots
from builder.drafts.ops import OPS
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import Form
from runtime.infra import strict_json
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import AppError, Conflict, ValidationFailed
from runtime.infra.messages import message
from runtime.kinds.fields import FIELD_TYPES
from runtime.posting import books
from tests.conftest import depth
from tests.prepared import Prepared
from tests.screens.conftest import demo_company

Json = Mapping[str, Any]
Draw = Callable[[Any], Any]
NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
# What authors do most.
OFTEN = ["add_field", "move", "resize", "set", "set", "delete", "duplicate", "add_section"]
FORMULAS = ["=1", "=SUM(lines.qty)", "={不存在}", "=IF(", "=qty*2", "=TODAY()"]
# What a required field is given, by what is kept of it.
VALUES: dict[str, Any] = {
    "text": "甲", "long_text": "甲", "number": Decimal(1), "money": Decimal(1),
    "quantity": Decimal(1), "percent": Decimal(1), "date": date(2026, 11, 22), "boolean": True,
    "datetime": NOW,
}  # fmt: skip


class Drafts(RuleBasedStateMachine):
    """The draft of the demo company's app under any sequence of operations."""

    fresh: Callable[[], Database]
    tally: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.database = type(self).fresh()
        self.draft = self.do(drafts.read, "jxc")
        self.start = self.end = strict_json.dumps(self.draft.source)
        self.done = 0

    def do(self, verb: Callable[..., Any], *given: Any) -> Any:
        with self.database.transaction() as connection:
            return verb(Act(connection, SYSTEM, NOW), *given)

    @initialize()
    def begin(self) -> None:
        assert not self.problems()

    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        """A few batches of operations."""
        for _ in range(data.draw(st.integers(3, 6))):
            self.batch(data)

    def batch(self, data: st.DataObject) -> None:
        """One or two operations: done, or refused with a reason, and then nothing changed."""
        ops = [an_op(data.draw, self.draft) for _ in range(data.draw(st.integers(1, 2)))]
        before = strict_json.dumps(self.draft.source)
        try:
            applied = self.do(drafts.apply, "jxc", self.draft.rev, ops)
        except ValidationFailed as refusal:
            has_words(refusal)
            self.tally["refused"] += 1
            kept = self.do(drafts.read, "jxc")
            assert (kept.rev, strict_json.dumps(kept.source)) == (self.draft.rev, before)
            return
        self.tally["done"] += 1
        drafts.sentences(applied.notes, "en")
        self.draft, self.done = applied.draft, self.done + 1
        self.end = strict_json.dumps(self.draft.source)

    @rule()
    def look(self) -> None:
        for each in self.problems():
            assert message(each.code, each.params)
            assert each.jump.form is None or self.draft.form(each.jump.form) is not None

    @precondition(lambda self: self.done)
    @rule()
    def back_and_forth(self) -> None:
        """All of it undone is the beginning, all of it done again is the end."""
        for _ in range(self.done):
            self.draft = self.do(drafts.undo, "jxc", self.draft.rev).draft
        assert strict_json.dumps(self.draft.source) == self.start
        assert not self.draft.can_undo
        for _ in range(self.done):
            self.draft = self.do(drafts.redo, "jxc", self.draft.rev).draft
        assert strict_json.dumps(self.draft.source) == self.end
        assert not self.draft.can_redo

    @precondition(lambda self: self.done > 2)
    @rule()
    def go_live(self) -> None:
        """What can be published is; what cannot can once enough of it is taken back."""
        while not self.published():
            self.draft = self.do(drafts.undo, "jxc", self.draft.rev).draft
            self.end = strict_json.dumps(self.draft.source)
            self.done -= 1

    def published(self) -> bool:
        errors = [each for each in self.problems() if each.severity == "error"]
        try:
            self.do(drafts.publish, "jxc", self.draft.rev, "test")
        except AppError as refusal:
            has_words(refusal)
            self.tally["not published"] += 1
            # What only the data forbids (a column that holds something else) no draft can know.
            told = {each.code for each in refusal.problems}
            assert errors or told <= {"field_kind_changed", "field_cannot_widen"}, told
            return False
        assert not errors
        self.tally["published"] += 1
        changed = self.changed_forms()
        self.draft = self.do(drafts.read, "jxc")
        self.start = self.end = strict_json.dumps(self.draft.source)
        self.done = 0
        for code in changed:
            self.do(a_record, code)
        return True

    def changed_forms(self) -> list[str]:
        before = {form["code"]: form for form in strict_json.loads(self.start)["forms"]}
        forms = self.draft.source["forms"]
        return [form["code"] for form in forms if before.get(form["code"]) != form]

    def problems(self) -> tuple[drafts.DraftProblem, ...]:
        found: tuple[drafts.DraftProblem, ...] = self.do(drafts.problems, self.draft)
        return found

    def teardown(self) -> None:
        if self.done:
            self.back_and_forth()
            self.go_live()
        with self.database.reading() as connection:
            assert all(finding["ok"] for finding in books.verify(connection))
        self.database.dispose()


def has_words(refusal: AppError) -> None:
    assert refusal.problems or isinstance(refusal, Conflict)
    for each in refusal.problems:
        for locale in ("zh", "en"):
            assert "…" not in message(each.code, each.params, locale), each


def a_record(act: Act, code: str) -> None:
    """A record of the form can be made; where an author's own rule is against it, it says so."""
    form = Catalogue().form(act.connection, "jxc", code)
    try:
        with act.connection.begin_nested():
            values = {} if form.is_document else dict(_values(act, form))
            record = documents.create(act, form, values)
            documents.update(act, form, record.id, {}, version=record.version)
    except AppError as refusal:
        has_words(refusal)


def _values(act: Act, form: Form) -> Iterator[tuple[str, Any]]:
    for field in form.fields:
        if not field.required or field.is_computed or field.definition.default is not None:
            continue
        if field.kind.kind == "reference":
            target = form.siblings[str(field.target)].table
            yield field.code, act.connection.execute(select(target.c.id).limit(1)).scalar()
        elif field.kind.kind == "choice":
            yield field.code, field.options["options"][0]["code"]
        elif field.kind.kind in VALUES:
            yield field.code, VALUES[field.kind.kind]


def an_op(draw: Draw, draft: drafts.Draft) -> Json:
    """An operation about something in the draft, now and then about something that is not."""
    name = draw(st.sampled_from([*sorted(OPS), *OFTEN]))
    form = draw(st.sampled_from(draft.source["forms"]))
    lines, fields = _fields(draw, form)
    field = draw(st.sampled_from(fields))["code"] if fields else "none"
    at = {"form": form["code"], "field": draw(st.sampled_from([field, field, field, "none"]))}
    at |= {"lines": lines} if lines else {}
    sections = [each["code"] for each in form.get("sections", ())] or ["none"]
    spot = {"section": draw(st.sampled_from(sections)), "index": draw(st.integers(0, 9))}
    roles = [role["code"] for role in draft.source["roles"]] or ["none"]
    removed = [each.id for each in draft.removed if each.form == form["code"]] or ["none"]
    flow = draw(st.sampled_from([*draft.source.get("workflows", ()), {"code": "none"}]))
    nodes = [spot.node["id"] for spot in spots(list(flow.get("steps", ())))] or ["none"]
    node = {"flow": flow["code"], "step": draw(st.sampled_from(nodes))}
    to = {"in": draw(st.sampled_from(["", *nodes])), "index": spot["index"]}
    made: dict[str, Callable[[], Json]] = {
        "add_field": lambda: {"form": form["code"], "field": _new_field(draw),
                              **({"lines": lines} if lines else {}),
                              "to": {} if lines else spot},
        "move": lambda: {**at, "to": {"index": spot["index"]} if lines else spot},
        "resize": lambda: {**at, "width": draw(st.sampled_from([3, 4, 6, 12, 5, None]))},
        "set": lambda: {**at, **_property(draw)},
        "delete": lambda: at,
        "restore": lambda: {"form": form["code"], "field_id": draw(st.sampled_from(removed))},
        "duplicate": lambda: at,
        "convert_type": lambda: {**at, "kind": draw(st.sampled_from(sorted(FIELD_TYPES)))},
        "recode": lambda: {**at, "code": draw(st.sampled_from(["renamed", field, "qty", "版"]))},
        "add_section": lambda: {"form": form["code"], "section": {"label": "更多"}},
        "set_section": lambda: {"form": form["code"], "section": spot["section"],
                                "name": "phone", "value": draw(st.sampled_from(["folded", "x"]))},
        "move_section": lambda: {"form": form["code"], "section": spot["section"], "index": 0},
        "delete_section": lambda: {"form": form["code"], "section": spot["section"]},
        "set_form": lambda: {"form": form["code"], **_form_property(draw, fields)},
        "add_form": lambda: {"form": {"type": draw(st.sampled_from(["record", "document"])),
                                      "fields": [{"code": "name", "kind": "text",
                                                  "label": "名称"}]}},
        "duplicate_form": lambda: {"form": form["code"]},
        "delete_form": lambda: {"form": form["code"]},
        "restore_form": lambda: {"form": draw(st.sampled_from(
            [each.code for each in draft.removed if each.kind == "form"] or ["none"]))},
        "add_role": lambda: {"role": {"label": "新角色"}},
        "set_role": lambda: {"role": roles[0], "name": "label", "value": "改名"},
        "delete_role": lambda: {"role": roles[-1]},
        "set_grant": lambda: {"role": roles[0], "form": form["code"], "verbs": draw(
            st.sampled_from([[], ["view"], ["view", "create", "update"]]))},
        "set_field_access": lambda: {**at, "role": roles[0], "access": draw(
            st.sampled_from(["edit", "read", "none"]))},
        "accept_access": lambda: at,
        "add_flow": lambda: {"form": form["code"]},
        "set_flow": lambda: {"flow": flow["code"], "name": "take_back", "value": False},
        "delete_flow": lambda: {"flow": flow["code"]},
        "add_step": lambda: {"flow": flow["code"], "to": to, "step": {"type": draw(
            st.sampled_from(sorted(NAMES)))}},
        "add_branch": lambda: node,
        "set_step": lambda: {**node, "name": "who", "value": {"by": "role", "roles": roles[:1]}},
        "move_step": lambda: {**node, "to": to},
        "copy_step": lambda: {**node, "to": to},
        "delete_step": lambda: node,
        "set_menus": lambda: {"value": [{"label": "全部", "items": [{"form": form["code"]}]}]},
        "set_app": lambda: {"name": "zone", "value": draw(st.sampled_from(["Asia/Tokyo", "!"]))},
        "set_part": lambda: {"part": "option_sets", "code": "sizes", "value": draw(
            st.sampled_from([None, {"code": "sizes", "label": "尺码",
                                    "options": [{"code": "S"}]}]))},
    }  # fmt: skip
    assert set(made) == set(OPS), "an operation that is added is drawn as well"
    return {"op": name, **made[name]()}


def _fields(draw: Draw, form: Json) -> tuple[str | None, list[Json]]:
    tables = [each for each in form["fields"] if each["kind"] == "lines"]
    if tables and draw(st.booleans()):
        table = draw(st.sampled_from(tables))
        return table["code"], table["options"].get("fields", [])
    return None, form["fields"]


def _new_field(draw: Draw) -> Json:
    kind = draw(st.sampled_from(sorted(FIELD_TYPES)))
    field: dict[str, Any] = {"kind": kind}
    if draw(st.booleans()):
        field["label"] = draw(st.sampled_from(["颜色", "数量", "客户", "x" * 90]))
    if kind == "reference":
        field["options"] = {"form": draw(st.sampled_from(["customer", "none"]))}
    if kind == "formula":
        formula = draw(st.sampled_from(FORMULAS))
        field["options"] = {"formula": formula, "result": draw(st.sampled_from(["money", "date"]))}
    return field


def _property(draw: Draw) -> Json:
    return draw(st.sampled_from([  # type: ignore[no-any-return]
        {"name": "label", "value": "改了名"}, {"name": "required", "value": True},
        {"name": "required", "value": False}, {"name": "unique", "value": True},
        {"name": "index", "value": True}, {"name": "help", "value": "说明"},
        {"name": "default", "value": "=1"}, {"name": "default", "value": "="},
        {"name": "options/places", "value": 4}, {"name": "options/places", "value": 99},
        {"name": "options/formula", "value": "=1"}, {"name": "options/form", "value": "customer"},
        {"name": "options/options", "value": [{"code": "a"}]}, {"name": "kind", "value": "text"},
        {"name": "width", "value": None}, {"name": "none", "value": 1},
    ]))  # fmt: skip


def _form_property(draw: Draw, fields: list[Json]) -> Json:
    codes = [field["code"] for field in fields][:4]
    condition = draw(st.sampled_from(FORMULAS))
    rule_of = {"code": "r", "when": condition, "effect": "hide", "fields": codes[-1:]}
    return draw(st.sampled_from([  # type: ignore[no-any-return]
        {"name": "label", "value": "改了名"}, {"name": "list", "value": codes},
        {"name": "search", "value": codes}, {"name": "title", "value": codes[0] if codes else "x"},
        {"name": "workflow", "value": None}, {"name": "posting", "value": None},
        {"name": "type", "value": "record"}, {"name": "rules", "value": [rule_of]},
        {"name": "checks", "value": [{"formula": condition, "message": "不行"}]},
        {"name": "unique_together", "value": [codes[:2]]}, {"name": "icon", "value": "truck"},
        {"name": "none", "value": 1},
    ]))  # fmt: skip


@pytest.mark.timeout(1500)
def test_any_sequence_of_operations(
    prepared: Prepared, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    count = 0

    def fresh() -> Database:
        nonlocal count
        count += 1
        url = f"sqlite:///{tmp_path / f'{count}.db'}"
        prepared.fill(url, "demo company", demo_company)
        return Database(url)

    Drafts.fresh = staticmethod(fresh)
    is_full = depth() == "full"
    run_state_machine_as_test(
        Drafts,
        settings=settings(
            max_examples=25 if is_full else 5,
            stateful_step_count=25 if is_full else 12,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    told = ", ".join(f"{number} {what}" for what, number in sorted(Drafts.tally.items()))
    request.node.user_properties.append(("sample", f"{count} sequences: {told}"))
    assert Drafts.tally["published"] or not is_full, "nothing could be published: nothing proved"
    # Whatever chance has drawn, one change that is certain to fit goes live and runs.
    sure = Drafts()
    op = {"op": "set_form", "form": "uom", "name": "label", "value": "单位"}
    sure.draft = sure.do(drafts.apply, "jxc", sure.draft.rev, [op]).draft
    assert sure.published(), told
    sure.teardown()
