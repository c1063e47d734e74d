"""The API as a program meets it: the jxc app, three people with tokens, a few masters."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from builder.app import ROOMS
from builder.packages import read_package
from builder.publish import publish
from runtime.app import create_app
from runtime.infra import passwords, tokens, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.settings import Settings, read, with_secret
from runtime.infra.users import NewUser
from runtime.platform import Platform, set_up
from tests.conftest import Fill
from tests.prepared import opened

JXC = Path(__file__).parents[2] / "app_templates" / "jxc"
PASSWORD = "correct horse"
PEOPLE = {"admin": frozenset[str](), "li": {"buyer"}, "wang": {"warehouse_lead"}, "zhou": {"sales"}}
numbers = itertools.count(1)


@dataclass(frozen=True)
class Api:
    """Somebody's way to the API: `api.post("/…", {...})` adds token, key and version."""

    client: FlaskClient
    token: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request; `If_Match="1"` becomes the header."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}", **sent}
        text = None if body is None else body if isinstance(body, str) else json.dumps(body)
        kind = None if body is None else "application/json"
        return self.client.open(
            f"/api/v1{path}", method=method, data=text, headers=sent, content_type=kind
        )

    def get(self, path: str) -> Any:
        """Return the JSON of an answer that has to be fine."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """Write under a fresh key; return the JSON of an answer that has to be fine."""
        keyed = {"Idempotency_Key": f"key-{next(numbers)}", **headers}
        answer = self.send("POST", path, body, **keyed)
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
        return answer.get_json()


@pytest.fixture(autouse=True, scope="module")
def quick_hashes() -> Iterator[None]:
    """Hash with the least work: the real parameters have a test of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: PasswordHasher(1, 8, 1))
        yield


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    environ = {"DAJIAN_HOME": str(tmp_path / "home"), "DAJIAN_DATABASE": database_url}
    return with_secret(read(environ))


def company_of_four(url: str, now: datetime) -> None:
    """Fill an empty database with the jxc app and its people."""
    with opened(url) as database, database.transaction() as connection:
        set_up(connection)
        act = Act(connection, SYSTEM, now)
        for name, roles in PEOPLE.items():
            new = NewUser(name, PASSWORD, frozenset(roles), name.title(), name == "admin")
            users.create(act, new)
        publish(act, read_package(JXC), "test")


@pytest.fixture
def app(settings: Settings, fill: Fill, now: datetime) -> Iterator[Flask]:
    fill("company of four", lambda url: company_of_four(url, now))
    made = create_app(settings, ROOMS, clock=lambda: now)
    yield made
    here: Platform = made.extensions["dajian"]
    here.database.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def api(app: Flask, now: datetime) -> Callable[..., Api]:
    """Return the way of a person to the API."""
    return lambda name, scope="write": way_to(app, name, scope, now)


def way_to(app: Flask, name: str, scope: str, now: datetime) -> Api:
    """Give somebody a token."""
    here: Platform = app.extensions["dajian"]
    with here.database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        person = users.by_name(connection, name)
        assert person is not None
        token = tokens.create(act, person.id, scope=scope, days=1)
    return Api(app.test_client(), token)


@dataclass(frozen=True)
class Masters:
    """Ids of what documents refer to."""

    item: int
    other_item: int
    warehouse: int
    second_warehouse: int
    supplier: int
    customer: int


@pytest.fixture
def masters(api: Callable[..., Api]) -> Masters:
    return make_masters(api("admin"))


def make_masters(admin: Api) -> Masters:
    """Make what documents refer to."""

    def make(form: str, **values: Any) -> int:
        made = admin.post(f"/apps/jxc/forms/{form}/records", {"values": values})
        key: int = made["id"]
        return key

    uom = make("uom", name="个")
    return Masters(
        item=make("item", item_no="A1", name="螺母", base_uom=uom),
        other_item=make("item", item_no="A2", name="螺栓", base_uom=uom),
        warehouse=make("warehouse", warehouse_no="W1", name="主仓"),
        second_warehouse=make("warehouse", warehouse_no="W2", name="分仓"),
        supplier=make("supplier", supplier_no="S1", name="供方"),
        customer=make("customer", customer_no="C1", name="客户"),
    )
