"""Rules × ways to write: no way round any of them, and no new way without a place here.

What is asked in the end is the table itself: whatever an answer says, every row that is kept obeys
every rule. Each way is also shown to work, with a value that is allowed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import pytest
from flask import Flask
from sqlalchemy import select

from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.infra import tokens, users
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform, set_up
from tests.api.conftest import Api
from tests.prepared import Prepared, opened
from tests.screens.conftest import NOW, noted, quick_hashes, running
from tests.screens.person import PASSWORD, Person
from tests.security.test_routes import UNSAFE, ours

__all__ = ["noted", "quick_hashes"]

THING: Final[dict[str, Any]] = {
    "code": "thing",
    "label": "东西",
    "type": "record",
    "fields": [
        {"code": "name", "kind": "text", "label": "名称", "required": True},
        {"code": "no", "kind": "text", "label": "编号", "unique": True},
        {"code": "size", "kind": "number", "label": "大小", "options": {"min": "1", "max": "10"}},
        {"code": "low", "kind": "number", "label": "下限"},
        {"code": "high", "kind": "number", "label": "上限"},
        {"code": "fixed", "kind": "text", "label": "固定", "default": "keep"},
        {"code": "hidden", "kind": "text", "label": "隐藏", "default": "keep"},
    ],
    "checks": [
        {"formula": "=low<=high", "field": "high", "message": {"zh": "上限小于下限", "en": "high"}}
    ],
}
GRANT: Final = {
    "form": "thing",
    "verbs": ["view", "create", "update", "import", "bulk", "export"],
    "rows": "rule",
    "condition": 'name <> "theirs"',
    "readonly": ["fixed"],
    "hidden": ["hidden"],
}
GOOD: Final = {"name": "fine", "no": "A0", "size": "3", "low": "1", "high": "2"}
# rule            a change that breaks it
BREAKING: Final[dict[str, dict[str, str]]] = {
    "required": {"name": ""},
    "unique": {"no": "TAKEN"},
    "range": {"size": "99"},
    "cross-field": {"high": "0"},
    "read-only": {"fixed": "changed"},
    "hidden": {"hidden": "changed"},
    "reach": {"name": "theirs"},
}


def company(url: str) -> None:
    role = {"code": "clerk", "label": "文员", "grants": [GRANT]}
    source = {"format": "dajian-app/1", "code": "rules", "label": "规则"}
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, NOW)
        publish(act, source | {"forms": [THING], "roles": [role]}, "begin")
        users.create(act, users.NewUser("clerk", PASSWORD, frozenset({"clerk"})))
        form = Catalogue().app(connection, "rules").forms["thing"]
        for name, no in (("mine", "A1"), ("other", "TAKEN"), ("theirs", "B9")):
            values = {"name": name, "no": no, "size": Decimal(3)}
            documents.create(act, form, {**values, "low": Decimal(1), "high": Decimal(2)})


@dataclass
class Ways:
    """The clerk, at a browser and as a program; the record they aim at is the first."""

    app: Flask
    person: Person
    api: Api

    @property
    def platform(self) -> Platform:
        found: Platform = self.app.extensions["dajian"]
        return found

    def rows(self) -> list[dict[str, Any]]:
        with self.platform.database.reading() as connection:
            form = self.platform.catalogue.form(connection, "rules", "thing")
            rows = connection.execute(select(form.table).order_by(form.table.c.id)).mappings()
            return [
                {"id": row["id"], "version": row["version"]}
                | {each.code: row[f"f_{each.code}"] for each in form.fields}
                for row in rows
            ]

    def version(self) -> int:
        return int(self.rows()[0]["version"])

    # Each way takes the fields that change; the rest stays as it is, or is as it has to be.

    def form_create(self, change: dict[str, str]) -> int:
        fields = {**GOOD, "no": f"N{len(self.rows())}", **change, "version": "0"}
        return self.person.post("/a/rules/thing", **fields).status

    def form_update(self, change: dict[str, str]) -> int:
        row = self.rows()[0]
        kept = {code: str(row[code]) for code in ("name", "no", "size", "low", "high")}
        fields = {**kept, **change, "version": str(self.version())}
        return self.person.post("/a/rules/thing/1", **fields).status

    def inline(self, change: dict[str, str]) -> int:
        ((code, value),) = change.items()
        address = f"/a/rules/thing/1/cells/{code}"
        fields = {code: value, "version": str(self.version())}
        return self.person.post(address, script=True, **fields).status

    def bulk(self, change: dict[str, str]) -> int:
        ((code, value),) = change.items()
        fields = {"action": "update", "ids": "1", "field": code, code: value}
        return self.person.post("/a/rules/thing/batches", script=True, **fields).status

    def rest_create(self, change: dict[str, str]) -> int:
        values = {**GOOD, "no": f"N{len(self.rows())}", **change}
        key = f"create-{change}-{len(self.rows())}"
        return self._sent("POST", "", values, Idempotency_Key=str(abs(hash(key))))

    def rest_update(self, change: dict[str, str]) -> int:
        return self._sent("PATCH", "/1", change, If_Match=f'"{self.version()}"')

    def _sent(self, method: str, path: str, values: dict[str, str], **headers: str) -> int:
        body = {"values": {code: value or None for code, value in values.items()}}
        address = f"/apps/rules/forms/thing/records{path}"
        return self.api.send(method, address, body, **headers).status_code


WAYS: Final[dict[str, Callable[[Ways, dict[str, str]], int]]] = {
    "screens.create_record": Ways.form_create,
    "screens.update_record": Ways.form_update,
    "screens.save_cell": Ways.inline,
    "screens.create_batch": Ways.bulk,
    "POST records": Ways.rest_create,
    "PATCH records": Ways.rest_update,
}


@pytest.fixture(scope="module")
def ways(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ways]:
    prepared.fill(module_url, "a clerk and rules", company)
    with running(module_url, tmp_path_factory.mktemp("home")) as app:
        person = Person(app.test_client())
        assert person.sign_in("clerk").status == 303
        platform: Platform = app.extensions["dajian"]
        with platform.database.transaction() as connection:
            user = users.by_name(connection, "clerk")
            assert user is not None
            token = tokens.create(Act(connection, SYSTEM, NOW), user.id, scope="write", days=1)
        yield Ways(app, person, Api(app.test_client(), token))


def obeys(rows: list[dict[str, Any]]) -> None:
    """Every rule, asked of the table itself."""
    numbers = [row["no"] for row in rows]
    assert len(numbers) == len(set(numbers))
    for row in rows:
        assert row["name"], row
        assert 1 <= row["size"] <= 10, row
        assert row["low"] <= row["high"], row
        assert (row["fixed"], row["hidden"]) == ("keep", "keep"), row
        assert (row["name"] == "theirs") == (row["no"] == "B9"), row


@pytest.mark.parametrize("way", WAYS)
def test_no_way_round_a_rule(ways: Ways, way: str) -> None:
    write = WAYS[way]
    for change in BREAKING.values():
        before = ways.rows()
        status = write(ways, change)
        assert status < 500, (way, change, status)
        after = ways.rows()
        obeys(after)
        assert [row["id"] for row in after] == [row["id"] for row in before] or status < 400
    # The same way with what is allowed does write.
    before = ways.rows()
    assert write(ways, {"size": "7" if before[0]["size"] != 7 else "8"}) < 400
    assert ways.rows() != before
    obeys(ways.rows())


# Ways to write values of records that have their attempts in the tests of their own room, which
# go through the same verbs: what they write is validated by `documents` and by nobody else.
ELSEWHERE: Final = frozenset(
    {
        "screens.submit_record", "screens.restore_version", "screens.undelete_record",
        "screens.convert_records", "screens.undo_batch", "screens.save_sheet",
        "screens.create_scan_task", "screens.take_scans", "screens.complete_scan",
    }
)  # fmt: skip
# What changes no value of a record: states of flows, words about records, what lists are like.
NO_VALUES: Final = frozenset(
    {
        "screens.decide_record", "screens.cancel_record", "screens.delete_record",
        "screens.purge_records", "screens.add_comment", "screens.withdraw_comment",
        "screens.note_opening", "screens.export_records", "screens.batch_trial",
        "screens.resolve", "screens.rule_states", "screens.rule_states_of",
        "screens.typed_problems", "screens.typed_problems_of",
        "screens.create_public_link", "screens.allow_public_links", "screens.revoke_public_link",
        "screens.save_view", "screens.create_view", "screens.change_view", "screens.delete_view",
    }
)  # fmt: skip


def test_every_screen_that_writes_of_a_form__has_a_place_here(ways: Ways) -> None:
    known = WAYS.keys() | ELSEWHERE | NO_VALUES
    lost = {
        rule.endpoint
        for rule, method, _declared in ours(ways.app)
        if method in UNSAFE and "form_code" in rule.arguments
        and rule.endpoint.startswith("screens.")
    } - known  # fmt: skip
    assert lost == set(), "say in this matrix what these write, and try to break the rules there"
