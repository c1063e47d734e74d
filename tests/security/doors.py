"""Attacks on the doors: signing in, sessions, form tokens, addresses, what answers say."""

import re
from datetime import timedelta

from runtime.infra import sessions, users
from runtime.infra.act import SYSTEM, Act
from tests.changing import with_another
from tests.screens.conftest import NOW
from tests.security.cases import attack
from tests.security.scene import FORMS, Scene, refused

ITEMS = f"/api/v1{FORMS}/item/records"


@attack("A01")
def unknown_wrong_disabled(scene: Scene) -> None:
    with scene.platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW)
        if users.by_name(connection, "locked") is None:
            new = users.NewUser("locked", "a long password", frozenset(), "锁")
            users.set_disabled(act, users.create(act, new).id, is_disabled=True)
    answers = set()
    for name, password in (
        ("nobody", "x" * 12),
        ("chenli", "wrong" * 3),
        ("locked", "a long password"),
    ):
        page = scene.anyone().sign_in(name, password)
        answers.add((page.status, page.text.replace(name, "")))
    assert len(answers) == 1, answers


@attack("A05")
def session_fixed_before(scene: Scene) -> None:
    somebody = scene.anyone()
    somebody.client.set_cookie("sid", "f" * 43)
    somebody.sign_in("chenli")
    first = somebody.client.get_cookie("sid")
    assert first is not None
    assert first.value != "f" * 43
    somebody.post("/sign-out")
    assert somebody.sign_in("chenli").status == 303
    second = somebody.client.get_cookie("sid")
    assert second is not None
    assert second.value != first.value
    stale = scene.anyone()
    stale.client.set_cookie("sid", first.value)
    assert stale.get("/inbox").status == 303


@attack("A07")
def cookie_changed(scene: Scene) -> None:
    jar = scene.person("chenli").client
    kept, visit = jar.get_cookie("sid"), jar.get_cookie("visit")
    assert kept is not None
    assert visit is not None
    bare = scene.app.test_client(use_cookies=False)
    another, longer, shorter = with_another(kept.value), kept.value + "x", kept.value[:-1]
    for value in (another, kept.value.lower(), longer, shorter, ""):
        assert bare.get("/inbox", headers={"Cookie": f"sid={value}"}).status_code == 303
    # Without its signature the other cookie proves no form token.
    forged = visit.value.rpartition(".")[0] + ".x"
    answer = bare.post(
        "/preferences",
        data={"theme": "dark", "csrf_token": "x"},
        headers={"Cookie": f"sid={kept.value}; visit={forged}"},
    )
    assert answer.status_code == 403


@attack("A09")
def host_of_somebody_else(scene: Scene) -> None:
    client = scene.app.test_client()
    refused(client.get("/sign-in", headers={"Host": "evil.test"}), 400)
    page = client.get(
        "/sign-in", headers={"X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test"}
    )
    assert "evil.test" not in page.get_data(as_text=True)


@attack("A12")
def form_token_missing_or_borrowed(scene: Scene) -> None:
    mine, other = scene.person("chenli"), scene.person("chenli")
    with scene.unchanged():
        for token in ("", "x", other.token):
            data = {"theme": "dark", "csrf_token": token}
            refused(mine.client.post("/preferences", data=data), 403)
        refused(
            mine.client.post(f"/preferences?csrf_token={mine.token}", data={"theme": "dark"}), 403
        )
        refused(mine.client.post(ITEMS, json={"values": {}}, headers={"Idempotency-Key": "k"}), 403)


@attack("A13")
def request_from_another_site(scene: Scene) -> None:
    somebody = scene.person("chenli")
    data = {"theme": "dark", "csrf_token": somebody.token}
    sites = [{"Sec-Fetch-Site": site} for site in ("cross-site", "same-site", "")]
    origins = ("http://evil.test", "null", "http://localhost:1", "https://localhost", "")
    foreign = sites + [{"Origin": origin} for origin in origins]
    with scene.unchanged():
        for headers in foreign:
            refused(somebody.client.post("/preferences", data=data, headers=headers), 403)


