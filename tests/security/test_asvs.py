"""ASVS level 2, as far as it concerns accounts, sessions and the trail: each item has its place."""

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask
from structlog.testing import capture_logs

from runtime.infra import audit_search, passwords
from runtime.infra.audit_search import Search
from runtime.infra.db import Database
from runtime.platform import set_up
from tests.conftest import Fill
from tests.prepared import opened
from tests.screens.conftest import running
from tests.screens.person import PASSWORD, Person
from tests.security.asvs_places import HERE, LATER, PROVED
from tests.security.scene import Scene

ROOT: Final = Path(__file__).parents[2]
CHECKLIST: Final = ROOT / "tests" / "data" / "attacks" / "asvs_checklist.json"
NEW: Final = "vier neue worte"
HTTPS: Final = "https://dajian.example"
IMPORTS_RANDOM: Final = re.compile(r"^\s*(import|from) random\b", re.MULTILINE)
# Pauses before another try, and the order of a scenario's documents by a given seed.
FORESEEN_DOES_NO_HARM: Final = (
    "runtime/posting/again.py",
    "runtime/posting/scenarios.py",
    "runtime/webhooks/deliver.py",
)
# Views that decide over an account or over others'; each asks for the password again.
SENSITIVE: Final = frozenset({
    "begin_second_factor", "confirm_second_factor", "renew_codes", "remove_second_factor",
    "reset_second_factor", "set_factor_rules", "create_token", "revoke_token",
    "create_service_account", "create_service_token", "make_link",
})  # fmt: skip


def test_checklist__every_item_has_its_place() -> None:
    items = {item["req"] for item in json.loads(CHECKLIST.read_text(encoding="utf-8"))}
    assert items == set(PROVED) | set(LATER)
    assert not set(PROVED) & set(LATER)
    for item, places in PROVED.items():
        assert places, item
        for place in places:
            assert (ROOT / place).exists(), (item, place)
    # What is said to be proved here names its item below.
    own = (ROOT / HERE).read_text(encoding="utf-8")
    for item in (item for item, places in PROVED.items() if HERE in places):
        assert f"ASVS {item}:" in own, item


@pytest.fixture(scope="module")
def over_https(
    app: Flask, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, Person]]:
    """The same application where people come by https, and somebody who does."""
    url = app.extensions["dajian"].database.url.render_as_string(hide_password=False)
    with running(url, tmp_path_factory.mktemp("https"), DAJIAN_PUBLIC_URL=HTTPS) as made:
        # The test client calls its host so; a form sent by https says which page it stood on.
        made.config.update(PREFERRED_URL_SCHEME="https", TRUSTED_HOSTS=["localhost"])
        client = made.test_client()
        client.environ_base |= {"HTTP_REFERER": "https://localhost/"}
        yield made, Person(client)


def test_cookies__bound_to_the_host(over_https: tuple[Flask, Person]) -> None:
    """ASVS 3.3.1-3.3.4: every cookie that is set."""
    _, somebody = over_https
    somebody.get("/sign-in")
    answer = somebody.post("/sign-in", name="chenli", password=PASSWORD).response
    assert answer.status_code == 303
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-sid", "__Host-visit"}
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts, cookie
        assert not any(part.startswith("domain") for part in parts), cookie


def test_headers__of_every_kind_of_answer(over_https: tuple[Flask, Person]) -> None:
    """ASVS 3.4.1: HSTS. ASVS 3.4.3: CSP. ASVS 3.4.4-3.4.6: nosniff, frames. ASVS 4.1.1: charset."""
    _, somebody = over_https
    pages = (
        "/",
        "/sign-in",
        "/invitation",
        "/audit",
        "/nothing",
        "/api/v1/apps",
        "/account/tokens",
    )
    for path in pages:
        answer = somebody.get(path).response
        headers = answer.headers
        assert answer.status_code != 400, path
        assert "max-age=31536000" in headers["Strict-Transport-Security"], path
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy, (path, part)
        assert "unsafe" not in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, path
        if answer.data:
            assert "charset=utf-8" in headers["Content-Type"].lower() or answer.is_json, path
        assert "no-store" in headers["Cache-Control"], path


