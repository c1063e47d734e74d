"""Rules × ways to write: no way round any of them.

What is asked in the end is the table itself: whatever an answer says, every row that is kept obeys
every rule. Each way is also shown to work, with a value that is allowed. That there is no way
without a place here says `test_rule_places`.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

import pytest
from sqlalchemy import func, select

from runtime.documents.batch.tables import batches as batch_table
from runtime.screens.lists_work import batches
from runtime.screens.public import visiting
from tests.prepared import Prepared
from tests.screens.conftest import noted, quick_hashes, running
from tests.security.rules_company import BREAKING, GOOD, company
from tests.security.rules_ways import (
    API,
    CHANGING,
    CONVERTING,
    ENDING,
    MAKING,
    ON_LINES,
    RESTORING,
    SUBMITTING,
    UNDELETING,
    UNDOING,
    Change,
    Row,
    World,
    Writer,
)

__all__ = ["noted", "quick_hashes"]

LINKED: Final = ("name", "no", "size", "low", "high", "mark")
# A whole record comes back as somebody with more rights left it; nobody writes these by that.
KEPT_AS_IT_WAS: Final = ("read-only", "hidden")


@pytest.fixture(scope="module")
def world(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    past = prepared.fill(module_url, "a past without rules", company)
    with running(module_url, tmp_path_factory.mktemp("home")) as app:
        found = World(app, past)
        found.links["thing"] = public_link(found.writer("admin"))
        yield found


def public_link(admin: Writer) -> str:
    """Where anybody may fill in a thing."""
    links = "/a/rules/thing/links"
    assert admin.person.post(f"{links}/permission", to="open").status == 303
    data = {"label": "登记", "purpose": "add", "field": list(LINKED)}
    answer = admin.person.client.post(links, data={**data, "csrf_token": admin.person.token})
    found = re.search(r"/p/([\w-]{20,})", answer.get_data(as_text=True))
    assert found is not None
    return f"/p/{found[1]}"


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Visitors need not wait between attempts: what they try here is something else."""
    monkeypatch.setattr(visiting, "_count", lambda _key: 0)


def obeys(world: World) -> None:
    """Every rule, asked of the tables themselves: of papers when they are in force."""
    things, papers = world.rows("thing"), world.rows("paper")
    left = {world.past.deleted[rule] for rule in KEPT_AS_IT_WAS}
    for rows in (things, papers):
        numbers = [row["no"] for row in rows if row["no"]]
        assert len(numbers) == len(set(numbers))
    for row in things + [row for row in papers if row["status"] != "draft"]:
        keeps(row)
        assert row["id"] in left or (row["fixed"], row["hidden"]) == ("keep", "keep"), row
    for row in things:
        assert (row["name"] == "theirs") == (row["no"] == "B9"), row


def keeps(row: Row) -> None:
    assert row["name"], row
    assert 1 <= row["size"] <= 10, row
    assert row["low"] <= row["high"], row
    assert row["mark"] is None or re.fullmatch("[A-Z]{2}[0-9]", row["mark"]), row
    assert row["size"] >= 5 or row["mark"], row


def attempts(world: World, write: Callable[[Change], int], form: str = "thing") -> None:
    """Try to break every rule by one way."""
    for rule, change in BREAKING.items():
        before = [row["id"] for row in world.rows(form)]
        status = write(change)
        assert status < 500, (rule, status)
        obeys(world)
        assert [row["id"] for row in world.rows(form)] == before or status < 400, rule


@pytest.mark.parametrize("name", MAKING)
def test_nothing_new_breaks_a_rule(world: World, name: str) -> None:
    way, clerk = MAKING[name][1], world.writer("clerk")
    is_public = name == "public link"
    for rule, change in BREAKING.items():
        before = world.rows()
        status = way(clerk, change)
        assert status < 500, (rule, status)
        after = world.rows()
        if is_public and rule == "reach":
            # A link reaches no record, so there is none to be out of reach; an admin clears it.
            new = [row["id"] for row in after if row not in before]
            assert all(world.writer("admin").at("thing", key).rest_delete({}) < 400 for key in new)
        obeys(world)
        assert len(after) == len(before) or status < 400, rule
    count = len(world.rows())
    assert way(clerk, {"size": "4"}) < 400
    assert len(world.rows()) == count + 1
    obeys(world)


