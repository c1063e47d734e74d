"""Random policies, two people, every channel: nobody reads what is not theirs.

The channels are those of the map of addresses, crawled; what has to be asked (queries, figures,
searches, exports, the past); and what goes out by itself, to webhooks and in descriptions. Counts
and orders are asked too: a search for what is hidden finds nothing.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from zipfile import ZipFile

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from runtime.compile import compile_app
from runtime.definitions import read_app
from runtime.infra import tokens, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.outbox import EVENTS, Parcel
from runtime.infra.strict_json import dumps
from runtime.platform import Platform
from runtime.webhooks.payload import payload
from tests.api.conftest import Api
from tests.conftest import depth
from tests.prepared import Prepared
from tests.screens.conftest import NOW, noted, quick_hashes, running
from tests.screens.person import Person
from tests.security.leaks_company import (
    LATER,
    PATHS,
    PEOPLE,
    POLICIES,
    Allowed,
    Grant,
    Stored,
    definition,
    stored,
    two_people_with_secrets,
)
from tests.security.test_routes import PARTS, ours

__all__ = ["noted", "quick_hashes"]

# Pages of one's own, on which records are named: their desk, what they were told, where to go.
OWN_PAGES: Final = ("/", "/notices", "/inbox", "/palette?q=zq", "/scan/start")


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
    """What an answer says, figures without their commas; of a workbook every part of it."""
    data = answer.get_data()
    if data.startswith(b"PK"):
        with ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())
    return data.decode("utf-8", "replace").replace(",", "").lower()


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
    for address in OWN_PAGES:
        check(world.people[name].client.get(address), forbidden, address)


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
            for body in ({"totals": [{"field": path, "fn": "count"}]}, {"group": path}):
                answer = way.send("POST", f"/apps/leak/forms/{form}/summary", body)
                # Some fields that are seen make no groups.
                assert answer.status_code == 422 or path in seen, (form, body)
                check(answer, forbidden, f"summary of {form} {body}")
        past = way.send("GET", f"/apps/leak/forms/{form}/records?as_of={LATER}&limit=200")
        assert {each["id"] for each in past.get_json()["records"]} == set(rows)
        check(past, forbidden, f"{form} as of a moment")
        for kind in ("csv", "xlsx"):
            data = {"csrf_token": person.token, "format": kind, "columns": "all"}
            export = person.client.post(f"/a/leak/{form}/export", data=data, buffered=True)
            assert (export.status_code == 200) == bool(allowed.of(form, "export")), form
            check(export, forbidden, f"export of {form}")
        printed(world, name, allowed, form)


def printed(world: World, name: str, allowed: Allowed, form: str) -> None:
    """On paper: all records of theirs at once, and one that is not theirs."""
    person, forbidden = world.people[name], allowed.forbidden() - allowed.added_up()
    rows = allowed.rows(form)
    address = f"/a/leak/{form}/printouts"
    data = {"csrf_token": person.token, "template": f"{form}_paper"}
    ids = ",".join(map(str, sorted(rows)))
    answer = person.client.post(address, data={**data, "ids": ids})
    may = bool(allowed.of(form, "print"))
    assert answer.status_code == 200 or not may or not rows or _is_narrower(allowed, form), form
    assert may or answer.status_code in {400, 403}, form
    check(answer, forbidden, f"print of {form}")
    for key in sorted({1, 2, 3, 4} - set(rows))[:1]:
        one = person.client.post(f"{address.replace('printouts', str(key))}/printouts/{form}_paper",
                                 data=data)  # fmt: skip
        assert one.status_code in {403, 404}, (form, key)


def _is_narrower(allowed: Allowed, form: str) -> bool:
    """Whether fewer records may be printed than seen."""
    return len({grant.rows for grant in allowed.of(form)}) > 1


def sent_out(world: World, name: str, allowed: Allowed) -> None:
    """What webhooks of a person are told, event by event, and what the interface calls theirs."""
    forbidden = allowed.forbidden()
    platform: Platform = world.app.extensions["dajian"]
    with platform.database.reading() as connection:
        user = users.get(connection, world.ids[name])
        act = Act(connection, user.actor("api"), NOW)
        for form, key in world.stored.makers:
            changed = tuple(path for path in PATHS[form] if "." not in path)
            for event in EVENTS:
                parcel = Parcel(
                    1, "x", 1, event, "leak", form, key, changed, "x", NOW, "", "", 0, 0
                )
                said = payload(act, platform.catalogue, parcel)
                assert said is None or allowed.of(form), (form, event)
                told_of = said is not None and event not in {"delete", "purge"}
                assert not told_of or allowed.sees_row(form, key), (form, key, event)
                text = dumps(said).lower()
                found = [value for value in forbidden if value in text]
                assert not found, (form, event, found)
                told = [] if said is None else said["data"].get("changed", ())
                assert all(allowed.sees_field(form, path) for path in told), (form, event)
    described = world.ways[name].send("GET", "/apps/leak/openapi.json").get_json()
    schemas = described.get("components", {}).get("schemas", {})
    for form, paths in PATHS.items():
        shown = set(schemas.get(f"leak.{form}", {}).get("properties", ()))
        assert all(allowed.sees_field(form, path) for path in shown & set(paths)), (form, shown)


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
        sent_out(world, name, allowed)


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
        sent_out(world, name, allowed)


def test_a_hidden_total__is_not_told_and_amounts_that_are_seen_add_up(world: World) -> None:
    """A sum of what somebody sees is theirs, on paper; the total itself is told nowhere."""
    world.rule({"one": [Grant("deal", ("view", "export", "print"), "all", ("total",))],
                "two": [], "three": []})  # fmt: skip
    allowed = Allowed(
        (Grant("deal", ("view", "export", "print"), "all", ("total",)),),
        world.ids["ann"], world.stored,
    )  # fmt: skip
    assert len(allowed.added_up() & allowed.forbidden()) == 4
    crawled(world, "ann", allowed)
    asked(world, "ann", allowed)
    data = {"csrf_token": world.people["ann"].token, "template": "deal_paper", "ids": "1,2,3,4"}
    paper = world.people["ann"].client.post("/a/leak/deal/printouts", data=data)
    with ZipFile(io.BytesIO(paper.get_data())) as book:
        said = b"".join(book.read(name) for name in book.namelist()).decode("utf-8", "replace")
    # Each stands there once: as the sum of its lines, and not as the total beside it.
    assert {said.count(value) for value in allowed.added_up()} == {1}


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


def test_a_public_link__tells_what_it_names_and_nothing_made_of_the_rest(world: World) -> None:
    """What is computed from a field the link does not name is not told by it either."""
    world.rule({"one": [], "two": [], "three": []})
    admin = Person(world.app.test_client())
    assert admin.sign_in("root").status == 303
    links = "/a/leak/deal/links"
    assert admin.post(f"{links}/permission", to="open").status == 303
    named = ["title", "margin", "double", "total"]
    data = {"label": "看", "purpose": "read", "field": named, "csrf_token": admin.token}
    made = admin.client.post(links, data=data).get_data(as_text=True)
    address = re.search(r"/p/([\w-]{20,})", made)
    assert address is not None, made
    page = world.app.test_client().get(f"/p/{address[1]}")
    assert page.status_code == 200
    text = told(page)
    places = world.stored.places
    shown = {value for value in places if value in text}
    assert shown, "the titles are there"
    assert {path for value in shown for _form, _key, path in places[value]} <= {"title"}
