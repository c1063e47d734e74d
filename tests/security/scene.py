"""What every attack needs: somebody to be, a document to aim at, and proof that nothing changed."""

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import inspect
from werkzeug.test import TestResponse

from runtime.infra import tokens, users
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform
from tests.api.conftest import Api
from tests.screens.conftest import NOW
from tests.screens.person import Person

FORMS = "/apps/jxc/forms"
# What changes by merely being used.
RESTLESS = {"s_session", "s_sign_in_attempt", "s_token", "s_token_use"}
PEOPLE = ("admin", "chenli", "wangjianguo", "zhangmin", "shixi")
numbers = itertools.count(1)


@dataclass
class Scene:
    """The application over the demo company."""

    app: Flask
    ways: dict[tuple[str, str], Api] = field(default_factory=dict)

    @property
    def platform(self) -> Platform:
        found: Platform = self.app.extensions["dajian"]
        return found

    def anyone(self) -> Person:
        """Somebody who has not signed in."""
        return Person(self.app.test_client())

    def person(self, name: str) -> Person:
        """Somebody at a browser, signed in."""
        somebody = self.anyone()
        assert somebody.sign_in(name).status == 303
        return somebody

    def api(self, name: str, scope: str = "write") -> Api:
        """Somebody's way to the API."""
        if (name, scope) not in self.ways:
            with self.platform.database.transaction() as connection:
                user = users.by_name(connection, name)
                assert user is not None
                token = tokens.create(Act(connection, SYSTEM, NOW), user.id, scope=scope, days=1)
            self.ways[name, scope] = Api(self.app.test_client(), token)
        return self.ways[name, scope]

    def send(
        self, name: str, method: str, path: str, body: Any = None, **headers: str
    ) -> TestResponse:
        """Send a request under a fresh key to the API's address of a form."""
        keyed = {"Idempotency_Key": f"scene-{next(numbers)}", **headers}
        return self.api(name).send(method, f"{FORMS}{path}", body, **keyed)

    def alone(
        self, name: str, method: str, path: str, body: Any = None, **headers: str
    ) -> TestResponse:
        """The same from a client of its own, as a thread needs one."""
        keyed = {"Idempotency_Key": f"alone-{next(numbers)}", **headers}
        way = Api(self.app.test_client(), self.api(name).token)
        return way.send(method, f"{FORMS}{path}", body, **keyed)

    def made(self, name: str, form: str, values: Any, *, submit: bool = False) -> dict[str, Any]:
        """A record that has to come into being."""
        body = {"values": values, **({"submit": True} if submit else {})}
        found: dict[str, Any] = self.api(name).post(f"{FORMS}/{form}/records", body)
        return found

    def receipt(
        self, by: str = "chenli", qty: str = "5", *, item: int = 1, submit: bool = True, **more: Any
    ) -> dict[str, Any]:
        """A purchase receipt of one line."""
        lines = [{"item": item, "qty": qty, "price": "2"}]
        values = {"supplier": 1, "warehouse": 1, "lines": lines, **more}
        return self.made(by, "purchase_receipt", values, submit=submit)

    def item(self) -> int:
        """A new item nobody has."""
        values = {"item_no": f"X{next(numbers)}", "name": "试"}
        return int(self.made("admin", "item", values)["id"])

    def approved(self, receipt: dict[str, Any], by: str = "wangjianguo") -> dict[str, Any]:
        """The receipt, approved."""
        path = f"{FORMS}/purchase_receipt/records/{receipt['id']}"
        found: dict[str, Any] = self.api(by).post(f"{path}/decision", {"decision": "approve"})
        return found

    def state(self) -> str:
        """A hash of everything the database holds, but for what merely looking changes."""
        found = hashlib.sha256()
        with self.platform.database.reading() as connection:
            for name in sorted(set(inspect(connection).get_table_names()) - RESTLESS):
                # That somebody came, and looked at the trail, stands in the trail.
                looked = " WHERE action NOT IN ('look_up', 'sign_in')" if name == "s_audit" else ""
                # As the driver gives it: every column, whatever we believe there to be.
                rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"{looked}').all()
                found.update(f"{name} {sorted(map(repr, rows))}".encode())
        return found.hexdigest()

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Assert that what happens inside changes nothing."""
        for name in PEOPLE:
            self.api(name)  # making a token changes something, too
        before = self.state()
        yield
        assert self.state() == before, "a refused act has changed something"


def refused(answer: TestResponse, *statuses: int) -> None:
    """Assert that an answer is one of these refusals and tells nothing of our insides."""
    text = answer.get_data(as_text=True)
    assert answer.status_code in statuses, (answer.status_code, text[:400])
    for inside in ("Traceback", "sqlalchemy", "psycopg", "SELECT ", "a_jxc__", "/runtime/"):
        assert inside not in text, inside
