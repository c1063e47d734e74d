"""Drafts: kept as they are changed, undone and done again, refused when somebody was first."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from builder import drafts
from builder.drafts.store import DRAFT_OP
from builder.packages import read_package
from builder.publish import publish
from runtime.catalogue import APP, Catalogue, active_definition
from runtime.infra import strict_json
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.infra.db import Database
from runtime.infra.errors import Conflict, NotFound, ValidationFailed
from tests.conftest import Fill
from tests.prepared import tables

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
LI = Actor(user_id=None, name="李雷", is_admin=True)
MEI = Actor(user_id=None, name="韩梅梅", is_admin=True)
Do = Callable[..., Any]


def app(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"code": "thing", "label": "物品", "type": "record", "fields": list(fields)}
    return {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [body], **more}


def field(code: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, **more}


def text(draft: drafts.Draft) -> str:
    return strict_json.dumps(draft.source)


@pytest.fixture
def ready(database: Database, fill: Fill) -> Database:
    fill("tables", tables)
    return database


@pytest.fixture
def do(ready: Database, now: datetime) -> Do:
    """`do(verb, …)` carries a verb out in a transaction of its own; `by` says who does it."""

    def carry_out(verb: Callable[..., Any], *given: Any, by: Actor = LI, **more: Any) -> Any:
        with ready.transaction() as connection:
            return verb(Act(connection, by, now), *given, **more)

    carry_out(publish, app(field("name"), field("note")), "test")
    return carry_out


def resize(width: int, code: str = "name") -> dict[str, Any]:
    return {"op": "resize", "form": "thing", "field": code, "width": width}


def add(label: str, kind: str = "text") -> dict[str, Any]:
    return {"op": "add_field", "form": "thing", "field": {"kind": kind, "label": label}}


def test_read__of_what_runs_until_something_is_changed(do: Do) -> None:
    draft = do(drafts.read, "demo")
    assert (draft.rev, draft.base_version, draft.is_changed) == (0, 1, False)
    assert do(drafts.kept) == ()
    applied = do(drafts.apply, "demo", 0, [add("颜色"), resize(4)])
    assert applied.created == ("yan_se",)
    assert (applied.draft.rev, applied.draft.is_changed) == (1, True)
    again = do(drafts.read, "demo")
    assert (again.rev, again.changed_by, text(again)) == (1, "李雷", text(applied.draft))
    assert [each.app_code for each in do(drafts.kept)] == ["demo"]
    with pytest.raises(NotFound):
        do(drafts.read, "none")


def test_undo_and_redo__to_the_byte_across_restarts(do: Do) -> None:
    start = text(do(drafts.read, "demo"))
    do(drafts.apply, "demo", 0, [add("颜色"), add("尺码")])
    do(drafts.apply, "demo", 1, [{"op": "delete", "form": "thing", "field": "note"}])
    end = do(drafts.apply, "demo", 2, [resize(6)]).draft
    for rev in (3, 4, 5):
        undone = do(drafts.undo, "demo", rev).draft
    assert (text(undone), undone.is_changed, undone.removed) == (start, False, ())
    assert (undone.can_undo, undone.can_redo) == (False, True)
    with pytest.raises(Conflict, match="draft_nothing_to_undo"):
        do(drafts.undo, "demo", 6)
    for rev in (6, 7, 8):
        redone = do(drafts.redo, "demo", rev).draft
    assert (text(redone), redone.removed) == (text(end), end.removed)
    with pytest.raises(Conflict, match="draft_nothing_to_redo"):
        do(drafts.redo, "demo", 9)


def test_undo__what_was_taken_back_is_gone_after_another_change(do: Do) -> None:
    do(drafts.apply, "demo", 0, [resize(4)])
    do(drafts.undo, "demo", 1)
    draft = do(drafts.apply, "demo", 2, [resize(6)]).draft
    assert (draft.can_undo, draft.can_redo) == (True, False)
    with pytest.raises(Conflict, match="draft_nothing_to_redo"):
        do(drafts.redo, "demo", 3)


def test_apply__behind_says_what_others_did(do: Do) -> None:
    do(drafts.apply, "demo", 0, [add("颜色")], by=LI)
    do(drafts.apply, "demo", 1, [resize(4), resize(6, "note")], by=MEI)
    with pytest.raises(Conflict) as error:
        do(drafts.apply, "demo", 0, [resize(8)])
    params = error.value.params
    assert (error.value.code, params["rev"], params["by"]) == ("draft_changed", 2, "李雷、韩梅梅")
    assert params["what"] == [
        "在“物品”加了“颜色”",
        "改了“物品”的“name”的宽度",
        "改了“物品”的“note”的宽度",
    ]
    assert params["count"] == len(params["what"])
    english = drafts.sentences(params["said"], "en")
    assert english[0] == 'added "颜色" to "物品"'


def test_apply__all_or_nothing(do: Do, ready: Database) -> None:
    do(drafts.apply, "demo", 0, [resize(4)])
    before = text(do(drafts.read, "demo"))
    with pytest.raises(ValidationFailed) as error:
        do(drafts.apply, "demo", 1, [add("颜色"), resize(5)])
    assert [each.pointer for each in error.value.problems] == ["/ops/1/width"]
    after = do(drafts.read, "demo")
    assert (after.rev, text(after)) == (1, before)
    with ready.reading() as connection:
        assert len(connection.execute(select(DRAFT_OP.c.id)).all()) == 1


def test_apply__the_same_key_is_one_change(do: Do) -> None:
    first = do(drafts.apply, "demo", 0, [add("颜色")], key="k1")
    again = do(drafts.apply, "demo", 0, [add("颜色")], key="k1")
    assert (again.created, again.draft.rev) == (first.created, 1)
    assert len(do(drafts.read, "demo").source["forms"][0]["fields"]) == 3


def test_apply__two_at_once_one_is_told(do: Do, ready: Database, now: datetime) -> None:
    """Both have seen revision 0; whoever comes second hears of the first."""
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def change(name: str) -> None:
        actor = Actor(user_id=None, name=name, is_admin=True)
        together.wait()
        try:
            with ready.transaction() as connection:
                drafts.apply(Act(connection, actor, now), "demo", 0, [add(f"字段{name}")])
            outcomes.append("done")
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=change, args=(name,)) for name in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "draft_changed"]
    assert len(do(drafts.read, "demo").source["forms"][0]["fields"]) == 3


def test_publish__is_what_runs_and_nothing_before_is_undone(do: Do) -> None:
    do(drafts.apply, "demo", 0, [add("颜色"), {"op": "delete", "form": "thing", "field": "note"}])
    with pytest.raises(Conflict, match="draft_changed"):
        do(drafts.publish, "demo", 0, "不是我看到的")
    published = do(drafts.publish, "demo", 1, "加了颜色")
    assert (published.app.version, published.changed) == (2, True)
    draft = do(drafts.read, "demo")
    assert (draft.rev, draft.base_version, draft.is_changed) == (2, 2, False)
    assert (draft.can_undo, [each.code for each in draft.removed]) == (False, ["note"])
    # What was removed long ago can still come back, with its data.
    do(drafts.apply, "demo", 2, [{"op": "restore", "form": "thing", "field_id": "note"}])
    do(drafts.publish, "demo", 3, "备注回来了")
    kinds = [each["code"] for each in do(drafts.read, "demo").source["forms"][0]["fields"]]
    assert kinds == ["name", "note", "yan_se"]


def test_publish__over_a_version_that_came_meanwhile(do: Do) -> None:
    do(drafts.apply, "demo", 0, [add("颜色")])
    do(publish, app(field("name"), field("note"), field("size")), "别处")
    with pytest.raises(Conflict, match="definition_changed"):
        do(drafts.publish, "demo", 1, "")
    assert do(drafts.read, "demo").base_version == 1
    do(drafts.discard, "demo")
    draft = do(drafts.read, "demo")
    assert (draft.base_version, draft.is_changed) == (2, False)
    # Discarding is a change like others: it can be taken back.
    back = do(drafts.undo, "demo", draft.rev).draft
    assert (back.base_version, back.is_changed) == (1, True)
    assert back.source["forms"][0]["fields"][-1]["code"] == "yan_se"


def test_read__an_unchanged_draft_follows_what_is_published(do: Do) -> None:
    do(drafts.apply, "demo", 0, [resize(4)])
    do(drafts.undo, "demo", 1)
    do(publish, app(field("name"), field("size")), "别处")
    draft = do(drafts.read, "demo")
    assert (draft.rev, draft.base_version) == (3, 2)
    with pytest.raises(Conflict) as error:
        do(drafts.apply, "demo", 2, [resize(4)])
    assert error.value.params["what"] == ["发布了第 2 版"]
    assert do(drafts.apply, "demo", 3, [resize(4, "size")]).draft.rev == 4


def test_discard__what_was_removed_since_is_forgotten(do: Do) -> None:
    do(drafts.apply, "demo", 0, [{"op": "delete", "form": "thing", "field": "note"}])
    do(drafts.publish, "demo", 1, "")
    do(drafts.apply, "demo", 2, [add("颜色"), {"op": "delete", "form": "thing", "field": "name"}])
    draft = do(drafts.discard, "demo")
    assert [each.code for each in draft.removed] == ["note"]
    assert (draft.is_changed, draft.undecided) == (False, ())


def test_replace__by_another_json(do: Do) -> None:
    other = app(field("name"), field("weight", "quantity"))
    draft = do(drafts.replace, "demo", 0, other, "第 1 版").draft
    assert (draft.source, draft.is_changed) == (other, True)
    with pytest.raises(Conflict) as error:
        do(drafts.apply, "demo", 0, [resize(4)])
    assert error.value.params["what"] == ["换成了另一份定义：第 1 版"]
    column = {"code": "rows", "kind": "lines", "label": "x", "options": {"fields": [{}]}}
    for wrong in (
        {**other, "code": "else"},
        {**other, "forms": [{"code": "x"}]},
        app(field("name"), column),
        {"code": "demo"},
    ):
        with pytest.raises(ValidationFailed):
            do(drafts.replace, "demo", 1, wrong, "")
    back = do(drafts.undo, "demo", 1).draft
    assert back.is_changed is False


def test_create_app__until_it_is_published_it_is_a_draft(do: Do, ready: Database) -> None:
    draft = do(drafts.create_app, None, {"zh": "客户拜访", "en": "Visits"})
    assert (draft.app_code, draft.base_version, draft.is_changed) == ("ke_hu_bai", 0, True)
    assert do(drafts.create_app, None, "客户拜访").app_code == "ke_hu_bai_2"
    for code in ("demo", "ke_hu_bai"):
        with pytest.raises(Conflict, match="app_code_taken"):
            do(drafts.create_app, code, "x")
    for code, label in (("Demo; DROP", "x"), ("a", ""), (None, None), ("a" * 13, "x")):
        with pytest.raises(ValidationFailed):
            do(drafts.create_app, code, label)
    ops = [
        {"op": "add_form", "form": {"label": "拜访"}},
        {"op": "add_field", "form": "bai_fang", "field": {"kind": "text", "label": "客户"}},
    ]
    made = do(drafts.apply, "ke_hu_bai", 0, ops)
    assert made.created == ("bai_fang", "ke_hu")
    published = do(drafts.publish, "ke_hu_bai", 1, "第一版")
    assert published.app.version == 1
    with ready.reading() as connection:
        assert Catalogue().form(connection, "ke_hu_bai", "bai_fang").fields[0].code == "ke_hu"
        assert active_definition(connection, "ke_hu_bai") is not None
    do(drafts.discard, "ke_hu_bai_2")
    with pytest.raises(NotFound):
        do(drafts.read, "ke_hu_bai_2")


# an operation, and what is wrong after it: pointer, code, and where it is put right
PROBLEMS: list[tuple[dict[str, Any], str, str, drafts.Jump]] = [
    ({"op": "add_field", "form": "thing", "field": {"kind": "reference"}},
     "/forms/0/fields/2/options/form", "property_missing",
     drafts.Jump("form", "thing", field="guan_lian_ji_lu")),
    ({"op": "add_field", "form": "thing", "field": {"kind": "lines", "label": "明细"}},
     "/forms/0/fields/2/options/fields", "property_empty",
     drafts.Jump("form", "thing", field="ming_xi")),
    ({"op": "add_field", "form": "thing", "field": {
        "kind": "formula", "label": "合计", "options": {"formula": "={无}", "result": "money"}}},
     "/forms/0/fields/2/options/formula", "formula_name_unknown",
     drafts.Jump("form", "thing", field="he_ji")),
    ({"op": "set_form", "form": "thing", "name": "list", "value": ["gone"]},
     "/forms/0/list/0", "field_unknown", drafts.Jump("lists", "thing")),
    ({"op": "set_form", "form": "thing", "name": "workflow", "value": "gone"},
     "/forms/0/workflow", "workflow_unknown", drafts.Jump("flow", "thing")),
    ({"op": "set_menus", "value": [{"label": "x", "items": [{"form": "gone"}]}]},
     "/menus/0/items/0/form", "form_unknown", drafts.Jump("menus")),
    ({"op": "add_role", "role": {"code": "r", "label": "r", "grants": [
        {"form": "thing", "verbs": ["view"], "hidden": ["gone"]}]}},
     "/roles/0/grants/0/hidden", "field_unknown", drafts.Jump("access", "thing")),
    ({"op": "add_form", "form": {"label": "空表"}},
     "/forms/1/fields", "property_empty", drafts.Jump("form", "kong_biao")),
    ({"op": "delete", "form": "thing", "field": "name"}, "", "", drafts.Jump("form")),
]  # fmt: skip


@pytest.mark.parametrize(("op", "pointer", "code", "jump"), PROBLEMS)
def test_problems__each_with_the_place_it_is_put_right(
    do: Do, op: dict[str, Any], pointer: str, code: str, jump: drafts.Jump
) -> None:
    draft = do(drafts.apply, "demo", 0, [op]).draft
    errors = [each for each in do(drafts.problems, draft) if each.severity == "error"]
    found = [(each.pointer, each.code, each.jump) for each in errors]
    assert (pointer, code, jump) in found if code else not found
    if code:
        with pytest.raises(ValidationFailed):
            do(drafts.publish, "demo", 1, "")
    else:
        do(drafts.publish, "demo", 1, "")


def test_problems__cautions_do_not_forbid_publishing(do: Do) -> None:
    grants = [{"form": "thing", "verbs": ["view", "create"]}]
    ops = [
        {"op": "add_role", "role": {"code": "clerk", "label": "文员", "grants": grants}},
        {"op": "set", "form": "thing", "field": "note", "name": "required", "value": True},
        {"op": "set_field_access", "role": "clerk", "form": "thing", "field": "note",
         "access": "read"},
        add("颜色"),
        {"op": "add_form", "form": {"code": "other", "label": "别的", "fields": [
            field("amount", "money")]}},
    ]  # fmt: skip
    draft = do(drafts.apply, "demo", 0, ops).draft
    found = {(each.code, each.severity, each.jump) for each in do(drafts.problems, draft)}
    assert found == {
        ("field_undecided", "warning", drafts.Jump("access", "thing", None, "yan_se")),
        ("required_field_closed", "warning", drafts.Jump("access", "thing", None, "note")),
        ("form_without_title", "warning", drafts.Jump("lists", "other")),
        ("form_without_rights", "warning", drafts.Jump("access", "other")),
    }
    assert do(drafts.publish, "demo", 1, "").changed
    again = do(drafts.read, "demo")
    assert "field_undecided" not in {each.code for each in do(drafts.problems, again)}


# what posted documents were posted from                                    the refusal
BOUND: list[tuple[dict[str, Any], str]] = [
    ({"op": "delete", "field": "warehouse"}, "kernel_bound_field"),
    ({"op": "delete", "field": "lines"}, "kernel_bound_field"),
    ({"op": "delete", "lines": "lines", "field": "qty"}, "kernel_bound_field"),
    ({"op": "convert_type", "lines": "lines", "field": "qty", "kind": "number"},
     "kernel_bound_field"),
    ({"op": "set", "field": "warehouse", "name": "options/form", "value": "customer"},
     "kernel_bound_field"),
    ({"op": "set_form", "name": "posting", "value": None}, "kernel_bound_rule"),
    ({"op": "set_form", "name": "type", "value": "record"}, "kernel_bound_rule"),
    ({"op": "set_form", "name": "posting", "value": {
        "command": "receive", "date": "document_date", "lines": "lines", "item": "lines.item",
        "qty": "lines.qty", "warehouse": "warehouse", "amount": "lines.qty"}},
     "kernel_bound_part"),
    ({"op": "delete_form"}, "kernel_bound_form"),
]  # fmt: skip


@pytest.fixture
def jxc(ready: Database, now: datetime) -> Do:
    def carry_out(verb: Callable[..., Any], *given: Any, **more: Any) -> Any:
        with ready.transaction() as connection:
            return verb(Act(connection, SYSTEM, now), *given, **more)

    carry_out(publish, read_package(JXC), "test")
    return carry_out


def test_books__before_anything_is_posted_the_checks_decide(jxc: Do) -> None:
    ops = [{"form": "purchase_receipt", **op} for op, _ in BOUND[:1]]
    draft = jxc(drafts.apply, "jxc", 0, ops).draft
    codes = {each.code for each in jxc(drafts.problems, draft)}
    assert "field_unknown" in codes
    with pytest.raises(ValidationFailed):
        jxc(drafts.publish, "jxc", 1, "")


def test_books__what_was_posted_from_stays(jxc: Do, ready: Database, now: datetime) -> None:
    _post(ready, now, "purchase_receipt")
    for op, code in BOUND:
        with pytest.raises(ValidationFailed) as error:
            jxc(drafts.apply, "jxc", 0, [{"form": "purchase_receipt", **op}])
        assert code in {each.code for each in error.value.problems}, op
    for op in ({"op": "delete", "field": "item_category"}, {"op": "set_app", "name": "stock"}):
        told = {"form": "item", **op} if op["op"] == "delete" else {**op, "value": None}
        with pytest.raises(ValidationFailed) as error:
            jxc(drafts.apply, "jxc", 0, [told])
        assert {each.code for each in error.value.problems} & {
            "kernel_bound_field", "kernel_bound_stock"}  # fmt: skip
    # Everything else is free, also on the same form.
    free = [
        {"op": "add_field", "form": "purchase_receipt", "field": {"kind": "text"}},
        {"op": "delete", "form": "purchase_receipt", "field": "handled_by"},
        {"op": "set", "form": "purchase_receipt", "lines": "lines", "field": "qty",
         "name": "label", "value": "实收"},
    ]  # fmt: skip
    jxc(drafts.apply, "jxc", 0, free)


def test_books__no_other_way_leads_past_them(jxc: Do, ready: Database, now: datetime) -> None:
    """A whole JSON, sent as a draft or published at once, is held to the same."""
    _post(ready, now, "purchase_receipt")
    source = read_package(JXC)
    receipt = next(form for form in source["forms"] if form["code"] == "purchase_receipt")
    receipt["posting"] = {**receipt["posting"], "party": None}
    receipt["posting"].pop("party")
    with pytest.raises(ValidationFailed) as error:
        jxc(publish, source, "test")
    assert {each.code for each in error.value.problems} == {"kernel_bound_part"}
    draft = jxc(drafts.replace, "jxc", 0, source, "API").draft
    assert "kernel_bound_part" in {each.code for each in jxc(drafts.problems, draft)}


def _post(database: Database, now: datetime, form: str) -> None:
    """A document of the form stands there as posted; how it came to be so is not the question."""
    with database.transaction() as connection:
        table = Catalogue().form(connection, "jxc", form).table
        row = {"version": 1, "status": "posted", "search_text": "", "created_at": now}
        connection.execute(table.insert().values(**row, updated_at=now))


def test_draft__of_an_app_whose_versions_were_tampered_with(do: Do, ready: Database) -> None:
    """The running version may be set back by hand; an unchanged draft follows that as well."""
    do(publish, app(field("name")), "zwei")
    with ready.transaction() as connection:
        connection.execute(update(APP).where(APP.c.code == "demo").values(active_version=1))
    assert do(drafts.read, "demo").base_version == 1