def test_sign_in__the_same_work_for_everybody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ASVS 6.3.8: one hash is computed whether or not there is such a user, in the same words."""
    counted: list[str] = []
    real = passwords._hasher()

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def verify(self, *given: Any) -> bool:
            counted.append("verify")
            return bool(real.verify(*given))

    monkeypatch.setattr(passwords, "_hasher", Counting)
    said = set()
    for name in ("chenli", f"nobody-{secrets.token_hex(3)}", "", "x" * 400):
        visitor = scene.anyone()
        page = visitor.sign_in(name, "wrong words altogether")
        said.add((page.status, *page.texts("#problem")))
    assert len(said) == 1
    assert counted == ["verify"] * 4


def test_attempts__are_slowed_down_wherever_a_secret_is_typed(scene: Scene) -> None:
    """ASVS 2.4.1: signing in, confirming, changing the password, links."""
    somebody = scene.person("zhangmin")
    for path, fields in (
        ("/account/confirmation", {"password": "wrong"}),
        ("/invitation", {"token": "x" * 43, "password": NEW, "again": NEW}),
    ):
        found = [somebody.post(path, **fields).status for _ in range(7)]
        assert 429 in found, path
        assert found[0] == 422, path
    changing = {"now": "wrong", "password": NEW, "again": NEW}
    assert somebody.post("/account/password", **changing).status == 429


def test_fresh_install__has_no_accounts(database: Database, fill: Fill) -> None:
    """ASVS 6.3.2: nobody can sign in before somebody was made."""

    def make(url: str) -> None:
        with opened(url) as made, made.transaction() as connection:
            set_up(connection)

    fill("nothing but tables", make)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM s_user").scalar_one() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM s_token").scalar_one() == 0


def test_sensitive__views_ask_for_the_password_again(app: Flask) -> None:
    """ASVS 7.5.1: every view of an account that changes something, but for leaving it."""
    own = {
        endpoint.removeprefix("screens."): view
        for endpoint, view in app.view_functions.items()
        if view.__module__.startswith("runtime.screens.account.")
    }
    guarded = {name for name, view in own.items() if hasattr(view, "__wrapped__")}
    assert guarded == SENSITIVE
    writing = {
        rule.endpoint.removeprefix("screens.")
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    }
    # These ask for a password or a code themselves, or only take something away.
    asking = {"second_step", "accept_invitation", "prove_identity", "change_password"}
    assert writing & set(own) == SENSITIVE | asking | {"end_place", "end_other_places"}


def test_chance__comes_from_the_system() -> None:
    """ASVS 11.5.1: nothing of ours draws from a generator that can be foreseen."""
    drawn = {
        str(path.relative_to(ROOT))
        for room in ("runtime", "builder")
        for path in (ROOT / room).rglob("*.py")
        if IMPORTS_RANDOM.search(path.read_text(encoding="utf-8"))
    }
    assert drawn == set(FORESEEN_DOES_NO_HARM)


def test_addresses__carry_no_secrets(app: Flask) -> None:
    """ASVS 14.2.1: no part of an address is called like one; a link's token stays behind the #."""
    for rule in app.url_map.iter_rules():
        named = rule.arguments & {"token", "password", "secret", "ticket", "sid"}
        assert not named or rule.rule.startswith("/public/"), rule.rule


def test_log__tells_who_and_what_and_no_secret(scene: Scene) -> None:
    """ASVS 16.2.1-16.2.5: events without secrets. ASVS 16.3.1-16.3.4: refusals and sign-ins."""
    canaries = [f"kanarie {name} {secrets.token_hex(4)}" for name in ("password", "new", "token")]
    with capture_logs() as events:
        visitor = scene.anyone()
        visitor.sign_in("wangjianguo", canaries[0])
        visitor.post("/invitation", token=canaries[2], password=canaries[1], again=canaries[1])
        scene.anyone().get("/audit")
        somebody = scene.person("chenli")
        somebody.get("/audit")
        somebody.post("/account/password", now=canaries[0], password=canaries[1], again="")
    told = json.dumps(events, default=str, ensure_ascii=False)
    for canary in (*canaries, PASSWORD):
        assert canary not in told, canary
    refusals = [event["code"] for event in events if event["event"] == "refused"]
    assert {"not_signed_in", "forbidden"} <= set(refusals)
    assert [event["event"] for event in events].count("sign_in_refused") == 1
    with scene.platform.database.reading() as connection:
        (last, *_) = audit_search.found(connection, Search(action="sign_in"), limit=1)
    assert (last.user_name, last.form, last.source) == ("陈丽", "session", "screen")
    assert set(last.changes) == {"network", "agent"}
