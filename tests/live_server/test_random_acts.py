"""Eight clients at once post and void at random through the API; the books stay clean."""

import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from runtime.infra import clock
from tests.conftest import depth
from tests.live import LiveServer

CLIENTS = 8
ACTS = {"quick": 120, "full": 2000}
ITEMS, WAREHOUSES = range(1, 7), (1, 2)
# What a refused act may say: the stock is not there, or somebody was faster.
REFUSALS = {
    "negative_stock",
    "negative_stock_future",
    "has_dependents",
    "already_cancelled",
    "version_conflict",
}


@dataclass
class Client:
    """One person's program: a keep-alive connection, a token, a random hand."""

    server: LiveServer
    tokens: dict[str, str]
    number: int
    seed: int
    answers: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    posted: list[tuple[str, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed * 1000 + self.number)
        self.connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=60)
        self.count = 0

    def ask(
        self, method: str, path: str, body: Any = None, who: str = "wangjianguo", **headers: str
    ) -> tuple[int, Any]:
        """Send one request; answer status and JSON."""
        self.count += 1
        sent = {
            "Authorization": f"Bearer {self.tokens[who]}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"client-{self.number}-{self.count}",
            **headers,
        }
        text = None if body is None else json.dumps(body)
        self.connection.request(method, f"/api/v1/apps/jxc/{path}", text, sent)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read() or "null")

    def act(self) -> None:
        """One random act."""
        kind = self.random.choices(
            ["receive", "issue", "transfer", "void", "look"], [20, 40, 20, 15, 5]
        )[0]
        status, body = getattr(self, f"_{kind}")()
        self.answers[f"{kind} {status}"] += 1
        if status >= 400 and body.get("code") not in REFUSALS:
            self.unexpected.append(f"{kind} {status} {body}")

    def _receive(self) -> tuple[int, Any]:
        values = {"supplier": 1, "warehouse": self._warehouse(), "lines": self._lines(20)}
        status, body = self._submitted("purchase_receipt", values, who="chenli")
        if status != 201:
            return status, body
        path = f"forms/purchase_receipt/records/{body['id']}"
        status, body = self.ask("POST", f"{path}/decision", {"decision": "approve", "comment": ""})
        if status == 200:
            self.posted.append(("purchase_receipt", body["id"], body["version"]))
        return status, body

    def _issue(self) -> tuple[int, Any]:
        values = {"customer": 1, "warehouse": self._warehouse(), "lines": self._lines(30)}
        return self._noted("delivery", values)

    def _transfer(self) -> tuple[int, Any]:
        here = self._warehouse()
        values = {
            "warehouse": here,
            "to_warehouse": 3 - here,
            "lines": [{k: v for k, v in x.items() if k != "price"} for x in self._lines(30)],
        }
        return self._noted("transfer", values)

    def _void(self) -> tuple[int, Any]:
        if not self.posted:
            return self._look()
        form, record, version = self.random.choice(self.posted)
        return self.ask(
            "POST",
            f"forms/{form}/records/{record}/cancellation",
            {"reason": "试"},
            **{"If-Match": f'"{version}"'},
        )

    def _look(self) -> tuple[int, Any]:
        status, body = self.ask("GET", "stock")
        negative = [row for row in body["stock"] if Decimal(row["qty"]) < 0]
        if negative:
            self.unexpected.append(f"negative: {negative}")
        return status, body

    def _noted(self, form: str, values: dict[str, Any]) -> tuple[int, Any]:
        status, body = self._submitted(form, values)
        if status == 201:
            self.posted.append((form, body["id"], body["version"]))
        return status, body

    def _submitted(
        self, form: str, values: dict[str, Any], who: str = "wangjianguo"
    ) -> tuple[int, Any]:
        # The server goes by the real date, and its demo by that.
        day = clock.now().date() - timedelta(days=self.random.randint(1, 28))
        values["document_date"] = day.isoformat()
        return self.ask("POST", f"forms/{form}/records", {"values": values, "submit": True}, who)

    def _warehouse(self) -> int:
        return self.random.choice(WAREHOUSES)

    def _lines(self, most: int) -> list[dict[str, Any]]:
        return [
            {
                "item": item,
                "qty": str(self.random.randint(1, most)),
                "price": f"{self.random.randint(100, 9999)}.{self.random.randint(0, 9999):04}",
            }
            for item in self.random.sample(ITEMS, self.random.randint(1, 3))
        ]


@pytest.fixture
def clients(live_server: LiveServer, seed: int) -> Iterator[list[Client]]:
    """Eight clients, each with the buyer's token and the warehouse lead's, who approves."""
    tokens = {}
    for name in ("chenli", "wangjianguo"):
        made = live_server.dajian("user", "token", name, "--scope", "write", "--days", "1")
        assert made.returncode == 0, made.stderr
        tokens[name] = made.stdout.split()[-1]
    made_clients = [Client(live_server, tokens, number, seed) for number in range(CLIENTS)]
    yield made_clients
    for client in made_clients:
        client.connection.close()


def test_random_acts__books_are_clean(clients: list[Client], live_server: LiveServer) -> None:
    each = ACTS[depth()] // CLIENTS

    def run(client: Client) -> None:
        for _ in range(each):
            client.act()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers: Counter[str] = sum((client.answers for client in clients), Counter())
    assert sum(answers.values()) == each * CLIENTS, answers
    assert [text for client in clients for text in client.unexpected] == []
    # The run has to have done something of everything, or it proves nothing.
    for kind in ("receive 200", "issue 201", "issue 422", "transfer 201", "void 200"):
        assert answers[kind] > 0, answers
    verified = live_server.dajian("books", "verify", "--json")
    assert verified.returncode == 0, verified.stdout
    assert all(line["ok"] for line in json.loads(verified.stdout))
