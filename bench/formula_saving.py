"""Saving a document with twenty formulas and three roll-ups, among a hundred thousand others."""

import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient
from sqlalchemy import Connection, insert

from bench.databases import KINDS, fresh
from bench.ratio import Ratio
from bench.seeds import NOW
from builder.app import ROOMS
from builder.publish import publish
from runtime.app import create_app
from runtime.compile import App, compute
from runtime.documents import dependents
from runtime.documents.rollup_queries import recompute
from runtime.infra import tokens, users
from runtime.infra.act import SYSTEM, Act
from runtime.infra.settings import read, with_secret
from runtime.infra.users import NewUser
from runtime.platform import Platform, set_up

DOCUMENTS = {"quick": 100_000, "full": 1_000_000}
CUSTOMERS = 1_000
LINES = 10
SAVES = 200
WARM_UP = 10
ROWS_AT_ONCE = 10_000


def _field(code: str, kind: str, **options: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "label": code, "options": options}


def _formula(code: str, text: str) -> dict[str, Any]:
    return _field(code, "formula", formula=text, result="money")


def _rollup(code: str, measure: str, result: str, **more: Any) -> dict[str, Any]:
    given = {"form": "order", "reference": "customer", "measure": measure, "result": result}
    return _field(code, "rollup", **given, **more)


IN_LINES = [
    _formula("amount", "=ROUND(qty*price,2)"),
    _formula("rebate", "=ROUND(amount*discount,2)"),
    _formula("net", "=amount-rebate"),
    _formula("tax", "=ROUND(net*0.13,2)"),
    _formula("gross", "=net+tax"),
]
IN_HEADER = [
    *(_formula(f"{code}_total", f"=SUM(lines.{code})")
      for code in ("amount", "rebate", "net", "tax", "gross")),
    _formula("largest", "=MAX(lines.gross)"),
    _formula("mean", "=IFERROR(ROUND(gross_total/COUNT(lines.gross),2),0)"),
    _formula("heavy", "=SUMIFS(lines.gross,lines.qty,\">50\")"),
    _formula("fee", "=IF(gross_total>10000,0,IF(gross_total>1000,20,50))"),
    _formula("due", "=gross_total+fee"),
    _formula("first_part", "=ROUND(due*0.3,2)"),
    _formula("second_part", "=ROUND(due*0.3,2)"),
    _formula("rest", "=due-first_part-second_part"),
    _formula("rounded", "=ROUNDDOWN(due,0)"),
    _formula("change", "=due-rounded"),
]  # fmt: skip
APP = {
    "format": "dajian-app/1",
    "code": "saves",
    "label": "保存",
    "forms": [
        {
            "code": "customer",
            "label": "客户",
            "type": "record",
            "title": "name",
            "fields": [
                _field("name", "text"),
                _rollup("spent", "sum", "money", field="due"),
                _rollup("orders", "count", "number"),
                _rollup("latest", "max", "date", field="day"),
            ],
        },
        {
            "code": "order",
            "label": "订单",
            "type": "document",
            "title": "remark",
            "fields": [
                _field("remark", "text"),
                _field("customer", "reference", form="customer"),
                _field("day", "date"),
                _field("lines", "lines", fields=[
                    _field("qty", "quantity"),
                    _field("price", "money", places=4),
                    _field("discount", "percent"),
                    *IN_LINES,
                ]),
                *IN_HEADER,
            ],
        },
    ],
}  # fmt: skip
assert len(IN_LINES) + len(IN_HEADER) == 20


def measure(size: str) -> Iterator[Ratio]:
    """95 of 100 saves through the API take no longer; and what of it is formulas and roll-ups."""
    for kind in KINDS:
        with _shop(kind, DOCUMENTS[size]) as (client, token):
            spent = _Spent()
            with spent.watching():
                whole = [_save(client, token, number, spent) for number in range(WARM_UP + SAVES)]
            whole, parts = whole[WARM_UP:], spent.each[WARM_UP:]
        name = f"save, 20 formulas, 3 roll-ups, {DOCUMENTS[size]:,}"
        yield Ratio(f"{name}, p95", kind, "ms", _p95(whole) * 1000)
        yield Ratio(f"{name}, p95 of formulas", kind, "ms", _p95(parts) * 1000)
        share = statistics.median(part / all_ for part, all_ in zip(parts, whole, strict=True))
        yield Ratio(f"{name}, share", kind, "%", share * 100)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


class _Spent:
    """How long each save computed formulas and followed what depends on it."""

    def __init__(self) -> None:
        self.each: list[float] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Time the two doors through which all of it goes."""
        with (
            patch("runtime.documents.prepare.compute", self._timed(compute)),
            patch("runtime.documents.dependents.changed", self._timed(dependents.changed)),
        ):
            yield

    def _timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **more: Any) -> Any:
            began = time.perf_counter()
            try:
                return work(*given, **more)
            finally:
                self.each[-1] += time.perf_counter() - began

        return timed


def _save(client: FlaskClient, token: str, number: int, spent: _Spent) -> float:
    lines = [
        {"qty": str(1 + (number + each) % 90), "price": f"{each}.9875", "discount": "0.05"}
        for each in range(1, LINES + 1)
    ]
    values = {
        "remark": f"N{number}",
        "customer": 1 + number % CUSTOMERS,
        "day": "2026-11-21",
        "lines": lines,
    }
    spent.each.append(0.0)
    began = time.perf_counter()
    answer = client.post(
        "/api/v1/apps/saves/forms/order/records",
        data=json.dumps({"values": values, "submit": True}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"save-{number}"},
    )
    took = time.perf_counter() - began
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return took


@contextmanager
def _shop(kind: str, count: int) -> Iterator[tuple[FlaskClient, str]]:
    with fresh(kind) as address, TemporaryDirectory(prefix="dajian-bench-") as home:
        settings = with_secret(read({"DAJIAN_HOME": home, "DAJIAN_DATABASE": address}))
        app = create_app(settings, ROOMS, clock=lambda: NOW)
        here: Platform = app.extensions["dajian"]
        with here.database.transaction() as connection:
            set_up(connection)
            act = Act(connection, SYSTEM, NOW)
            person = users.create(
                act,
                NewUser("admin", "a password for benchmarks", frozenset(), "Admin", is_admin=True),
            )
            token = tokens.create(act, person.id, scope="write", days=1)
            _fill(connection, publish(act, APP, "bench").app, count)
        if kind == "postgresql":
            quiet = here.database.engine.execution_options(isolation_level="AUTOCOMMIT")
            with quiet.connect() as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        yield app.test_client(), token
        here.database.dispose()


def _fill(connection: Connection, app: App, count: int) -> None:
    """Orders as the write path would have left them, and the roll-ups over them."""
    stamp = {"version": 1, "created_at": NOW, "updated_at": NOW}
    customers = [
        stamp | {"status": "active", "search_text": f"k{number}", "f_name": f"K{number}"}
        for number in range(CUSTOMERS)
    ]
    connection.execute(insert(app.forms["customer"].table), customers)
    rows = (
        stamp
        | {
            "status": "submitted",
            "search_text": f"o{number}",
            "f_remark": f"O{number}",
            "f_customer": 1 + number % CUSTOMERS,
            "f_day": date(2024, 1, 1) + timedelta(days=number % 900),
            "f_due": Decimal(number % 10_000) / 100,
        }
        for number in range(count)
    )
    while part := list(itertools.islice(rows, ROWS_AT_ONCE)):
        connection.execute(insert(app.forms["order"].table), part)
    for code in app.forms["customer"].rollups:
        recompute(connection, app.forms["customer"], code)
