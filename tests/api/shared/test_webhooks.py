"""Webhooks from the change that causes them to the receiver, and everything in between."""

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from runtime.infra import jobs, outbox, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.outbox import outbox_table
from runtime.infra.queue import job_table
from runtime.platform import Platform
from runtime.tasks import TASKS
from runtime.webhooks.deliver import ATTEMPTS, pause_after
from tests.api.conftest import Api, Masters
from tests.api.shared.conftest import NOW
from tests.api.test_records import ITEMS, RECEIPTS, receipt

Way = Callable[..., Api]


@dataclass
class Receiver:
    """Somebody who is told: answers what it is told to, and remembers what it heard."""

    port: int
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def said(self) -> list[Any]:
        """What was said, in order."""
        return [json.loads(body) for _, body in self.heard]


@contextmanager
def listening() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.fixture
def receiver(app: Flask) -> Iterator[Receiver]:
    """A receiver inside that a setting opens."""
    here: Platform = app.extensions["dajian"]
    with listening() as found:
        object.__setattr__(here.settings, "egress", f"127.0.0.1:{found.port}")
        yield found
    object.__setattr__(here.settings, "egress", "")


def made(admin: Api, receiver: Receiver, **more: Any) -> Any:
    body = {
        "label": "ERP", "app": "jxc", "form": "item", "url": receiver.url,
        "events": ["create", "update", "delete", "post"], **more,
    }  # fmt: skip
    return admin.post("/webhooks", body)


def work(app: Flask, *, later: bool = True) -> int:
    """Run every job there is, without the pauses between; return how many there were."""
    here: Platform = app.extensions["dajian"]
    count = 0
    while True:
        if later:
            with here.database.transaction() as connection:
                waiting = job_table.c.state == "queued"
                connection.execute(update(job_table).where(waiting).values(due=0))
            let_go(app)
        if not jobs.run_one(here.database, here.settings, TASKS):
            return count
        count += 1


def let_go(app: Flask) -> None:
    """Let every pause of the outbox be over."""
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        waiting = outbox_table.c.state.in_(("waiting", "sending"))
        connection.execute(update(outbox_table).where(waiting).values(due=0))


def deliveries(admin: Api, hook: Any) -> list[Any]:
    found: list[Any] = admin.get(f"/webhooks/{hook['id']}/deliveries")["deliveries"]
    return found


def user_id(app: Flask, name: str) -> int:
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        found = users.by_name(connection, name)
    assert found is not None
    return found.id


@pytest.mark.usefixtures("masters")
def test_deliver__signed_and_no_more_than_the_owner_may_see(
    app: Flask, api: Way, receiver: Receiver
) -> None:
    admin = api("admin")
    owners = [user_id(app, name) for name in ("admin", "zhou")]
    theirs, sales = (made(admin, receiver, owner=owner) for owner in owners)
    assert theirs["secret"] != sales["secret"]
    assert "secret" not in admin.get(f"/webhooks/{theirs['id']}")
    values = {"item_no": "W1", "name": "钩", "base_uom": 1, "standard_cost": "3"}
    item = admin.post(ITEMS, {"values": values})
    assert receiver.heard == [], "nothing is sent before it is true"
    work(app)
    assert len(receiver.heard) == 2
    for (headers, body), hook in zip(receiver.heard, (theirs, sales), strict=True):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
        expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
    whole, part = (each["data"] for each in receiver.said)
    assert whole["record"] == admin.get(f"{ITEMS}/{item['id']}")
    assert "standard_cost" in whole["changed"]
    assert whole["record"]["values"]["standard_cost"] is not None
    # Sales may see the item, and not what it costs.
    assert part["record"] == api("zhou").get(f"{ITEMS}/{item['id']}")
    assert "standard_cost" not in json.dumps(part)
    for hook in (theirs, sales):
        assert admin.send("DELETE", f"/webhooks/{hook['id']}").status_code == 204