@pytest.mark.parametrize("name", CHANGING)
def test_no_change_breaks_a_rule(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    way, clerk = CHANGING[name][1], world.writer("clerk")
    if "job" in name:
        monkeypatch.setattr(batches, "AT_ONCE", 0)
    attempts(world, lambda change: way(clerk, change))
    # The same way with what is allowed does write.
    wanted = "4" if world.row("thing", 1)["size"] != 4 else "3"
    assert way(clerk, {"size": wanted}) < 400
    assert world.row("thing", 1)["size"] == Decimal(wanted)
    obeys(world)


@pytest.mark.parametrize("name", SUBMITTING)
def test_no_draft_that_breaks_a_rule_is_submitted(world: World, name: str) -> None:
    way, clerk = SUBMITTING[name][1], world.writer("clerk")
    for rule, draft in world.past.drafts.items():
        assert way(clerk.at("paper", draft), {}) < 500
        assert world.row("paper", draft)["status"] == "draft", rule
        obeys(world)
    good = a_draft(clerk)
    assert way(clerk.at("paper", good), {}) < 400
    assert world.row("paper", good)["status"] == "submitted"
    obeys(world)


def a_draft(clerk: Writer) -> int:
    values = {**GOOD, "no": f"L{len(clerk.world.rows('paper'))}"}
    body = {"values": {**values, "rows": [{"what": "x", "qty": "1"}]}}
    made: int = clerk.api.post(f"{API}/paper/records", body)["id"]
    return made


def test_nothing_that_breaks_a_rule_is_made_and_submitted_in_one_go(world: World) -> None:
    clerk = world.writer("clerk").at("paper", world.past.in_force)
    attempts(world, clerk.rest_create_and_submit, "paper")
    count = len(world.rows("paper"))
    assert clerk.rest_create_and_submit({}) < 400
    assert len(world.rows("paper")) == count + 1


@pytest.mark.parametrize("name", ON_LINES)
def test_no_line_breaks_a_rule(world: World, name: str) -> None:
    clerk = world.writer("clerk")
    way, aimed = ON_LINES[name][1], clerk.at("paper", a_draft(clerk))
    for change in ({"qty": "99"}, {"qty": "0"}, {"qty": "-1"}, {"qty": "NaN"}):
        assert way(aimed, change) < 500
        quantities = {line["f_qty"] for line in world.row("paper", aimed.id)["rows"]}
        assert quantities <= {1, None}, change
    # A line without what is needed stands in a draft at most.
    way(aimed, {"what": ""})
    missing = any(not line["f_what"] for line in world.row("paper", aimed.id)["rows"])
    assert (aimed.rest_submit({}) >= 400) == missing
    fresh = clerk.at("paper", a_draft(clerk))
    assert way(fresh, {"qty": "7"}) < 400
    assert 7 in [line["f_qty"] for line in world.row("paper", fresh.id)["rows"]]


@pytest.mark.parametrize("name", RESTORING)
def test_no_version_that_breaks_a_rule_comes_back(world: World, name: str) -> None:
    way, clerk = RESTORING[name][1], world.writer("clerk")
    for rule, (record_id, version_id) in world.past.versions.items():
        assert way(clerk.at("thing", record_id), version_id) < 500, rule
        obeys(world)
    aimed = clerk.at("thing", world.past.versions["required"][0])
    versions = f"{API}/thing/records/{aimed.id}/versions"
    latest = aimed.api.get(versions)["versions"][0]["id"]
    assert aimed.rest_update({"size": "6"}) < 400
    assert way(aimed, latest) < 400
    assert world.row("thing", aimed.id)["size"] == 3


@pytest.mark.parametrize("name", UNDELETING)
def test_nothing_that_breaks_a_rule_comes_out_of_the_bin(world: World, name: str) -> None:
    way, clerk = UNDELETING[name][1], world.writer("clerk")
    for rule, record_id in world.past.deleted.items():
        assert way(clerk.at("thing", record_id)) < 500, rule
        obeys(world)
    assert clerk.rest_create({}) < 400
    fresh = clerk.at("thing", world.rows()[-1]["id"])
    assert fresh.rest_delete({}) < 400
    assert way(fresh) < 400
    assert world.rows()[-1]["id"] == fresh.id


@pytest.mark.parametrize("name", UNDOING)
def test_no_batch_taken_back_breaks_a_rule(world: World, name: str) -> None:
    way, clerk = UNDOING[name][1], world.writer("clerk")
    for rule, batch_id in world.past.batches.items():
        assert way(clerk, batch_id) < 500, rule
        obeys(world)
    before = world.row("thing", 1)["size"]
    assert clerk.bulk({"size": "9"}) < 400
    with world.platform.database.reading() as connection:
        latest = connection.execute(select(func.max(batch_table.c.id))).scalar_one()
    assert way(clerk, latest) < 400
    assert world.row("thing", 1)["size"] == before


@pytest.mark.parametrize("name", CONVERTING)
def test_nothing_that_breaks_a_rule_is_made_of_another(world: World, name: str) -> None:
    way, clerk = CONVERTING[name][1], world.writer("clerk")
    for rule, record_id in world.past.seeds.items():
        before = len(world.rows())
        status = way(clerk.at("seed", record_id))
        assert status < 500, rule
        obeys(world)
        # What they may not write begins as it does in every new record.
        made = len(world.rows()) - before
        assert made <= (rule in KEPT_AS_IT_WAS), rule
    admin = world.writer("admin")
    assert admin.at("seed", 1).rest_create({}) < 400
    seed, before = world.rows("seed")[-1]["id"], len(world.rows())
    assert way(clerk.at("seed", seed)) < 400
    assert len(world.rows()) == before + 1


def test_no_row_of_a_workbook_breaks_a_rule(world: World) -> None:
    clerk, before = world.writer("clerk"), world.rows()
    assert clerk.imported([*BREAKING.values(), {"size": "8"}]) < 400
    obeys(world)
    new = [row for row in world.rows() if row["id"] not in {each["id"] for each in before}]
    assert [row["size"] for row in new][-1] == 8, "the row that is allowed is there"
    assert len(new) <= 1 + len(KEPT_AS_IT_WAS)


EVERY: Final = {
    **{f"changing: {name}": way for name, (_place, way) in CHANGING.items()},
    **{f"submitting: {name}": way for name, (_place, way) in SUBMITTING.items()},
    **{f"ending: {name}": way for name, (_place, way) in ENDING.items()},
    **{f"lines: {name}": way for name, (_place, way) in ON_LINES.items()},
}


def untouched(world: World, writer: Writer) -> None:
    """No way changes the record that is aimed at, nor makes another."""
    before = world.rows("thing"), world.rows("paper")
    for name, way in EVERY.items():
        if writer.form == "paper" or not name.startswith("lines"):
            line = {"qty": "2"} if name.startswith("lines") else {"size": "4"}
            if "line taken out" in name and writer.form != "paper":
                continue
            assert way(writer, line) < 500, name
            assert (world.rows("thing"), world.rows("paper")) == before, name
    for record_id, version_id in world.past.versions.values():
        for _place, restore in RESTORING.values():
            if writer.form == "thing" and writer.id in {3, record_id}:
                assert restore(writer, version_id) < 500
    assert (world.rows("thing"), world.rows("paper")) == before


def test_what_is_in_force_is_changed_by_nobody(world: World) -> None:
    for name in ("clerk", "admin"):
        untouched(world, world.writer(name).at("paper", world.past.in_force))


def test_a_record_out_of_reach_is_changed_by_nobody(world: World) -> None:
    untouched(world, world.writer("clerk").at("thing", 3))


def is_no(status: int) -> bool:
    """A refusal that is none of the server's faults."""
    return 400 <= status < 500


def test_who_only_reads_writes_by_no_way(world: World) -> None:
    reader, before = world.writer("reader"), (world.rows("thing"), world.rows("paper"))
    untouched(world, reader.at("thing", world.past.versions["required"][0]))
    untouched(world, reader.at("paper", next(iter(world.past.drafts.values()))))
    for name, (_place, make) in MAKING.items():
        assert name == "public link" or is_no(make(reader, {})), name
    past = world.past
    for _place, bring in UNDELETING.values():
        assert all(is_no(bring(reader.at("thing", key))) for key in past.deleted.values())
    for _place, undo in UNDOING.values():
        assert all(is_no(undo(reader, key)) for key in past.batches.values())
    for _place, convert in CONVERTING.values():
        assert all(is_no(convert(reader.at("seed", key))) for key in past.seeds.values())
    assert is_no(reader.imported([{}]))
    assert (world.rows("thing"), world.rows("paper")) == before
