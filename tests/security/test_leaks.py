"""Random policies, two people, every channel of the URL map: nobody reads what is not theirs.

What may be read is worked out here, by hand and without the product: which records a scope reaches,
what is computed from what. Every value stands in one place only, so that one found in an answer
tells where it came from. A field hidden in its own form is hidden where others take it from there;
from which records they take it the author of the app decides. Counts and orders are asked too: a
search for what is hidden finds nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import hypothesis.strategies as st
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue
from runtime.compile import App, Field, compile_app
from runtime.definitions import read_app
from runtime.infra import tokens, users
from runtime.infra.act import SYSTEM, Act, Actor
from runtime.platform import Platform, set_up
from tests.api.conftest import Api
from tests.conftest import depth
from tests.prepared import Prepared, opened
from tests.screens.conftest import NOW, noted, quick_hashes, running
from tests.screens.person import PASSWORD, Person
from tests.security.test_routes import PARTS, ours

__all__ = ["noted", "quick_hashes"]

PARTNER: Final = {
    "code": "partner",
    "label": "伙伴",
    "type": "record",
    "search": ["name", "secret"],
    "fields": [
        {"code": "name", "kind": "text", "label": "名称", "required": True},
        {"code": "grade", "kind": "text", "label": "等级"},
        {"code": "secret", "kind": "text", "label": "底细"},
    ],
}
LINES: Final = [
    {"code": "what", "kind": "text", "label": "项目"},
    {"code": "qty", "kind": "number", "label": "数量"},
    {"code": "rate", "kind": "money", "label": "单价"},
    {"code": "part", "kind": "formula", "label": "小计",
     "options": {"formula": "=qty*rate", "result": "money"}},
]  # fmt: skip
DEAL: Final = {
    "code": "deal",
    "label": "交易",
    "type": "record",
    "list": ["title", "partner", "price", "cost", "margin", "peek"],
    "search": ["title", "note"],
    "fields": [
        {"code": "title", "kind": "text", "label": "标题", "required": True},
        {"code": "note", "kind": "text", "label": "备注"},
        {"code": "side", "kind": "text", "label": "方向"},
        {"code": "partner", "kind": "reference", "label": "伙伴",
         "options": {"form": "partner", "columns": ["name", "grade", "secret"]}},
        {"code": "price", "kind": "money", "label": "售价"},
        {"code": "cost", "kind": "money", "label": "底价"},
        {"code": "margin", "kind": "formula", "label": "毛利",
         "options": {"formula": "=price-cost", "result": "money"}},
        {"code": "double", "kind": "formula", "label": "两倍",
         "options": {"formula": "=margin*2", "result": "money"}},
        {"code": "peek", "kind": "lookup", "label": "底细",
         "options": {"reference": "partner", "field": "secret"}},
        {"code": "far", "kind": "formula", "label": "等级",
         "options": {"formula": '=partner.grade&"y"', "result": "text"}},
        {"code": "lines", "kind": "lines", "label": "明细", "options": {"fields": LINES}},
        {"code": "total", "kind": "formula", "label": "合计",
         "options": {"formula": "=SUM(lines.part)", "result": "money"}},
    ],
}  # fmt: skip
# What each computed field is made of: (form, path).
MADE_OF: Final[Mapping[tuple[str, str], tuple[tuple[str, str], ...]]] = {
    ("deal", "margin"): (("deal", "price"), ("deal", "cost")),
    ("deal", "double"): (("deal", "margin"),),
    ("deal", "peek"): (("deal", "partner"), ("partner", "secret")),
    ("deal", "far"): (("deal", "partner"), ("partner", "grade")),
    ("deal", "lines.part"): (("deal", "lines.qty"), ("deal", "lines.rate")),
    ("deal", "total"): (("deal", "lines.part"),),
}
PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "partner": ("name", "grade", "secret"),
    "deal": (
        *(str(each["code"]) for each in DEAL["fields"]),  # type: ignore[index, union-attr]
        *(f"lines.{each['code']}" for each in LINES),
    ),
}
SIDES: Final = ("left", "right")
ROLES: Final = ("one", "two", "three")
PEOPLE: Final = {"ann": ("one", "two"), "ben": ("two", "three")}


@dataclass(frozen=True)
class Grant:
    """What a role may do with a form."""

    form: str
    verbs: tuple[str, ...]
    rows: str
    hidden: tuple[str, ...]

    def source(self) -> dict[str, Any]:
        """The grant as a definition has it."""
        rule = {"rows": "rule", "condition": f'side = "{self.rows}"'}
        rows = rule if self.rows in SIDES else {"rows": self.rows}
        return {"form": self.form, "verbs": list(self.verbs), "hidden": list(self.hidden), **rows}


def grants_on(form: str) -> st.SearchStrategy[Grant]:
    verbs = st.sets(st.sampled_from(["create", "update", "export", "print", "import", "bulk"]))
    scopes = ["all", "own", *(SIDES if form == "deal" else ())]
    return st.builds(
        Grant,
        form=st.just(form),
        verbs=verbs.map(lambda more: ("view", *sorted(more))),
        rows=st.sampled_from(scopes),
        hidden=st.sets(st.sampled_from(PATHS[form]), max_size=5).map(
            lambda each: tuple(sorted(each))
        ),
    )


POLICIES: Final = st.fixed_dictionaries(
    {
        role: st.lists(st.one_of(grants_on("deal"), grants_on("partner")), max_size=3)
        for role in ROLES
    }
)


def definition(policy: Mapping[str, list[Grant]]) -> dict[str, Any]:
    roles = [
        {"code": code, "label": code, "grants": [grant.source() for grant in grants]}
        for code, grants in policy.items()
    ]
    head = {"format": "dajian-app/1", "code": "leak", "label": "漏"}
    return {**head, "forms": [PARTNER, DEAL], "roles": roles}


# ---------------------------------------------------------------- what is stored


def two_people_with_secrets(url: str) -> None:
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, NOW)
        publish(act, definition({role: [] for role in ROLES}), "begin")
        made = [
            users.create(act, users.NewUser(name, PASSWORD, frozenset(roles)))
            for name, roles in PEOPLE.items()
        ]
        _fill(act, Catalogue().app(connection, "leak"), [user.id for user in made])


def _fill(act: Act, app: App, makers: list[int]) -> None:
    partner, deal = app.forms["partner"], app.forms["deal"]
    for n in range(4):
        who = Actor(makers[n % 2], "x", frozenset(), "screen", is_admin=True)
        his = Act(act.connection, who, act.now)
        values = {name: f"zq{name}{n}zq" for name in ("name", "grade", "secret")}
        partner_id = documents.create(his, partner, values).id
        money = [Decimal(3_100_117 + 104_729 * (4 * n + k)) for k in range(4)]
        documents.create(
            his,
            deal,
            {
                "title": f"zqtitle{n}zq", "note": f"zqnote{n}zq", "side": SIDES[n // 2],
                "partner": partner_id, "price": money[0] * 3, "cost": money[1],
                "lines": [
                    {"what": f"zqwhat{n}{k}zq", "qty": Decimal(k + 2), "rate": money[2 + k]}
                    for k in range(2)
                ],
            },
        )  # fmt: skip


@dataclass
class Stored:
    """Every value with the places it stands in: (form, id, path)."""

    places: dict[str, set[tuple[str, int, str]]] = field(default_factory=dict)
    makers: dict[tuple[str, int], int] = field(default_factory=dict)
    sides: dict[int, str] = field(default_factory=dict)

    def note(self, value: Any, place: tuple[str, int, str]) -> None:
        text = str(int(value)) if isinstance(value, Decimal) else str(value)
        if len(text) > 5:
            self.places.setdefault(text, set()).add(place)


def stored(app: App, platform: Platform) -> Stored:
    found = Stored()
    with platform.database.reading() as connection:
        for form in app.forms.values():
            for row in connection.execute(select(form.table)).mappings():
                found.makers[form.code, row["id"]] = row["created_by"]
                found.sides |= {row["id"]: row["f_side"]} if form.code == "deal" else {}
                for path, value in _values(form.fields, row, ""):
                    found.note(value, (form.code, row["id"], path))
            for table in form.lines:
                for row in connection.execute(select(table.table)).mappings():
                    for path, value in _values(table.fields, row, f"{table.code}."):
                        found.note(value, (form.code, row["parent_id"], path))
    return found


def _values(
    fields: Iterable[Field], row: Mapping[Any, Any], before: str
) -> Iterator[tuple[str, Any]]:
    for each in fields:
        if each.column is not None and each.target is None:
            yield f"{before}{each.code}", row[each.column.name]


# ---------------------------------------------------------------- what may be read


@dataclass(frozen=True)
class Allowed:
    """What one person may read by a policy, worked out without the product."""

    grants: tuple[Grant, ...]
    user_id: int
    stored: Stored

    def of(self, form: str, verb: str = "view") -> tuple[Grant, ...]:
        return tuple(each for each in self.grants if each.form == form and verb in each.verbs)

    def sees_row(self, form: str, record_id: int) -> bool:
        return any(
            grant.rows == "all"
            or (grant.rows == "own" and self.stored.makers[form, record_id] == self.user_id)
            or (form == "deal" and grant.rows == self.stored.sides[record_id])
            for grant in self.of(form)
        )

    def rows(self, form: str) -> list[int]:
        return [key for own, key in self.stored.makers if own == form and self.sees_row(form, key)]

    def sees_field(self, form: str, path: str) -> bool:
        return not self._is_named(form, path) and all(
            # Of a form one may not view at all one sees what its author takes from it.
            self.sees_field(other, part) or (other != form and not self.of(other))
            for other, part in MADE_OF.get((form, path), ())
        )

    def _is_named(self, form: str, path: str) -> bool:
        hidden = [set(grant.hidden) for grant in self.of(form)]
        named = set.intersection(*hidden) if hidden else set(PATHS[form])
        return path in named or path.partition(".")[0] in named

    def forbidden(self) -> set[str]:
        """The values that stand nowhere this person may look, nor in anything that does."""
        shown = {value for value, places in self.stored.places.items() if self._reads_any(places)}
        return {
            value
            for value in self.stored.places.keys() - shown
            if not any(value in other for other in shown)
        }

    def _reads_any(self, places: set[tuple[str, int, str]]) -> bool:
        return any(
            self.sees_row(form, key) and self.sees_field(form, path) for form, key, path in places
        )


# ---------------------------------------------------------------- the channels


@dataclass
class World:
    """The application, the people in it, and what is stored."""

    app: Flask
    people: dict[str, Person]
    ways: dict[str, Api]
    ids: dict[str, int]
    stored: Stored
    version: int

    def rule(self, policy: Mapping[str, list[Grant]]) -> None:
        """Let a policy be the one in force."""
        platform: Platform = self.app.extensions["dajian"]
        compiled = compile_app(read_app(definition(policy)), self.version)
        platform.catalogue._compiled["leak"] = compiled

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Every address that reads something of an app, with the form it is about."""
        for rule, method, _declared in ours(self.app):
            names = {"form_code", "form", "app_code", "app"} & rule.arguments
            if method == "GET" and names and not rule.endpoint.startswith("designer."):
                for form in PATHS if {"form_code", "form"} & names else ("",):
                    keys = (1, 4) if "record_id" in rule.arguments else (1,)
                    yield from ((self._built(rule, form, key), form) for key in keys)

    def _built(self, rule: Rule, form: str, key: int) -> str:
        parts = {**PARTS, "app": "leak", "app_code": "leak", "form": form, "form_code": form,
                 "record_id": key, "field_path": "partner", "field_code": "margin",
                 "field": "margin", "lines": "lines"}  # fmt: skip
        adapter = self.app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, {name: parts.get(name, 1) for name in rule.arguments})