def test_deliver__what_the_owner_may_not_see_is_withheld(
    app: Flask, api: Way, masters: Masters, receiver: Receiver
) -> None:
    admin = api("admin")
    events = ["create", "post", "delete", "purge"]
    body = {"form": "", "events": events, "owner": user_id(app, "zhou")}
    hook = made(admin, receiver, **body)
    hidden = api("li").post(RECEIPTS, receipt(masters))
    uom = admin.post("/apps/jxc/forms/uom/records", {"values": {"name": "捆"}})
    path = f"/apps/jxc/forms/uom/records/{uom['id']}"
    assert admin.send("DELETE", path, If_Match='"1"').status_code == 204
    gone = f"/apps/jxc/forms/uom/bin/{uom['id']}"
    assert admin.send("DELETE", gone).status_code == 204
    work(app)
    # The unit was there when it was made and is gone when it is told: its end is what is left.
    assert [(each["type"], each["data"]["id"]) for each in receiver.said] == [
        ("record.delete", uom["id"]),
        ("record.purge", uom["id"]),
    ]
    states = {(each["form"], each["event"]): each["state"] for each in deliveries(admin, hook)}
    assert states["purchase_receipt", "create"] == "withheld"
    assert (states["uom", "create"], states["uom", "delete"]) == ("withheld", "delivered")
    assert hidden["id"]
    # Who leaves takes their webhooks' eyes with them.
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        users.set_disabled(Act(connection, SYSTEM, NOW), body["owner"], is_disabled=True)
    admin.post("/apps/jxc/forms/uom/records", {"values": {"name": "扎"}})
    work(app)
    assert len(receiver.heard) == 2, "nothing since"
    with here.database.transaction() as connection:
        users.set_disabled(Act(connection, SYSTEM, NOW), body["owner"], is_disabled=False)
    admin.send("DELETE", f"/webhooks/{hook['id']}")


@pytest.mark.usefixtures("masters")
def test_deliver__again_and_again_then_given_up_then_replayed(
    app: Flask, api: Way, receiver: Receiver
) -> None:
    admin = api("admin")
    hook = made(admin, receiver)
    receiver.answers = [500, 302, *[503] * 20]
    item = admin.post(ITEMS, {"values": {"item_no": "W2", "name": "反复", "base_uom": 1}})
    work(app)
    (given_up,) = deliveries(admin, hook)
    assert (given_up["state"], given_up["attempt"]) == ("dead", ATTEMPTS)
    went = [(each["number"], each["status"]) for each in given_up["attempts"]]
    assert went[:2] == [(1, 500), (2, 302)]
    assert len(receiver.heard) == ATTEMPTS, "a redirect leads nowhere"
    receiver.answers = []
    path = f"/webhooks/{hook['id']}/deliveries/{given_up['id']}/replay"
    assert admin.send("POST", path).status_code == 200
    work(app)
    ids = {headers["webhook-id"] for headers, _ in receiver.heard}
    assert ids == {given_up["delivery"]}, "its receiver knows it again"
    assert deliveries(admin, hook)[0]["state"] == "delivered"
    assert receiver.said[-1]["data"]["record"]["id"] == item["id"]
    assert admin.send("POST", f"/webhooks/{hook['id'] + 99}/ping").status_code == 404
    # 410 says never again.
    receiver.answers = [410]
    assert admin.send("POST", f"/webhooks/{hook['id']}/ping").status_code == 201
    work(app)
    assert deliveries(admin, hook)[0]["state"] == "dead"
    admin.send("DELETE", f"/webhooks/{hook['id']}")


@pytest.mark.usefixtures("masters")
def test_deliver__nobody_there_costs_one_attempt_not_one_for_each(
    app: Flask, api: Way, receiver: Receiver
) -> None:
    admin = api("admin")
    hook = made(admin, receiver)
    here: Platform = app.extensions["dajian"]
    object.__setattr__(here.settings, "egress", "")  # the address is inside again
    for number in range(4):
        body = {"values": {"item_no": f"W3{number}", "name": "无人", "base_uom": 1}}
        admin.post(ITEMS, body)
    work(app, later=False)
    found = deliveries(admin, hook)
    assert [each["attempt"] for each in found] == [0, 0, 0, 1]
    assert {each["error"] for each in found[-1]["attempts"]} == {"egress_scheme"}
    object.__setattr__(here.settings, "egress", f"127.0.0.1:{receiver.port}")
    let_go(app)
    work(app)
    assert [each["data"]["record"]["values"]["item_no"] for each in receiver.said] == [
        f"W3{number}" for number in range(4)
    ]
    admin.send("DELETE", f"/webhooks/{hook['id']}")