@attack("A15")
def preflight(scene: Scene) -> None:
    headers = {"Origin": "http://evil.test", "Access-Control-Request-Method": "POST"}
    for path in (ITEMS, "/inbox", "/sign-in"):
        answer = scene.app.test_client().open(path, method="OPTIONS", headers=headers)
        assert answer.status_code == 405
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


@attack("A16")
def framed(scene: Scene) -> None:
    somebody = scene.person("chenli")
    for path in ("/", "/nothing", "/a/jxc/customer", ITEMS, "/a/jxc/item/999999", "/healthz"):
        policy = somebody.client.get(path).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


@attack("A20")
def token_in_the_wrong_place(scene: Scene) -> None:
    reader = scene.api("chenli", "read")
    client = scene.app.test_client()
    refused(client.get(f"{ITEMS}?token={reader.token}"), 401)
    refused(client.get(f"{ITEMS}?access_token={reader.token}&Authorization=Bearer"), 401)
    refused(client.get("/inbox", headers={"Authorization": f"Bearer {reader.token}"}), 403)
    body = {"values": {"item_no": "T", "name": "t"}}
    refused(reader.send("POST", f"{FORMS}/item/records", body, Idempotency_Key="t"), 403)
    for scope in ("read", "write"):
        answer = scene.api("admin", scope).send(
            "PUT", "/apps/jxc/definition", {"code": "jxc"}, If_Match="1"
        )
        refused(answer, 403)
    definition = scene.api("admin").get("/apps/jxc/definition")
    designing = scene.api("chenli", "design")
    with scene.unchanged():
        refused(designing.send("PUT", "/apps/jxc/definition", definition, If_Match="2"), 403)
        refused(designing.send("GET", "/apps/jxc/definition"), 403)


@attack("A22")
def odd_cookies(scene: Scene) -> None:
    kept = scene.person("chenli").client.get_cookie("sid")
    assert kept is not None
    bare = scene.app.test_client(use_cookies=False)
    for cookies in (
        f"sid={kept.value}; sid={kept.value}",
        f"sid={'x' * 8000}",
        f"=sid={kept.value}",
        f"=__Host-sid={kept.value}",
        "sid",
        ";;;=",
        f"SID={kept.value}",
    ):
        assert bare.get("/inbox", headers={"Cookie": cookies}).status_code == 303, cookies


@attack("A26")
def back_after_signing_out(scene: Scene) -> None:
    somebody = scene.person("chenli")
    assert somebody.get("/a/jxc/item").response.headers["Cache-Control"] == "no-store"
    answer = somebody.post("/sign-out").response
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert somebody.get("/a/jxc/item").status == 303


@attack("A31")
def drafts_and_versions_by_parameter(scene: Scene) -> None:
    somebody = scene.person("chenli")
    plain = re.sub(r"[0-9a-f]{20,}", "", somebody.get("/a/jxc/item/new").text)
    for extra in ("draft=1", "viewMode=false", "version=999", "as_user=1&is_admin=true"):
        assert re.sub(r"[0-9a-f]{20,}", "", somebody.get(f"/a/jxc/item/new?{extra}").text) == plain
        refused(scene.send("chenli", "GET", f"/item/records?{extra}"), 400)


@attack("M05")
def address_as_a_way_out(scene: Scene) -> None:
    for target in (
        "//evil.test",
        "https://evil.test",
        "/\\evil.test",
        "javascript:alert(1)",
        "/\t/evil.test",
        "%0ajavascript:x",
        "\\\\evil.test",
        "///evil.test",
        "/sign-in",
        "http:evil.test",
    ):
        answer = scene.anyone().sign_in("chenli", target=target)
        assert answer.response.location == "/", target
    kept = scene.anyone().sign_in("chenli", target="/a/jxc/item?q=1")
    assert kept.response.location == "/a/jxc/item?q=1"


