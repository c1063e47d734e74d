"""Records over REST: made, changed, read, beside the same page written by hand, by one client.

Ours checks the token, the rights and every value, keeps the answer under its key, writes history
and asks the outbox; the other reads JSON and writes the row.
"""

import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from bench.bare.rest import by_hand
from bench.databases import KINDS
from bench.product import PERSON, running
from bench.ratio import Ratio
from bench.seeds import NOW
from runtime.infra import tokens
from runtime.infra.act import SYSTEM, Act

RECORDS = {"quick": 100_000, "full": 1_000_000}
OF_EACH = 150
WARM_UP = 15
GOAL = 1.5
CUSTOMERS = "/apps/jxc/forms/customer/records"
DELIVERIES = "/apps/jxc/forms/delivery/query"
numbers = itertools.count(1)


@dataclass(frozen=True)
class Caller:
    """A program at one of the two applications."""

    client: FlaskClient
    token: str
    prefix: str = "/api/v1"

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request and return the JSON of an answer that has to be fine."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.open(
            self.prefix + path,
            method=method,
            data=None if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}", **sent},
        )
        assert answer.status_code < 300, answer.get_data(as_text=True)[:500]
        return answer.get_json()


def measure(size: str) -> Iterator[Ratio]:
    """Both databases: create, update, read, a page with conditions, a batch of a hundred."""
    count = RECORDS[size]
    for kind in KINDS:
        with _callers(kind, count) as (ours, theirs):
            for name, mine, bare in _works(ours, theirs):
                rates = _in_turns(mine, bare)
                yield Ratio(f"{name} beside {count:,}", kind, "requests/s", *rates, GOAL)
            yield Ratio("create, 100 in a batch", kind, "records/s", _batched(ours))


Work = Callable[[], object]


def _works(ours: Caller, theirs: Caller) -> Iterator[tuple[str, Work, Work]]:
    mine = _create(ours)["id"]
    bare = _create(theirs)["id"]
    versions = {ours: 1, theirs: 1}

    def update(caller: Caller, key: int) -> None:
        name = {"values": {"name": f"改名 {next(numbers)}"}}
        tag = f'"{versions[caller]}"'
        versions[caller] = caller.send("PATCH", f"{CUSTOMERS}/{key}", name, If_Match=tag)["version"]

    where = {"field": "amount_total", "op": "gt", "values": ["5000"]}
    query = {"where": where, "sort": ["-amount_total"], "limit": 50}
    yield "create", lambda: _create(ours), lambda: _create(theirs)
    yield "update", lambda: update(ours, mine), lambda: update(theirs, bare)
    yield (
        "read",
        lambda: ours.send("GET", f"{CUSTOMERS}/{mine}"),
        lambda: theirs.send("GET", f"{CUSTOMERS}/{bare}"),
    )
    yield (
        "query",
        lambda: ours.send("POST", DELIVERIES, query),
        lambda: theirs.send("POST", DELIVERIES, query),
    )


def _create(caller: Caller) -> Any:
    number = next(numbers)
    values = {"customer_no": f"B{number:07}", "name": f"客户 {number}", "phone": "13800000000"}
    return caller.send("POST", CUSTOMERS, {"values": values}, Idempotency_Key=f"bench-{number}")


def _batched(caller: Caller) -> float:
    def batch() -> float:
        operations = [
            {"op": "create", "values": {"customer_no": f"B{number:07}", "name": f"客户 {number}"}}
            for number in itertools.islice(numbers, 100)
        ]
        key = f"bench-{next(numbers)}"
        began = time.perf_counter()
        path = CUSTOMERS.replace("records", "batch")
        caller.send("POST", path, {"operations": operations}, Idempotency_Key=key)
        return 100 / (time.perf_counter() - began)

    return statistics.median(batch() for _ in range(5))


def _in_turns(ours: Work, theirs: Work) -> tuple[float, float]:
    """Requests per second by the median request, one of ours and one of theirs in turns."""
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(OF_EACH + WARM_UP)][WARM_UP:]
    return (
        1 / statistics.median(pair[0] for pair in pairs),
        1 / statistics.median(pair[1] for pair in pairs),
    )


def _seconds(work: Work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _callers(kind: str, count: int) -> Iterator[tuple[Caller, Caller]]:
    """A program that speaks for somebody at the product, and at the page written by hand."""
    with running(kind, count, DAJIAN_API_PER_MINUTE="0") as product:
        database, person = product.here.database, product.people[PERSON]
        with database.transaction() as connection:
            act = Act(connection, SYSTEM, NOW)
            token = tokens.create(act, person, scope="write", days=1, label="benchmark")
        bare = by_hand(database, product.definition)
        yield Caller(product.app.test_client(), token), Caller(bare.test_client(), token)
