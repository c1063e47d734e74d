"""Lists: pages of 50 records out of many, beside the same page written by hand."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient

from bench.bare.pages import hand_written
from bench.databases import KINDS
from bench.product import ADMINISTRATOR, PERSON, Product, running
from bench.ratio import Ratio
from bench.seeds import NOW
from bench.seeds.records import number_of
from runtime.infra import sessions
from runtime.infra.sessions import Visitor
from runtime.infra.users import get

RECORDS = {"quick": 100_000, "full": 1_000_000}
PAGES_OF_EACH = {"quick": 60, "full": 25}
WARM_UP = 5
GOAL = 1.5
# What nobody waits for: nineteen of twenty pages come sooner, in milliseconds.
SOON = 300.0
# Whose rights come from roles may wait so much longer than an administrator.
FAIR = 1.3
# Deliveries were made by four people in turns; those of this remainder by the person who asks.
PERSONS = 3
ROWS = 50


@dataclass(frozen=True)
class Asked:
    """A page: what the product is asked for, the same by hand, how many rows it shows."""

    name: str
    ours: str
    theirs: str
    rows: int = ROWS


@dataclass(frozen=True)
class Clients:
    """Two people signed in at the product, one at the page written by hand."""

    person: FlaskClient
    administrator: FlaskClient
    by_hand: FlaskClient


def measure(size: str) -> Iterator[Ratio]:
    """Both databases: first page, deep page, filtered, sorted, searched; by whom it is asked."""
    count = RECORDS[size]
    for kind in KINDS:
        with _clients(kind, count) as clients:
            for asked in _pages(count):
                yield from _measured(clients, asked, kind, count, PAGES_OF_EACH[size])


def _measured(clients: Clients, asked: Asked, kind: str, count: int, times: int) -> Iterator[Ratio]:
    address = f"/a/jxc/delivery{asked.ours}"
    works = [
        partial(_seconds, clients.person, address, asked.rows),
        partial(_seconds, clients.by_hand, f"/deliveries{asked.theirs}", asked.rows),
        partial(_seconds, clients.administrator, address, asked.rows),
    ]
    taken = _in_turns(works, times)
    rate, bare, administrators_rate = (1 / statistics.median(each) for each in taken)
    beside = f"{asked.name}, beside an administrator"
    yield Ratio(f"{asked.name} of {count:,}", kind, "requests/s", rate, bare, GOAL)
    yield Ratio(beside, kind, "requests/s", rate, administrators_rate, FAIR)
    soon = statistics.quantiles(taken[0], n=20)[-1] * 1000
    yield Ratio(f"{asked.name}, 19 of 20 sooner than", kind, "ms", soon, None, SOON)


def _pages(count: int) -> tuple[Asked, ...]:
    """What is asked of the product, and the same of the page written by hand."""
    deep = quote(f"[null,{count // 10}]")
    narrow, same = "f=amount_total~gt~5000&status=posted", "more_than=5000&status=posted"
    both = f"{narrow}&sort=-amount_total", f"{same}&sort=-amount_total"
    indexed = f"{narrow}&sort=-document_no", f"{same}&sort=-document_no"
    return (
        Asked("first page", "", ""),
        Asked("deep page", f"?after={deep}", f"?after={count // 10}"),
        Asked("page filtered", f"?{narrow}", f"?{same}"),
        Asked("page sorted", "?sort=-document_no", "?sort=-document_no"),
        Asked("page filtered, sorted by an index", f"?{indexed[0]}", f"?{indexed[1]}"),
        Asked("page filtered, sorted without", f"?{both[0]}", f"?{both[1]}"),
        # One that stands in every record, in one of a thousand, in one record alone.
        _searched("贸易"),
        _searched("0777"),
        _searched(number_of(count // 3 // 4 * 4 + PERSONS, count)[0], 1),
        _searched("没有", 0),
    )


def _searched(text: str, rows: int = ROWS) -> Asked:
    return Asked(f"search for {text}", f"?q={quote(text)}", f"?q={quote(text)}", rows)


@contextmanager
def _clients(kind: str, count: int) -> Iterator[Clients]:
    with running(kind, count) as product:
        by_hand = hand_written(product.here.database, product.definition)
        yield Clients(
            _signed_in(product, product.app, PERSON),
            _signed_in(product, product.app, ADMINISTRATOR),
            _signed_in(product, by_hand, PERSON),
        )


def _signed_in(product: Product, app: Flask, name: str) -> FlaskClient:
    with product.here.database.transaction() as connection:
        user = get(connection, product.people[name])
        token = sessions.start(connection, user, Visitor("127.0.0.1"), NOW).token
    client = app.test_client()
    client.set_cookie("sid", token)
    return client


def _seconds(client: FlaskClient, address: str, rows: int) -> float:
    """How long one page takes; it must show its rows."""
    began = time.perf_counter()
    answer = client.get(address)
    took = time.perf_counter() - began
    assert answer.status_code == 200, answer.status
    shown = answer.get_data().count(b'<tr id="row-')
    assert shown == rows, f"{address} shows {shown} rows"
    return took


def _in_turns(works: list[partial[float]], times: int) -> list[list[float]]:
    """The seconds of each, taken in turns: a shared machine drifts."""
    rounds = [[work() for work in works] for _ in range(times + WARM_UP)][WARM_UP:]
    return [list(taken) for taken in zip(*rounds, strict=True)]
