"""Calls of other systems: a secret address, signed, taken once, answered without a word."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from builder.publish import publish
from runtime.api import hooks as door
from runtime.infra.act import SYSTEM, Act
from runtime.infra.jobs import run_one
from runtime.platform import Platform
from runtime.tasks import TASKS
from runtime.webhooks import incoming, signing
from runtime.webhooks.incoming import Hook
from tests.api.conftest import Api

MAP = {"no": "/order/no", "qty": "/order/lines/0/qty"}
HOOKED = {
    "format": "dajian-app/1",
    "code": "hooked",
    "label": "收",
    "forms": [
        {"code": "order", "label": "单", "type": "record", "title": "no", "fields": [
            {"code": "no", "kind": "text", "label": "号", "required": True, "unique": True},
            {"code": "qty", "kind": "number", "label": "数"},
            {"code": "twice", "kind": "number", "label": "倍"}]},
    ],
    "workflows": [
        {"code": code, "label": code, "form": "order",
         "trigger": {"on": "webhook", "map": MAP, "key": "no", "sign": sign},
         "steps": [{"id": "c", "type": "calculate", "set": {"twice": "={qty}*2"}}]}
        for code, sign in (("signed", "hmac"), ("kept", "token"))
    ],
}  # fmt: skip
BODY = json.dumps({"order": {"no": "A1", "lines": [{"qty": 3}]}, "more": "ignored"}).encode()


@pytest.fixture
def hooked(app: Flask, now: datetime) -> Platform:
    """The app that is called, with its addresses switched on."""
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        publish(Act(connection, SYSTEM, now), HOOKED, "test")
    return here


def change(here: Platform, now: datetime, doing: Callable[[Act, Any], Hook]) -> Hook:
    with here.database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        return doing(act, here.catalogue.app(connection, "hooked"))


def switched(here: Platform, now: datetime, code: str, *, is_active: bool = True) -> Hook:
    return change(
        here,
        now,
        lambda act, app: incoming.switch(act, here.settings, app, code, is_active=is_active),
    )


def send(app: Flask, hook: Hook, delivery: str, at: datetime, body: bytes = BODY) -> TestResponse:
    seconds = int(at.timestamp())
    assert hook.secret is not None
    headers = {
        "webhook-id": delivery,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signing.signature(hook.secret, delivery, seconds, body),
    }
    return app.test_client().post(hook.address, data=body, headers=headers)


def records(api: Callable[..., Api]) -> list[dict[str, Any]]:
    listed = api("admin").get("/apps/hooked/forms/order/records?columns=no,qty,twice")
    found: list[dict[str, Any]] = [each["values"] for each in listed["records"]]
    return found


def test_call__is_proved_taken_once_and_begins_the_run(
    app: Flask, hooked: Platform, api: Callable[..., Api], now: datetime
) -> None:
    off = switched(hooked, now, "signed", is_active=False)
    assert send(app, off, "d1", now).status_code == 404
    hook = switched(hooked, now, "signed")
    answer = send(app, hook, "d1", now)
    assert (answer.status_code, answer.get_data()) == (202, b"")
    assert send(app, hook, "d1", now).status_code == 409
    assert [(each["no"], each["qty"]) for each in records(api)] == [("A1", "3.00")]
    while run_one(hooked.database, hooked.settings, TASKS):
        pass
    assert [each["twice"] for each in records(api)] == ["6.00"]
    other = BODY.replace(b"3", b"5")
    assert send(app, hook, "d2", now, other).status_code == 202
    assert [(each["no"], each["qty"]) for each in records(api)] == [("A1", "5.00")]


WRONG: list[tuple[str, dict[str, str], bytes, int]] = [
    ("nothing", {}, BODY, 401),
    ("signature", {"webhook-signature": "v1,AAAA"}, BODY, 401),
    ("body", {}, BODY.replace(b"3", b"4"), 401),
    ("old", {"webhook-timestamp": "-400"}, BODY, 401),
    ("ahead", {"webhook-timestamp": "+400"}, BODY, 401),
]


@pytest.mark.parametrize(("what", "headers", "body", "status"), WRONG)
def test_call__nobody_vouches_for(  # noqa: PLR0913 - what is wrong with it, and the app
    app: Flask, hooked: Platform, api: Callable[..., Api], now: datetime,
    what: str, headers: dict[str, str], body: bytes, status: int,
) -> None:  # fmt: skip
    hook = switched(hooked, now, "signed")
    assert hook.secret is not None
    away = int(headers.get("webhook-timestamp", "0"))
    seconds = int((now + timedelta(seconds=away)).timestamp())
    sent = {
        "webhook-id": "d1",
        "webhook-timestamp": str(seconds),
        "webhook-signature": signing.signature(hook.secret, "d1", seconds, BODY),
    }
    sent |= {name: value for name, value in headers.items() if name != "webhook-timestamp"}
    answer = app.test_client().post(
        hook.address, data=body, headers={} if what == "nothing" else sent
    )
    assert answer.status_code == status
    assert answer.get_json()["code"] == "hook_unproved"
    assert records(api) == []


def test_call__with_a_token__and_what_is_refused_says_nothing(
    app: Flask, hooked: Platform, api: Callable[..., Api], now: datetime
) -> None:
    hook = switched(hooked, now, "kept")
    assert hook.secret is not None

    def post(body: bytes, token: str) -> TestResponse:
        return app.test_client().post(hook.address, data=body, headers={"webhook-token": token})

    assert post(BODY, "x").status_code == 401
    assert post(BODY, hook.secret).status_code == 202
    for body in (b"[]", b"{", b'{"order": {"no": "A2", "lines": [{"qty": "many"}]}}', b"{}"):
        answer = post(body, hook.secret)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "hook_refused")
        assert answer.get_json()["errors"] == []
    assert [each["no"] for each in records(api)] == ["A1"]
    renewed = change(
        hooked, now, lambda act, found: incoming.renew(act, hooked.settings, found, "kept")
    )
    assert post(BODY, hook.secret).status_code == 404
    assert renewed.address != hook.address


def test_calls__so_many_and_no_more(
    app: Flask, hooked: Platform, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = switched(hooked, now, "signed")
    monkeypatch.setattr(app.extensions[door.EXTENSION], "most", 5)
    answers = [send(app, hook, f"d{n}", now).status_code for n in range(7)]
    assert answers == [202] * 5 + [429] * 2
    client = app.test_client()
    guessed = [client.post(f"{incoming.PATH}{n:032}", data=b"{}").status_code for n in range(7)]
    assert guessed == [404] * 5 + [429] * 2