@pytest.fixture(scope="module")
def world(
    module_url: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    prepared.fill(module_url, "two people with secrets", two_people_with_secrets)
    with running(module_url, tmp_path_factory.mktemp("home")) as app:
        platform: Platform = app.extensions["dajian"]
        with platform.database.reading() as connection:
            compiled = platform.catalogue.app(connection, "leak")
        people, ways, ids = {}, {}, {}
        for name in PEOPLE:
            people[name] = Person(app.test_client())
            assert people[name].sign_in(name).status == 303
            with platform.database.transaction() as connection:
                user = users.by_name(connection, name)
                assert user is not None
                ids[name] = user.id
                act = Act(connection, SYSTEM, NOW)
                token = tokens.create(act, user.id, scope="write", days=1)
            ways[name] = Api(app.test_client(), token)
        yield World(app, people, ways, ids, stored(compiled, platform), compiled.version)


def told(answer: TestResponse) -> str:
    """What an answer says, figures without their commas."""
    return answer.get_data(as_text=True).replace(",", "").lower()


def check(answer: TestResponse, forbidden: set[str], where: str) -> None:
    text = told(answer)
    assert answer.status_code < 500, where
    found = [value for value in forbidden if value in text]
    assert not found, (where, found)


def crawled(world: World, name: str, allowed: Allowed) -> None:
    """Read every page and every answer of the interface."""
    forbidden = allowed.forbidden()
    for address, _form in world.addresses():
        is_api = address.startswith("/api/v1")
        if is_api:
            answer = world.ways[name].send("GET", address.removeprefix("/api/v1"))
        else:
            answer = world.people[name].client.get(address)
        check(answer, forbidden, address)


def asked(world: World, name: str, allowed: Allowed) -> None:
    """Query, export and resolve: what is not read by an address alone."""
    forbidden, way, person = allowed.forbidden(), world.ways[name], world.people[name]
    for form, paths in PATHS.items():
        query = f"/apps/leak/forms/{form}/query"
        columns = [path for path in paths if "." not in path and path != "lines"]
        seen = [path for path in columns if allowed.sees_field(form, path)]
        rows = allowed.rows(form)
        plain = way.send("POST", query, {"count": True})
        if not allowed.of(form):
            assert plain.status_code == 403
            continue
        assert plain.get_json()["count"] == len(rows), (form, rows)
        assert {each["id"] for each in plain.get_json()["records"]} == set(rows)
        check(plain, forbidden, query)
        for path in columns:
            for body in (
                {"columns": [path]},
                {"sort": [path]},
                {"where": {"field": path, "op": "not_empty", "values": []}},
            ):
                answer = way.send("POST", query, {**body, "count": True})
                is_theirs = path in seen
                assert (answer.status_code == 200) == is_theirs, (form, body, answer.get_json())
                check(answer, forbidden, f"{query} {body}")
        data = {"csrf_token": person.token, "format": "csv", "columns": "all"}
        export = person.client.post(f"/a/leak/{form}/export", data=data, buffered=True)
        assert (export.status_code == 200) == bool(allowed.of(form, "export")), form
        check(export, forbidden, f"export of {form}")


def searched(world: World, name: str, allowed: Allowed) -> None:
    """A search for what is hidden answers as one for what is nowhere."""
    way = world.ways[name]
    texts = sorted(value for value in allowed.forbidden() if value.startswith("zq"))
    for form in PATHS:
        if not allowed.of(form):
            continue
        for value in texts[:: max(1, len(texts) // 4)]:
            found = way.send(
                "POST", f"/apps/leak/forms/{form}/query", {"search": value, "count": True}
            )
            assert found.get_json()["count"] == 0, (form, value)
            looked = way.send("GET", f"/apps/leak/forms/{form}/records?search={value}")
            assert looked.get_json()["records"] == [], (form, value)
            resolved = world.people[name].client.post(
                "/a/leak/deal/resolve",
                json={"texts": {"partner": [value]}},
                headers={"X-CSRFToken": world.people[name].token},
            )
            assert resolved.status_code < 500
            assert '"id"' not in resolved.get_data(as_text=True), value


def examples() -> int:
    return 40 if depth() == "full" else 2


@given(policy=POLICIES)
@settings(
    max_examples=examples(),
    # An example is seconds of work: what fails is told as it was drawn.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_random_policies__nothing_that_is_not_theirs_by_any_channel(
    world: World, policy: dict[str, list[Grant]]
) -> None:
    world.rule(policy)
    for name, roles in PEOPLE.items():
        grants = tuple(grant for role in roles for grant in policy[role])
        allowed = Allowed(grants, world.ids[name], world.stored)
        crawled(world, name, allowed)
        asked(world, name, allowed)
        searched(world, name, allowed)


# A policy in which each of the ways to leak would be one.
HARD: Final[dict[str, list[Grant]]] = {
    "one": [Grant("deal", ("view", "export", "print", "update"), "left", ("cost", "lines.rate"))],
    "two": [Grant("partner", ("view",), "own", ("secret",))],
    "three": [Grant("deal", ("view", "export"), "own", ("note", "price", "partner"))],
}


def test_a_hard_policy__nothing_that_is_not_theirs_by_any_channel(world: World) -> None:
    world.rule(HARD)
    for name, roles in PEOPLE.items():
        grants = tuple(grant for role in roles for grant in HARD[role])
        allowed = Allowed(grants, world.ids[name], world.stored)
        assert len(allowed.forbidden()) > 20
        crawled(world, name, allowed)
        asked(world, name, allowed)
        searched(world, name, allowed)


def test_the_crawl__is_of_many_channels_and_finds_what_is_there(world: World) -> None:
    """Whoever may read everything finds every value: a channel that answers nothing proves none."""
    everything = [Grant(form, ("view", "export"), "all", ()) for form in PATHS]
    world.rule({"one": everything, "two": [], "three": []})
    texts = ""
    addresses = list(world.addresses())
    for address, _form in addresses:
        if address.startswith("/api/v1"):
            answer = world.ways["ann"].send("GET", address.removeprefix("/api/v1"))
        else:
            answer = world.people["ann"].client.get(address)
        texts += told(answer)
    assert len({address for address, _form in addresses}) > 40
    missing = [value for value in world.stored.places if value not in texts]
    # Two of the four records are opened, the lists show the others' own columns.
    assert len(missing) < len(world.stored.places) / 3, missing