@pytest.mark.usefixtures("masters")
def test_outbox__stands_or_falls_with_the_change_and_survives_its_sender(
    app: Flask, api: Way, receiver: Receiver
) -> None:
    admin = api("admin")
    hook = made(admin, receiver)
    create = {"op": "create", "values": {"item_no": "W4", "name": "回滚", "base_uom": 1}}
    body = {"operations": [create, create]}
    refused = admin.send("POST", "/apps/jxc/forms/item/batch", body, Idempotency_Key="w4")
    assert refused.status_code == 422, "one number twice"
    assert deliveries(admin, hook) == []
    admin.post(ITEMS, {"values": create["values"]})
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        first = outbox.claim(connection, hook["id"])
        assert first is not None
        assert outbox.claim(connection, hook["id"]) is None, "it is in somebody's hands"
    # That worker is never heard of again: the next one sends it, and the first is too late.
    let_go(app)
    work(app)
    assert len(receiver.heard) == 1
    with here.database.transaction() as connection:
        late = outbox.Attempt(1, NOW, 500, "webhook_answered", 1)
        assert not outbox.settle(connection, first, late, "dead")
    assert deliveries(admin, hook)[0]["state"] == "delivered"
    with here.database.transaction() as connection:
        outbox.sweep(Act(connection, SYSTEM, NOW + outbox.KEPT * 2))
    assert deliveries(admin, hook) == []
    admin.send("DELETE", f"/webhooks/{hook['id']}")


@pytest.mark.usefixtures("masters")
def test_webhooks__who_may_and_what_may_be_said(app: Flask, api: Way, receiver: Receiver) -> None:
    admin, li = api("admin"), api("li")
    assert li.send("GET", "/webhooks").status_code == 403
    assert li.send("POST", "/webhooks", {}, Idempotency_Key="n").status_code == 403
    wrong = {
        "label": "", "app": "jxc", "form": "nothing", "url": "https://10.0.0.1/",
        "events": ["create", "everything"], "owner": 10**9,
    }  # fmt: skip
    refused = admin.send("POST", "/webhooks", wrong, Idempotency_Key="n2")
    pointers = {each["pointer"] for each in refused.get_json()["errors"]}
    assert pointers == {"/label", "/events", "/url", "/owner"}
    blind = {**wrong, "label": "x", "form": "purchase_receipt", "url": receiver.url,
             "events": ["create"], "owner": user_id(app, "zhou")}  # fmt: skip
    refused = admin.send("POST", "/webhooks", blind, Idempotency_Key="n3")
    assert [each["code"] for each in refused.get_json()["errors"]] == ["webhook_owner_sees_nothing"]

    hook = made(admin, receiver, owner=user_id(app, "li"))
    path = f"/webhooks/{hook['id']}"
    renewed = admin.post(f"{path}/secret", {})
    assert renewed["secret"] != hook["secret"]
    off = admin.send("PATCH", path, {"is_active": False}).get_json()
    assert (off["is_active"], off["url"]) == (False, receiver.url)
    assert admin.send("POST", f"{path}/ping").status_code == 409
    admin.post(ITEMS, {"values": {"item_no": "W5", "name": "停", "base_uom": 1}})
    assert deliveries(admin, hook) == []
    # Neither the address nor the secret is in what anybody can read later.
    here: Platform = app.extensions["dajian"]
    with here.database.reading() as connection:
        kept = repr(connection.execute(select(job_table)).all())
        assert hook["secret"] not in kept
    admin.send("DELETE", path)
    assert admin.send("GET", path).status_code == 404


def test_pause__grows_to_a_bound_and_differs() -> None:
    pauses = [pause_after(number) for number in range(1, 9)]
    assert pauses[:5] == sorted(pauses[:5])
    assert 10 <= pauses[0] < 13
    assert pauses[-1] < 6 * 3600 * 1.25
    assert len({pause_after(5) for _ in range(20)}) > 1
