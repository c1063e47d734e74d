"""Signing in, out, and how a person wants to see things."""

from collections.abc import Callable

import pytest
from flask import Flask

from runtime.screens.entrance import safe_next
from tests.screens.person import Person

Signed = Callable[[str], Person]


def test_sign_in__name_and_password_fit(visitor: Person) -> None:
    answer = visitor.sign_in("chenli")
    assert (answer.status, answer.response.location) == (303, "/")
    assert "陈丽" in visitor.get("/").text


def test_sign_in__back_to_where_one_came_from(visitor: Person) -> None:
    sent_away = visitor.get("/a/jxc/item?q=x").response
    assert sent_away.status_code == 303
    assert sent_away.location == "/sign-in?next=/a/jxc/item?q%3Dx"
    answer = visitor.sign_in("chenli", target="/a/jxc/item?q=x")
    assert answer.response.location == "/a/jxc/item?q=x"


@pytest.mark.parametrize(
    ("name", "password"), [("chenli", "wrong word"), ("nobody", "a demo for tests"), ("", "")]
)
def test_sign_in__refused_in_the_same_words(visitor: Person, name: str, password: str) -> None:
    answer = visitor.sign_in(name, password)
    assert answer.status == 422
    assert answer.texts("#problem") == ["用户名或密码不对"]
    assert answer.one("#name")["value"] == name
    assert answer.one("#password").get("value") is None
    assert visitor.get("/inbox").status == 303


def test_sign_in__too_many_attempts(visitor: Person) -> None:
    for _ in range(5):
        visitor.sign_in("wangjianguo", "wrong word")
    answer = visitor.sign_in("wangjianguo")
    assert answer.status == 429
    assert int(answer.response.headers["Retry-After"]) > 0
    assert "请" in answer.texts("#problem")[0]
    assert "秒后再试" in answer.texts("#problem")[0]


def test_sign_in__page_was_open_too_long(visitor: Person) -> None:
    visitor.token = "stale"
    answer = visitor.post("/sign-in", name="chenli", password="a demo for tests")
    assert answer.status == 200
    assert answer.texts(".note") == ["页面放久了，请再登录一次"]


def test_sign_out__the_session_is_gone(person: Signed) -> None:
    somebody = person("chenli")
    cookie = somebody.client.get_cookie("sid")
    assert cookie is not None
    assert somebody.post("/sign-out").response.location == "/sign-in"
    somebody.client.set_cookie("sid", cookie.value)
    assert somebody.get("/").status == 303


def test_sign_out__needs_the_token(person: Signed) -> None:
    somebody = person("chenli")
    somebody.token = "forged"
    assert somebody.post("/sign-out").status == 403
    assert somebody.get("/").status == 200


def test_preferences__kept_with_the_person(person: Signed) -> None:
    first = person("admin")
    saved = first.post("/preferences", theme="dark", density="compact", language="en")
    assert saved.response.location == "/preferences?saved=1"
    html = person("admin").get("/").one("html")
    assert (html["data-theme"], html["data-density"], html["lang"]) == ("dark", "compact", "en")


def test_preferences__unknown_choice(person: Signed) -> None:
    assert person("chenli").post("/preferences", theme="pink").status == 422


def test_script__is_told_where_to_sign_in(visitor: Person) -> None:
    answer = visitor.get("/inbox", script=True).response
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/sign-in"


FOREIGN = (
    "//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "inbox",
    "/\t/evil.example", "/a\nb", "\\\\evil", "", "/sign-in?next=/", "/" + "a" * 3000,
)  # fmt: skip


@pytest.mark.parametrize("target", FOREIGN)
def test_next__nowhere_but_home(app: Flask, target: str) -> None:
    with app.test_request_context("/"):
        assert safe_next(target) == "/"
