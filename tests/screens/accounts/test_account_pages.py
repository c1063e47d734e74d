"""The pages of an account, walked as people do: password, second step, places, tokens, links."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from runtime.infra import second_factor, totp, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.kept_secret import keys_of
from runtime.infra.users import NewUser, User
from runtime.platform import Platform
from tests.screens.conftest import NOW, app, noted, person, quick_hashes, visitor
from tests.screens.person import PASSWORD, Page, Person

__all__ = ["app", "noted", "person", "quick_hashes", "visitor"]

Signed = Callable[[str], Person]
NEW = "vier neue worte"


def platform(app: Flask) -> Platform:
    found: Platform = app.extensions["dajian"]
    return found


def somebody(app: Flask, name: str, *roles: str, is_admin: bool = False) -> User:
    """A person of one's own, so that no test spoils another's."""
    with platform(app).database.transaction() as connection:
        new = NewUser(name, PASSWORD, frozenset(roles), is_admin=is_admin)
        return users.create(Act(connection, SYSTEM, NOW), new)


def signed_in(app: Flask, name: str, password: str = PASSWORD) -> Person:
    found = Person(app.test_client())
    assert found.sign_in(name, password).status == 303
    return found


@contextmanager
def at(app: Flask, moment: datetime) -> Iterator[None]:
    """Let it be later."""
    here = platform(app)
    app.extensions["dajian"] = replace(here, clock=lambda: moment)
    try:
        yield
    finally:
        app.extensions["dajian"] = here


def turned_on(app: Flask, user: User) -> tuple[bytes, tuple[str, ...]]:
    here = platform(app)
    keys = keys_of(here.settings)
    with here.database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW)
        second_factor.begin(act, user.id, keys)
        secret = second_factor.unfinished(connection, user.id, keys)
        assert secret is not None
        code = totp.code(secret, totp.step_of(NOW) - 1)
        return secret, second_factor.confirm(act, user.id, code, keys)


def problem(page: Page) -> str:
    assert page.status in {422, 429}, page.status
    return page.one("#problem").get_text(" ", strip=True)


def test_password__changed_and_everything_else_ends(app: Flask) -> None:
    somebody(app, "anna", "buyer")
    here, elsewhere = signed_in(app, "anna"), signed_in(app, "anna")
    before = here.client.get_cookie("sid")
    here.get("/account/password")
    for now, new, again, said in (
        ("wrong horse", NEW, NEW, "现在的密码不对"),
        (PASSWORD, NEW, "else", "两次输入的密码不一样"),
        (PASSWORD, "password1", "password1", "这个密码太常见"),
        (PASSWORD, "anna2026", "anna2026", "只有你的名字"),
        (PASSWORD, "kurz", "kurz", "密码要 8 到 128 个字符"),
    ):
        page = here.post("/account/password", now=now, password=new, again=again)
        assert said in problem(page), said
    assert elsewhere.get("/account/password").status == 200
    done = here.post("/account/password", now=PASSWORD, password=NEW, again=NEW)
    assert done.response.location == "/account/password?changed=1"
    assert here.get("/account/password?changed=1").status == 200
    after = here.client.get_cookie("sid")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert elsewhere.get("/account/password").status == 303
    assert Person(app.test_client()).sign_in("anna").status == 422
    signed_in(app, "anna", NEW)


def test_second_step__set_up_used_and_turned_off(app: Flask) -> None:
    user = somebody(app, "bert", "buyer")
    bert = signed_in(app, "bert")
    assert "未开启" in bert.get("/account/second-factor").text
    assert bert.post("/account/second-factor").response.location == "/account/second-factor"
    page = bert.get("/account/second-factor")
    spelled = page.one("#secret").get_text()
    assert re.fullmatch("[A-Z2-7]{32}", spelled)
    assert page.one(".acc-qr img")["src"].startswith("data:image/svg+xml;base64,")
    with platform(app).database.reading() as connection:
        keys = keys_of(platform(app).settings)
        secret = second_factor.unfinished(connection, user.id, keys)
    assert secret is not None
    assert totp.spelled(secret) == spelled
    wrong = bert.post("/account/second-factor/confirmation", code="000000")
    assert "动态码不对" in problem(wrong)
    assert wrong.one("#secret").get_text() == spelled
    code = totp.code(secret, totp.step_of(NOW) - 1)
    codes = bert.post("/account/second-factor/confirmation", code=code).texts("#codes code")
    assert len(codes) == 10
    again = bert.get("/account/second-factor")
    assert "已开启" in again.text
    assert codes[0] not in again.text
    assert spelled not in again.text
    assert (
        len(set(bert.post("/account/second-factor/codes").texts("#codes code")) - set(codes)) == 10
    )
    assert bert.post("/account/second-factor/removal").status == 303
    assert "未开启" in bert.get("/account/second-factor").text
    assert bert.post("/account/second-factor/codes").status == 422


def test_sign_in__with_the_second_step(app: Flask) -> None:
    user = somebody(app, "carl", "buyer")
    secret, codes = turned_on(app, user)
    carl = Person(app.test_client())
    step = carl.sign_in("carl", target="/a/jxc/item?q=x")
    assert step.status == 200
    assert carl.client.get_cookie("sid") is None
    ticket = str(step.one("input[name=ticket]")["value"])

    def typed(code: str, by: str = ticket) -> Page:
        return carl.post("/sign-in/code", ticket=by, code=code, next="/a/jxc/item?q=x")

    assert "动态码不对" in problem(typed("000000"))
    # Not the last letter: some of its bits mean nothing.
    other = ticket[:-9] + ("A" if ticket[-9] != "A" else "B") + ticket[-8:]
    for forged in ("", "x", other, "W251bGwsbnVsbF0.x.y"):
        assert typed(totp.code(secret, totp.step_of(NOW)), forged).response.location.startswith(
            "/sign-in"
        ), forged
    done = typed(totp.code(secret, totp.step_of(NOW)))
    assert done.response.location == "/a/jxc/item?q=x"
    assert carl.get("/account/second-factor").status == 200
    # The same code once more, as somebody who looked over the shoulder would.
    thief = Person(app.test_client())
    page = thief.sign_in("carl")
    again = thief.post(
        "/sign-in/code",
        ticket=str(page.one("input[name=ticket]")["value"]),
        code=totp.code(secret, totp.step_of(NOW)),
    )
    assert "已经用过" in problem(again)
    paper = thief.post("/sign-in/code", ticket=ticket, code=codes[0].lower())
    assert paper.status == 303


def test_rule__nothing_else_opens_before_it_is_set_up(app: Flask) -> None:
    somebody(app, "dora", "sales")
    somebody(app, "chef", is_admin=True)
    chef = signed_in(app, "chef")
    dora = signed_in(app, "dora")
    chef.get("/account/second-factor/rules")
    done = chef.client.post(
        "/account/second-factor/rules",
        data={"role": ["sales", "nonsense"], "csrf_token": chef.token},
    )
    assert done.status_code == 303
    try:
        ticked = chef.get("/account/second-factor/rules").soup.select("input[checked]")
        assert [each["value"] for each in ticked] == ["sales"]
        for path in ("/", "/a/jxc/item", "/account/tokens", "/account/password", "/inbox"):
            assert dora.get(path).response.location == "/account/second-factor", path
        assert dora.post("/preferences", theme="dark").response.location == "/account/second-factor"
        assert "开启以后才能继续" in dora.get("/account/second-factor").text
        assert signed_in(app, "chenli").get("/").status == 200
    finally:
        chef.post("/account/second-factor/rules")
    assert dora.get("/a/jxc/item").status == 200


def test_sensitive__asks_for_the_password_again(app: Flask) -> None:
    user = somebody(app, "emil", "buyer")
    emil = signed_in(app, "emil")
    emil.get("/account/tokens")
    later = NOW + timedelta(minutes=16)
    with at(app, later):
        for path in (
            "/account/tokens", "/account/second-factor", "/account/second-factor/codes",
            "/account/second-factor/removal",
        ):  # fmt: skip
            asked = emil.post(path, scope="read", days="30", label="x").response.location
            assert asked.startswith("/account/confirmation?next=/account/"), path
        before = emil.client.get_cookie("sid")
        assert "现在的密码不对" in problem(emil.post("/account/confirmation", password="no"))
        done = emil.post("/account/confirmation", password=PASSWORD, next="/account/tokens")
        assert done.response.location == "/account/tokens"
        after = emil.client.get_cookie("sid")
        assert before is not None
        assert after is not None
        assert before.value != after.value
        emil.get("/account/tokens")
        assert emil.post("/account/tokens", scope="read", days="30", label="x").status == 200
        emil.client.set_cookie("sid", before.value)
        assert emil.get("/account/tokens").status == 303
    assert user.id


def test_places__ended_one_by_one_and_all_others(app: Flask) -> None:
    somebody(app, "fred", "buyer")
    here, second, third = (signed_in(app, "fred") for _ in range(3))
    page = here.get("/account/sessions")
    assert len(page.soup.select(".acc-list li")) == 3
    assert page.texts(".tag-ok") == ["就是这里"]
    ending = str(page.soup.select(".acc-list form")[0]["action"])
    assert here.post(ending).status == 303
    assert sorted(each.get("/").status for each in (second, third)) == [200, 303]
    here.post("/account/sessions/ending")
    assert [each.get("/").status for each in (here, second, third)] == [200, 303, 303]
    # Somebody else's cannot be ended, nor seen.
    mine = re.search(r"\d+", ending)
    assert mine is not None
    other = signed_in(app, "chenli")
    own = other.get("/account/sessions")
    assert len(own.soup.select(".acc-list form")) == len(own.soup.select(".acc-list li")) - 1
    with platform(app).database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT max(id) FROM s_session WHERE user_id <> 2")
        foreign = rows.scalar_one()
    assert other.post(f"/account/sessions/{foreign}/ending").status == 404
    assert here.get("/").status == 200


def test_tokens__shown_once_with_a_reach_and_revoked(app: Flask) -> None:
    somebody(app, "gina", "buyer")
    gina = signed_in(app, "gina")
    gina.get("/account/tokens")
    page = gina.post("/account/tokens", scope="write", days="7", label="网店", reach="jxc.item")
    token = page.one("#made").get_text()
    assert token.startswith("dj_")
    assert token not in gina.get("/account/tokens").text
    bearer = {"Authorization": f"Bearer {token}"}
    client = app.test_client()

    def asked(path: str) -> int:
        return client.get(f"/api/v1{path}", headers=bearer).status_code

    assert asked("/apps/jxc/forms/item/records") == 200
    for outside in ("/apps/jxc/forms/supplier/records", "/apps/jxc", "/apps"):
        assert asked(outside) == 403, outside
    shown = gina.get("/account/tokens").one(".acc-list li")
    assert "进销存 / 商品" in shown.text
    assert "127.0.0.1" in shown.text
    assert "刚刚" in shown.text
    for wrong in (
        {"scope": "all", "days": "7", "label": "x"}, {"scope": "read", "days": "0", "label": "x"},
        {"scope": "read", "days": "９", "label": "x"}, {"scope": "read", "days": "7", "reach": "s"},
        {"scope": "read", "days": "7", "label": "x" * 101},
    ):  # fmt: skip
        problem(gina.post("/account/tokens", **wrong))
    action = str(shown.select("form")[0]["action"])
    assert signed_in(app, "chenli").post(action).status == 404
    assert gina.post(action).status == 303
    assert asked("/apps/jxc/forms/item/records") == 401


def test_service_account__made_given_a_token_and_revoked(app: Flask) -> None:
    somebody(app, "hans", is_admin=True)
    hans = signed_in(app, "hans")
    hans.get("/service-accounts")
    bad = hans.post("/service-accounts", name="sync", role="nonsense")
    problem(bad)
    made = hans.post("/service-accounts", name="sync", purpose="网店", role="buyer")
    page = hans.get(made.response.location)
    assert page.texts("h1") == ["sync"]
    created = hans.post(f"{made.response.location}/tokens", scope="read", days="30", label="a")
    headers = {"Authorization": f"Bearer {created.one('#made').get_text()}"}
    address = "/api/v1/apps/jxc/forms/item/records"
    assert app.test_client().get(address, headers=headers).status_code == 200
    ended = hans.post(str(created.soup.select(".acc-list form")[0]["action"]))
    assert ended.response.location == made.response.location
    assert app.test_client().get(address, headers=headers).status_code == 401
    assert hans.get("/service-accounts/2").status == 404
    assert "网店" in hans.get("/service-accounts").text


def test_link__made_by_an_administrator_taken_by_the_person(app: Flask) -> None:
    user = somebody(app, "ida", "buyer")
    somebody(app, "jan", is_admin=True)
    jan = signed_in(app, "jan")
    jan.get("/account/password")
    address = jan.post(f"/users/{user.id}/link").one("#link").get_text()
    before, _, token = address.partition("#")
    assert before == "http://127.0.0.1:8000/invitation"
    ida = Person(app.test_client())
    page = ida.get("/invitation")
    assert page.one("#token")["value"] == ""
    kept = ida.post("/invitation", token=token, password=NEW, again="other")
    assert kept.one("#token")["value"] == token
    assert "两次输入" in problem(kept)
    problem(ida.post("/invitation", token=token, password="12345678", again="12345678"))
    done = ida.post("/invitation", token=token, password=NEW, again=NEW)
    assert done.one("#name")["value"] == "ida"
    assert "密码已设好" in done.text
    assert "已经用过" in problem(ida.post("/invitation", token=token, password=NEW, again=NEW))
    signed_in(app, "ida", NEW)
    assert signed_in(app, "chenli").post(f"/users/{user.id}/link").status == 403


@pytest.mark.parametrize("path", ["/account/second-factor/rules", "/service-accounts"])
def test_administrators_alone(app: Flask, path: str) -> None:
    assert signed_in(app, "chenli").get(path).status == 403
