"""Who comes in: tokens and their scopes, roles, sessions and form tokens, headers, methods."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from runtime.app import undeclared_views
from runtime.infra import users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.self_check import RefusedToStartError, demand
from tests.api.conftest import PASSWORD, Api
from tests.changing import with_another

Way = Callable[..., Api]
ITEMS = "/apps/jxc/forms/item/records"
RECEIPTS = "/apps/jxc/forms/purchase_receipt/records"


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD) -> Any:
    page = client.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    return client.post(
        "/sign-in", data={"csrf_token": token[1], "name": name, "password": password}
    )


def form_token(client: FlaskClient) -> str:
    page = client.get("/preferences").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_token__not_one_of_ours(client: FlaskClient) -> None:
    unknown = "Bearer dj_" + "x" * 43
    for given in ("", "Bearer", "Bearer x", unknown, "Basic YWRtaW46YWRtaW4=", "Bearer a b"):
        answer = client.get(f"/api/v1{ITEMS}", headers={"Authorization": given} if given else {})
        assert answer.status_code == 401, given
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_token__not_in_the_address_and_not_for_pages(client: FlaskClient, api: Way) -> None:
    token = api("admin").token
    assert client.get(f"/api/v1{ITEMS}?token={token}").status_code == 401
    page = client.get("/preferences", headers={"Authorization": f"Bearer {token}"})
    assert page.status_code == 403


# scope       read  write  publish a definition
SCOPES = {"read": (200, 403, 403), "write": (200, 201, 403), "design": (200, 201, 200)}


def test_token__scope(api: Way) -> None:
    for scope, statuses in SCOPES.items():
        way = api("admin", scope)
        definition = way.get("/apps/jxc/definition")
        body = {"values": {"item_no": scope, "name": "一"}}
        answers = (
            way.send("GET", ITEMS),
            way.send("POST", ITEMS, body, Idempotency_Key=scope),
            way.send("PUT", "/apps/jxc/definition", definition, If_Match='"1"'),
        )
        assert tuple(answer.status_code for answer in answers) == statuses, scope


def test_token__ends_with_the_user(api: Way, app: Flask, now: Any) -> None:
    li = api("li")
    assert li.get("/me")["roles"] == ["buyer"]
    with app.extensions["dajian"].database.transaction() as connection:
        person = users.by_name(connection, "li")
        assert person is not None
        users.set_disabled(Act(connection, SYSTEM, now), person.id, is_disabled=True)
    assert li.send("GET", "/me").status_code == 401


@pytest.mark.usefixtures("masters")
def test_roles__decide_who_sees_and_does_what(api: Way) -> None:
    zhou = api("zhou")
    assert zhou.send("GET", RECEIPTS).status_code == 403
    create = zhou.send("POST", RECEIPTS, {"values": {}}, Idempotency_Key="k")
    assert create.status_code == 403
    forms = {form["code"] for form in zhou.get("/apps/jxc")["forms"]}
    assert "delivery" in forms
    assert "purchase_receipt" not in forms
    assert zhou.send("GET", "/apps/jxc/definition").status_code == 403
    assert zhou.send("GET", "/apps/jxc/forms/s_user/records").status_code == 404
    assert zhou.send("GET", "/apps/nothing/forms/item/records").status_code == 404
    # Cost is no business of theirs.
    assert all("value" not in row for row in zhou.get("/apps/jxc/stock")["stock"])


def test_sign_in__a_new_session_and_a_safe_cookie(client: FlaskClient) -> None:
    client.set_cookie("sid", "fixed-by-somebody-else-0123456789")
    answer = sign_in(client, "li")
    assert answer.status_code == 303
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("sid="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    kept = client.get_cookie("sid")
    assert kept is not None
    assert kept.value != "fixed-by-somebody-else-0123456789"
    assert client.get("/preferences").status_code == 200


def test_session__a_changed_cookie_is_nobody(app: Flask) -> None:
    jar, client = app.test_client(), app.test_client(use_cookies=False)
    sign_in(jar, "li")
    kept = jar.get_cookie("sid")
    assert kept is not None
    one_byte = with_another(kept.value)
    for given in (f"sid={one_byte}", f"sid={kept.value}; sid={kept.value}", "", "sid=x"):
        answer = client.get("/preferences", headers={"Cookie": given})
        assert answer.status_code == 303, given
        assert "/sign-in" in answer.headers["Location"]
    same = client.get("/preferences", headers={"Cookie": f"sid={kept.value}"})
    assert same.status_code == 200


def test_form_token(app: Flask) -> None:
    one, two = app.test_client(), app.test_client()
    sign_in(one, "li")
    sign_in(two, "li")
    mine = form_token(one)
    assert one.post("/preferences", data={"theme": "dark", "csrf_token": mine}).status_code == 303
    for data in ({}, {"csrf_token": "x"}, {"csrf_token": form_token(two)}):
        assert one.post("/preferences", data={"theme": "light", **data}).status_code == 403
    in_address = one.post(f"/preferences?csrf_token={mine}", data={"theme": "light"})
    assert in_address.status_code == 403
    assert 'data-theme="dark"' in one.get("/preferences").get_data(as_text=True)


def test_foreign_requests(client: FlaskClient) -> None:
    sign_in(client, "li")
    data = {"theme": "dark", "csrf_token": form_token(client)}
    table: list[tuple[dict[str, str], int]] = [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
    ]
    for headers, status in table:
        answer = client.post("/preferences", data=data, headers=headers)
        assert answer.status_code == status, headers


def test_session_on_the_api__needs_the_form_token(client: FlaskClient) -> None:
    sign_in(client, "admin")
    body = {"values": {"item_no": "N1", "name": "一"}}
    headers = {"Idempotency-Key": "k"}
    refused = client.post(f"/api/v1{ITEMS}", json=body, headers=headers)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "form_token_refused")
    headers["X-CSRFToken"] = form_token(client)
    assert client.post(f"/api/v1{ITEMS}", json=body, headers=headers).status_code == 201


def test_sign_out__leaves_scans_that_were_not_sent(client: FlaskClient) -> None:
    sign_in(client, "li")
    told = {"csrf_token": form_token(client), "keep": "scans"}
    answer = client.post("/sign-out", data=told)
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert client.get("/preferences").status_code == 303


def test_sign_out(client: FlaskClient) -> None:
    sign_in(client, "li")
    kept = client.get_cookie("sid")
    assert kept is not None
    answer = client.post("/sign-out", data={"csrf_token": form_token(client)})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.set_cookie("sid", kept.value)
    assert client.get("/preferences").status_code == 303


def test_headers__on_pages_problems_and_health(client: FlaskClient) -> None:
    for path in ("/sign-in", "/healthz", "/nothing", "/api/v1/nothing"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert {"Cookie", "HX-Request"} <= set(headers["Vary"].replace(",", "").split())
        assert "Access-Control-Allow-Origin" not in headers


def test_addresses_and_methods(client: FlaskClient) -> None:
    table: list[tuple[str, str, dict[str, str], int]] = [
        ("GET", "/sign-in", {"Host": "evil.test"}, 400),
        ("GET", "/sign-in", {"X-Forwarded-Host": "evil.test"}, 200),
        ("TRACE", "/sign-in", {}, 405),
        ("OPTIONS", "/sign-in", {"Origin": "http://evil.test"}, 405),
        ("PUT", "/sign-out", {}, 405),
        ("POST", "/inbox", {"X-HTTP-Method-Override": "DELETE"}, 405),
        ("GET", "/preferences/", {}, 404),
        ("GET", "/PREFERENCES", {}, 404),
        ("GET", "/static/../runtime/app.py", {}, 404),
        ("GET", "/static/%2e%2e/pyproject.toml", {}, 404),
    ]
    for method, path, headers, status in table:
        answer = client.open(path, method=method, headers=headers)
        assert answer.status_code == status, (method, path, headers)


def test_static__kept_for_ever_under_its_version(client: FlaskClient) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    address = re.search(r'href="(/static/[0-9a-f]{12}/css/base.css)"', page)
    assert address
    with client.get(address[1]) as kept, client.get("/static/css/base.css") as plain:
        assert kept.status_code == plain.status_code == 200
        assert "immutable" in kept.headers["Cache-Control"]
        assert kept.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" not in plain.headers["Cache-Control"]
        assert plain.get_data() == kept.get_data()


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json()["queue"] == {"waiting": 0, "oldest_seconds": 0}


def test_a_view_without_permission_keeps_the_server_from_starting(app: Flask) -> None:
    assert undeclared_views(app) == ()
    app.view_functions["open_door"] = lambda: "come in"
    with pytest.raises(RefusedToStartError) as refused:
        demand(undeclared_views(app))
    assert refused.value.findings[0].params == {"endpoint": "open_door"}


def test_unexpected__says_only_its_number(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down() -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(app.view_functions, "healthz", declared_like(app, break_down))
    answer = app.test_client().get("/healthz")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret detail" not in text
    assert "Traceback" not in text
    assert answer.headers["X-Request-ID"][:8].upper() in text


def declared_like(app: Flask, view: Any) -> Any:
    view.declared = app.view_functions["healthz"].declared  # type: ignore[attr-defined]
    return view