@attack("M06")
def htmx_headers_from_a_parameter(scene: Scene) -> None:
    somebody = scene.person("chenli")
    for path in (
        "/a/jxc/item?q=//evil.test&next=//evil.test",
        "/inbox?before=//evil.test",
        "/a/jxc/item?ff=name&fo=contains&fv=//evil.test",
    ):
        headers = somebody.get(path, script=True).response.headers
        for name in ("HX-Redirect", "HX-Location", "HX-Push-Url", "Location"):
            assert not headers.get(name, "/").startswith(("//", "http")), name
    stranger = scene.anyone().client.get(
        "/a/jxc/item",
        headers={"HX-Request": "true", "HX-Current-URL": "https://evil.test//evil.test"},
    )
    assert "evil.test" not in stranger.headers.get(
        "HX-Redirect", stranger.headers.get("Location", "")
    )


@attack("M09")
def part_kept_as_a_page(scene: Scene) -> None:
    somebody = scene.person("chenli")
    whole, part = somebody.get("/a/jxc/item"), somebody.get("/a/jxc/item", script=True)
    assert "<html" in whole.response.get_data(as_text=True)
    assert "<html" not in part.response.get_data(as_text=True)
    for page in (whole, part):
        assert "HX-Request" in page.response.headers["Vary"]
        assert page.response.headers["Cache-Control"] == "no-store"


@attack("M13")
def session_over_while_typing(scene: Scene) -> None:
    somebody = scene.person("chenli")
    with scene.platform.database.transaction() as connection:
        kept = somebody.client.get_cookie("sid")
        assert kept is not None
        sessions.end(connection, kept.value)
    with scene.unchanged():
        answer = somebody.post("/a/jxc/item", script=True, item_no="M13", name="x", version="0")
    assert answer.status == 204
    assert "/sign-in" in answer.response.headers.get(
        "HX-Redirect", answer.response.headers.get("Location", "")
    )


@attack("R38")
def strange_methods(scene: Scene) -> None:
    somebody = scene.person("admin")
    with scene.unchanged():
        for method in ("TRACE", "CONNECT", "PROPFIND", "OPTIONS", "HEAD", "DELETE", "get"):
            for path in ("/sign-out", "/a/jxc/item/1/deletion", f"{ITEMS}/1/submission"):
                assert somebody.client.open(path, method=method).status_code == 405, (method, path)


@attack("R39")
def same_place_spelled_otherwise(scene: Scene) -> None:
    seller = scene.person("zhangmin")
    for path in (
        "/a/jxc/purchase_receipt/1",
        "/A/jxc/purchase_receipt/1",
        "/a/jxc/purchase_receipt/1/",
        "/a/jxc/purchase_receipt;x/1",
        "/a/jxc/purchase_receipt%2f1",
        "/a/jxc/item/../purchase_receipt/1",
        "/a/jxc/purchase_receipt/1?/sign-in",
        "/a/jxc/purchase_receipt/01",
        "/healthz/../a/jxc/purchase_receipt/1",
    ):
        refused(seller.client.get(path), 403, 404)


@attack("W13")
def disabled_in_the_middle(scene: Scene) -> None:
    with scene.platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, NOW + timedelta(0))
        lead = users.create(
            act, users.NewUser("lead2", "a demo for tests", frozenset({"warehouse_lead"}), "乙")
        )
    receipt = scene.receipt()
    somebody, way = scene.person("lead2"), scene.api("lead2")
    task = next(t for t in way.get("/inbox")["tasks"] if t["record"] == receipt["id"])["task"]
    with scene.platform.database.transaction() as connection:
        users.set_disabled(Act(connection, SYSTEM, NOW), lead.id, is_disabled=True)
    path = f"{FORMS}/purchase_receipt/records/{receipt['id']}/decision"
    with scene.unchanged():
        assert somebody.post(f"/inbox/{task}/decision", decision="approve").status == 303
        refused(way.send("POST", path, {"decision": "approve"}, Idempotency_Key="gone"), 401)
