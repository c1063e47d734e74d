"""What screens read: stock on hand, what is available, the stock ledger page by page."""

from decimal import Decimal
from fractions import Fraction

import pytest

from runtime.posting import datasets
from runtime.posting.refusals import shown

from .conftest import Shop


@pytest.fixture
def busy(shop: Shop) -> Shop:
    shop.post("receipt", 1, (1, "10", "2.5"), (2, "4", "1"))
    shop.post("transfer", 2, (1, "3", None), target=2)
    shop.post("delivery", 3, (1, "2", None), (2, "4", None))
    return shop


def test_before_anything_is_posted(shop: Shop) -> None:
    with shop.database.reading() as connection:
        assert datasets.stock_on_hand(connection, "shop") == []
        assert datasets.available(connection, "shop", [1], 1) == {1: Decimal(0)}
        assert datasets.stock_ledger(connection, "shop", 1) == []


def test_stock_on_hand__narrowed(busy: Shop) -> None:
    with busy.database.reading() as connection:
        one = datasets.stock_on_hand(connection, "shop", item=1, warehouse=2)
        none = datasets.stock_on_hand(connection, "shop", item=2)
    assert [(row.qty, row.value, row.unit_cost) for row in one] == [
        (Decimal(3), Decimal("7.50"), Decimal("2.5000"))
    ]
    assert none == []


def test_available(busy: Shop) -> None:
    with busy.database.reading() as connection:
        found = datasets.available(connection, "shop", [1, 2, 3], 1)
    assert found == {1: Decimal(5), 2: Decimal(0), 3: Decimal(0)}


LEDGER = [
    ("2026-11-01", "receipt", 1, "10", "25.00", "10", "25.00"),
    ("2026-11-02", "transfer", 1, "-3", "-7.50", "7", "17.50"),
    ("2026-11-02", "transfer", 2, "3", "7.50", "10", "25.00"),
    ("2026-11-03", "delivery", 1, "-2", "-5.00", "8", "20.00"),
]


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_stock_ledger__pages_carry_the_balance(busy: Shop, limit: int) -> None:
    rows: list[datasets.StockLedgerRow] = []
    with busy.database.reading() as connection:
        while page := datasets.stock_ledger(
            connection, "shop", 1, after=rows[-1].after if rows else None, limit=limit
        ):
            assert len(page) <= limit
            rows += page
    assert [
        (row.date, row.form, row.warehouse, str(row.qty), str(row.value), str(row.qty_after),
         str(row.value_after))
        for row in rows
    ] == LEDGER  # fmt: skip


def test_stock_ledger__of_one_warehouse(busy: Shop) -> None:
    with busy.database.reading() as connection:
        rows = datasets.stock_ledger(connection, "shop", 1, warehouse=1)
    assert [str(row.qty_after) for row in rows] == ["10", "7", "5"]


@pytest.mark.parametrize("after", ["", "x", "1.2.3", "1.2.3.4.x", "1;2;3;4;5"])
def test_stock_ledger__a_bad_place_is_the_beginning(busy: Shop, after: str) -> None:
    with busy.database.reading() as connection:
        assert len(datasets.stock_ledger(connection, "shop", 1, after=after)) == len(LEDGER)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(3), "3"),
        (Fraction(5, 2), "2.5"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(-1, 4), "-0.25"),
        (Fraction(1200), "1200"),
        (None, ""),
    ],
)
def test_shown(number: Fraction | None, text: str) -> None:
    assert shown(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(Fraction(1200), "1200"), (Fraction(1, 3), "0.333333"), (Fraction(5, 2), "2.5")],
)
def test_quantity(number: Fraction, text: str) -> None:
    assert format(datasets.quantity(number), "f") == text
