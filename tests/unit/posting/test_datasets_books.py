"""What screens read beside stock and ledger: by the app's ids, empty before there are books."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from runtime import kernel
from runtime.posting import datasets

from .conftest import NOW, Shop

BEFORE: dict[str, tuple[Callable[..., Any], tuple[Any, ...], Any]] = {
    "places": (datasets.stock_places, (), []),
    "by date": (datasets.available_by_date, (1, 1), []),
    "reservations": (datasets.reservations, (), []),
    "expired": (datasets.expired_reservations, (date(2026, 11, 1),), []),
    "in and out": (datasets.in_out_summary, (date(2026, 11, 1), date(2026, 11, 30)), []),
    "trace": (datasets.trace, (1, "X"), []),
    "layers": (datasets.layers, (1, 1), []),
    "why": (datasets.why, ("receipt", 1), []),
    "cost chain": (datasets.cost_chain, (1, 1), []),
    "periods": (datasets.periods, (), []),
    "journal": (datasets.journal, ("receipt", 1), []),
    "balances": (datasets.account_balances, (), []),
    "policies": (datasets.policies, (1,), []),
    "costing": (datasets.costing, (1,), None),
    "rules": (datasets.rules, (), {}),
    "account rules": (datasets.account_rules, (), []),
    "chain": (datasets.chain_head, (), None),
}


@pytest.mark.parametrize("name", BEFORE)
def test_before_anything_is_posted(shop: Shop, name: str) -> None:
    view, args, nothing = BEFORE[name]
    assert read(shop, view, *args) == nothing


def read(shop: Shop, view: Callable[..., Any], *args: Any, **more: Any) -> Any:
    with shop.database.reading() as connection:
        return view(connection, "shop", *args, **more)


def tell(shop: Shop, make: Callable[[kernel.Header], kernel.Command], **more: Any) -> None:
    """Post a command that has no document of the app behind it yet."""
    with shop.database.transaction() as connection:
        books = kernel.find_company(connection, "shop")
        assert books is not None
        key = f"own {more}"
        header = kernel.Header(
            books.id, key, more.get("day", date(2026, 11, 20)),
            kernel.DocumentRef(more.get("form", "hold"), more.get("document", "9")), "li", NOW,
        )  # fmt: skip
        outcome = kernel.post(connection, make(header))
    assert isinstance(outcome, kernel.Posted), outcome


@pytest.fixture
def busy(shop: Shop) -> Shop:
    shop.post("receipt", 1, (1, "10", "2.5"), (2, "4", "1"))
    shop.post("transfer", 2, (1, "3", None), target=2)
    shop.post("delivery", 3, (1, "2", None), (2, "4", None))
    return shop


def test_stock_on_hand__in_the_past(busy: Shop) -> None:
    past = read(busy, datasets.stock_on_hand, as_of=date(2026, 11, 1))
    assert [(row.item, row.warehouse, str(row.qty), str(row.value)) for row in past] == [
        (1, 1, "10", "25.00"),
        (2, 1, "4", "4.00"),
    ]
    assert read(busy, datasets.stock_on_hand, known_at=1) == past


def test_status_and_reservations(busy: Shop) -> None:
    tell(busy, lambda header: kernel.Reserve(header, "1", "1", 2, expires=date(2026, 12, 1)))
    found = read(busy, datasets.stock_status, [1, 3], 1, on_order={3: Decimal(7)})
    none = Decimal(0)
    assert found == {
        1: datasets.StockStatus(Decimal(5), Decimal(2), none, none, Decimal(3)),
        3: datasets.StockStatus(none, none, none, Decimal(7), none),
    }
    assert read(busy, datasets.available, [1, 2, 3], 1) == {1: Decimal(3), 2: none, 3: none}
    (held,) = read(busy, datasets.reservations, item=1)
    assert (held.item, held.warehouse, held.qty, held.pending, held.expires, held.form,
            held.document, held.by) == (1, 1, 2, 2, "2026-12-01", "hold", 9, "li")  # fmt: skip
    assert read(busy, datasets.reservations, item=2) == []
    assert read(busy, datasets.expired_reservations, date(2026, 12, 1)) == []
    assert read(busy, datasets.expired_reservations, date(2026, 12, 2)) == [held.key]


def test_available_by_date(busy: Shop) -> None:
    rows = read(busy, datasets.available_by_date, 1, 1)
    assert [(row.date, str(row.qty)) for row in rows] == [
        ("2026-11-01", "5"),
        ("2026-11-02", "5"),
        ("2026-11-03", "5"),
    ]


def test_in_out_summary(busy: Shop) -> None:
    rows = read(busy, datasets.in_out_summary, date(2026, 11, 2), date(2026, 11, 30), item=1)
    assert [
        (row.warehouse, str(row.opening_qty), str(row.in_qty), str(row.out_qty),
         str(row.closing_qty), str(row.opening_value), str(row.in_value), str(row.out_value),
         str(row.closing_value))
        for row in rows
    ] == [
        (1, "10", "0", "5", "5", "25.00", "0.00", "12.50", "12.50"),
        (2, "0", "3", "0", "3", "0.00", "7.50", "0.00", "7.50"),
    ]  # fmt: skip


def test_layers_and_causes(busy: Shop) -> None:
    late = busy.post("receipt", 1, (1, "10", "5"))
    (layer,) = read(busy, datasets.layers, 1, 1)
    assert (str(layer.qty), str(layer.value), str(layer.unit_cost)) == ("15", "56.25", "3.7500")
    rows = read(busy, datasets.why, "delivery", 3)
    assert [
        (row.line, row.item, row.kind, str(row.amount), row.cause_document) for row in rows
    ] == [
        (0, 1, "original", "-5.00", None),
        (1, 2, "original", "-4.00", None),
        (0, 1, "revalue", "-2.50", late.id),
    ]
    chain = read(busy, datasets.cost_chain, 1, 1)
    assert (chain[0].value_after, chain[0].qty_after) == (Decimal("56.25"), Decimal(15))
    assert {row.form for row in chain} == {"receipt", "transfer", "delivery"}


def test_journal_and_periods(busy: Shop) -> None:
    lines = read(busy, datasets.journal, "delivery", 3)
    assert [(line.account, line.role, str(line.amount)) for line in lines] == [
        ("stock", "stock", "-9.00"),
        ("issue", "issue", "9.00"),
    ]
    assert [(row.account, str(row.amount)) for row in read(busy, datasets.account_balances)] == [
        ("issue", "9.00"),
        ("receipt", "-29.00"),
        ("stock", "20.00"),
    ]
    tell(busy, lambda header: kernel.ClosePeriod(header, "2026-11"))
    (month,) = read(busy, datasets.periods)
    assert (month.ym, month.state, month.by, month.n_postings) == ("2026-11", "closed", "li", 3)
    assert len(month.digest) == 64
    tell(busy, lambda header: kernel.ReopenPeriod(header, "2026-11", "late"), document="10")
    (month,) = read(busy, datasets.periods)
    assert (month.state, month.reason, month.digest) == ("open", "late", "")


def test_policies_rules_and_the_chain(busy: Shop) -> None:
    change = date(2026, 11, 20)
    tell(busy, lambda header: kernel.ChangePolicy(header, "1", method="fifo"), form="policy")
    versions = read(busy, datasets.policies, 1)
    assert [(row.method, row.date, row.form) for row in versions] == [
        ("moving_average", "", ""),
        ("fifo", change.isoformat(), "policy"),
    ]
    assert read(busy, datasets.costing, 1).policy == versions[1]
    assert read(busy, datasets.rules)["cancel"] == "void"
    assert read(busy, datasets.account_rules) == []
    head = read(busy, datasets.chain_head)
    assert (head.company, head.seq, head.n_postings) == ("shop", 4, 4)


def test_places_and_trace(busy: Shop) -> None:
    line = kernel.ReceiveLine("1", "2", 6, unit_cost=1, lot="X", expiry=date(2027, 1, 1), bin="A")
    tell(busy, lambda header: kernel.Receive(header, (line,)), form="receipt", document="77")
    (place,) = read(busy, datasets.stock_places, by="lot")
    assert (place.item, place.warehouse, place.lot, str(place.qty), place.expiry) == (
        1, 2, "X", "6", "2027-01-01",
    )  # fmt: skip
    assert [row.bin for row in read(busy, datasets.stock_places, by="bin", warehouse=2)] == ["A"]
    assert read(busy, datasets.stock_places, by="serial") == []
    (row,) = read(busy, datasets.trace, 1, "X")
    assert (row.level, row.form, row.document, row.lot, str(row.qty)) == (
        0,
        "receipt",
        77,
        "X",
        "6",
    )
