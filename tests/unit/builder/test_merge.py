"""Merging a template's new version with what was changed here: nothing lost, conflicts named."""

import json
import random
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest

from builder import drafts, upgrade
from builder.changes import changes
from builder.merge import merge
from builder.publish import publish
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.strict_json import canonical
from tests.conftest import Fill
from tests.prepared import tables
from tests.unit.builder.test_changes import PLANTED, field, form, jxc

Json = dict[str, Any]
# What both may plant at once: two that touch the same list or thing are tried as conflicts.
APART = [index for index in range(len(PLANTED)) if index not in {11, 18, 19, 20, 34}]


def planted(*numbers: int) -> Json:
    app = jxc()
    for number in numbers:
        PLANTED[number][0](app)
    return app


def said(before: Json, after: Json) -> list[str]:
    return sorted(each.text.zh for each in changes(before, after))


def test_one_side_changed__is_that_side() -> None:
    base, changed = jxc(), planted(*range(0, 40, 3))
    for theirs, ours in ((changed, base), (base, changed), (changed, changed)):
        merged = merge(base, theirs, ours)
        assert canonical(merged.source) == canonical(changed)
        assert merged.conflicts == ()


def test_each_changed_something_else__both_are_there(seed: int) -> None:
    dice = random.Random(seed)
    base = jxc()
    for _ in range(8):
        mine, theirs = dice.sample(APART, 2)
        merged = merge(base, planted(theirs), planted(mine))
        assert merged.conflicts == (), (theirs, mine)
        assert said(base, merged.source) == said(base, planted(mine, theirs)), (theirs, mine)


def test_same_thing__is_a_conflict_with_all_three_sides() -> None:
    base, theirs, ours = jxc(), jxc(), jxc()
    field(theirs, "customer")["label"] = "买方"
    field(ours, "customer")["label"] = "客户名"
    merged = merge(base, theirs, ours)
    (conflict,) = merged.conflicts
    assert conflict.path == "forms/delivery/fields/customer/label"
    assert conflict.where.zh == "表单 › 销售出库 › 字段 › 客户名 › 名称"
    sides = (conflict.base.zh, conflict.theirs.zh, conflict.ours.zh, conflict.chosen)
    assert sides == ("客户", "买方", "客户名", "ours")
    assert field(merged.source, "customer")["label"] == "客户名"
    chosen = merge(base, theirs, ours, {conflict.path: "theirs"})
    assert field(chosen.source, "customer")["label"] == "买方"
    assert chosen.conflicts[0].chosen == "theirs"


def test_removed_there_and_changed_here__is_a_conflict() -> None:
    base, theirs, ours = jxc(), jxc(), jxc()
    theirs["forms"] = [each for each in theirs["forms"] if each["code"] != "supplier"]
    form(ours, "supplier")["label"] = "供方"
    merged = merge(base, theirs, ours)
    (conflict,) = merged.conflicts
    assert (conflict.theirs.zh, conflict.ours.zh) == ("（没有）", "供方")
    assert form(merged.source, "supplier")["label"] == "供方"
    gone = merge(base, theirs, ours, {conflict.path: "theirs"}).source
    assert "supplier" not in [each["code"] for each in gone["forms"]]


def test_retyped_on_both_sides__kind_and_options_stay_together() -> None:
    base, theirs, ours = jxc(), jxc(), jxc()
    field(theirs, "handled_by").update(kind="text", options={"max_length": 9})
    field(ours, "handled_by")["options"] = {}
    merged = merge(base, theirs, ours)
    assert [each.path for each in merged.conflicts] == ["forms/delivery/fields/handled_by/kind"]
    assert field(merged.source, "handled_by")["kind"] == "user"
    paths = {merged.conflicts[0].path: "theirs"}
    other = field(merge(base, theirs, ours, paths).source, "handled_by")  # type: ignore[arg-type]
    assert (other["kind"], other["options"]) == ("text", {"max_length": 9})


def test_lists_take_from_both() -> None:
    base, theirs, ours = jxc(), jxc(), jxc()
    form(theirs)["list"].insert(1, "note")
    form(ours)["list"].remove("warehouse")
    form(ours)["list"].reverse()
    found = form(merge(base, theirs, ours).source)["list"]
    assert "note" in found
    assert "warehouse" not in found
    kept = [each for each in found if each != "note"]
    assert kept == form(ours)["list"]


def test_moved_on_both_sides__stands_once() -> None:
    base, theirs, ours = jxc(), jxc(), jxc()
    for app, at in ((theirs, 1), (ours, 0)):
        sections = form(app, "item")["sections"]
        code = sections[-1]["fields"].pop()
        sections[at]["fields"].append(code)
    sections = form(merge(base, theirs, ours).source, "item")["sections"]
    standing = [code for each in sections for code in each["fields"]]
    assert len(standing) == len(set(standing))
    assert sections[0]["fields"] == form(ours, "item")["sections"][0]["fields"]


def test_nothing_to_begin_from__every_difference_is_a_choice() -> None:
    theirs, ours = planted(10, 12), planted(9)
    merged = merge({}, theirs, ours)
    assert canonical(merged.source) == canonical(ours)
    assert len(merged.conflicts) == len(changes(ours, theirs))


def test_inputs_are_left_alone() -> None:
    base, theirs, ours = jxc(), planted(*range(0, 40, 2)), planted(*range(1, 40, 2))
    kept = [canonical(each) for each in (base, theirs, ours)]
    merged = merge(base, theirs, ours)
    json.dumps(merged.source)
    assert [canonical(each) for each in (base, theirs, ours)] == kept


@pytest.fixture
def ready(database: Database, fill: Fill) -> Database:
    fill("tables", tables)
    return database


def small(**fields: str) -> Json:
    made = [{"code": code, "kind": "text", "label": label} for code, label in fields.items()]
    body = {"code": "thing", "label": "物品", "type": "record", "fields": made}
    return {"format": "dajian-app/1", "code": "demo", "label": "演示", "forms": [body]}


def test_installed__changed__upgraded(ready: Database, now: datetime) -> None:
    """A template is installed, changed here and comes again: both changes are in the draft."""
    first, second = small(name="名称", size="尺寸"), small(name="品名", size="尺寸", brand="品牌")
    with ready.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        upgrade.remember(act, first)
        publish(act, first, "installed")
        mine = deepcopy(first)
        mine["forms"][0]["fields"][1]["label"] = "大小"
        mine["forms"][0]["fields"].append({"code": "own", "kind": "text", "label": "自己的"})
        publish(act, mine, "changed here")
    with ready.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        rev = drafts.read(act, "demo").rev
        merged = upgrade.upgrade(act, second, {})
        assert merged.conflicts == ()
        draft = upgrade.take(act, second, {}, base_rev=rev)
        labels = [each["label"] for each in draft.source["forms"][0]["fields"]]
        assert sorted(labels) == sorted(["品名", "大小", "品牌", "自己的"])
        drafts.discard(act, "demo")
    with ready.transaction() as connection:
        # Thrown away, and taken again: it still is an upgrade of the first.
        act = Act(connection, SYSTEM, now)
        again = upgrade.upgrade(act, second, {})
        assert canonical(again.source) == canonical(draft.source)
