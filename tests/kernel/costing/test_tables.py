"""Tables a bookkeeper can check: what every method does, line by line."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from runtime.kernel.amounts import Rounding
from runtime.kernel.costing import (
    Book,
    Opening,
    Policy,
    Valued,
    Walker,
    layers,
    tagged_layers,
    value_moves,
)
from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal

from .timelines import DAY, START

JANUARY, FEBRUARY, MARCH = START, START + 31 * DAY, START + 60 * DAY


class Sheet:
    """Moves written one below the other, one a day unless said otherwise; one atom is one unit."""

    def __init__(self, method: str = "moving_average", **more: Any) -> None:
        self.policies = [Policy(0, 0, method, **more)]
        self.moves: list[Move] = []
        self.rounding = Rounding.HALF_UP
        self.at = JANUARY
        self.items: dict[int, int] = {}
        self.other: dict[int, Policy] = {}

    def line(self, kind: str, dq: int = 0, pool: int = 1, item: int = 1, **more: Any) -> Move:
        """The next move; `at` starts another day."""
        self.at = more.pop("at", self.at + DAY // 24)
        number = len(self.moves) + 1
        number = more.pop("id", number)
        posting = more.pop("posting", number)
        order = more.pop("ord", posting)
        move = Move(number, posting, 1, kind, item, pool, 1, dq, self.at, order, "", **more)
        self.items[pool] = item
        self.moves.append(move)
        return move

    def book(self) -> Book:
        """Nothing before the first line."""
        policies = {1: tuple(self.policies)}
        policies |= {item: (policy,) for item, policy in self.other.items()}
        return Book({}, policies, self.items, self.rounding)

    def valued(self) -> Valued:
        """All lines."""
        ordered = sorted(self.moves, key=lambda move: move.key)
        return value_moves(ordered, self.book())

    def values(self) -> list[dict[str, int]]:
        """What each line is worth, in the order of writing."""
        found = self.valued().values
        return [found[move.id] for move in self.moves]


def test_moving_average() -> None:
    sheet = Sheet()
    sheet.line("receive", 10, amount=100)
    sheet.line("receive", 10, amount=200)
    sheet.line("issue", -15)
    sheet.line("issue", -2)
    sheet.line("issue", -3)
    assert sheet.values()[2:] == [{"issue": -225}, {"issue": -30}, {"issue": -45}]
    assert sheet.valued().states == {1: (0, 0, "||45/3")}


@pytest.mark.parametrize(("rounding", "cost"), [("half_up", 3), ("half_even", 2)])
def test_half_a_cent(rounding: str, cost: int) -> None:
    sheet = Sheet()
    sheet.rounding = Rounding(rounding)
    sheet.line("receive", 2, amount=5)
    sheet.line("issue", -1)
    assert sheet.values()[1] == {"issue": -cost}


def test_fifo_layers_travel_and_keep_their_order() -> None:
    sheet = Sheet("fifo")
    sheet.line("receive", 5, amount=50)
    sheet.line("receive", 5, amount=60)
    out = sheet.line("transfer_out", -8)
    arrived = sheet.line("transfer_in", 8, 2, peer=out.id)
    sheet.line("issue", -6, 2)
    valued = sheet.valued()
    assert valued.values[out.id] == {"transfer": -86}
    assert valued.values[5] == {"issue": -62}
    assert valued.layers == {arrived.id: "5,50;3,36"}
    assert tagged_layers(valued.states[2][2], 2, 24) == [(2, 24, arrived.id)]
    assert tagged_layers(valued.states[1][2], 2, 24) == [(2, 24, 2)]


def test_a_single_layer_needs_no_name() -> None:
    sheet = Sheet("fifo")
    sheet.line("receive", 5, amount=50)
    out = sheet.line("transfer_out", -4)
    sheet.line("transfer_in", 4, 2, peer=out.id)
    assert sheet.valued().layers == {}


def test_fifo_layers_arrive_from_outside_the_walk() -> None:
    sheet = Sheet("fifo")
    arrived = sheet.line("transfer_in", 8, 2, peer=900)
    arrived.values = {"transfer": 86}
    arrived.layers = "5,50;3,36"
    sheet.line("issue", -6, 2)
    assert sheet.values() == [{"transfer": 86}, {"issue": -62}]


def test_onward_leg_takes_its_own_layers_first() -> None:
    sheet = Sheet("fifo")
    sheet.line("receive", 4, 2, amount=400)
    sheet.line("receive", 4, amount=40)
    out = sheet.line("transfer_out", -4)
    arrived = sheet.line("transfer_in", 4, 2, peer=out.id)
    onward = sheet.line("transfer_out", -6, 2, origin=arrived.id)
    sheet.line("transfer_in", 6, 3, peer=onward.id)
    assert sheet.valued().values[onward.id] == {"transfer": -240}


def test_onward_leg_carries_its_cost_under_an_average() -> None:
    sheet = Sheet()
    sheet.line("receive", 3, amount=100)
    out = sheet.line("transfer_out", -3)
    arrived = sheet.line("transfer_in", 3, 2, peer=out.id)
    sheet.line("receive", 3, 2, amount=0)
    first = sheet.line("transfer_out", -1, 2, origin=arrived.id)
    sheet.line("transfer_in", 1, 3, peer=first.id)
    sheet.line("issue", -3, 2)
    second = sheet.line("transfer_out", -2, 2, origin=arrived.id)
    sheet.line("transfer_in", 2, 3, peer=second.id)
    values = sheet.valued().values
    assert values[first.id] == {"transfer": -33}
    assert values[7] == {"issue": -40}
    assert values[second.id] == {"transfer": -67, "residual": 40}
    assert sheet.valued().states[2][:2] == (0, 0)


def test_what_went_short_is_settled_oldest_first() -> None:
    sheet = Sheet(negative=True, estimate=(8, 1))
    first = sheet.line("issue", -5)
    second = sheet.line("issue", -5)
    sheet.line("receive", 7, amount=70)
    assert sheet.valued().values[first.id] == {"issue": -40, "true_up": -10}
    assert sheet.valued().values[second.id] == {"issue": -40, "true_up": -4}
    assert sheet.valued().states == {1: (-3, -24, f"|{second.id},3,24,-4|70/7")}
    sheet.line("receive", 10, amount=50)
    assert sheet.valued().values[second.id] == {"issue": -40, "true_up": 5}
    assert sheet.valued().states == {1: (7, 35, "")}


def test_a_shortage_before_the_walk_is_settled_in_it() -> None:
    sheet = Sheet(negative=True)
    sheet.line("receive", 10, amount=50, id=90)
    book = sheet.book()
    book.openings = {1: Opening(-3, -24, "|7,3,24,-4|70/7")}  # type: ignore[assignment]
    valued = value_moves(sheet.moves, book)
    assert valued.values == {90: {"receipt": 50}, 7: {"true_up": 5}}
    assert value_moves([], book).values == {7: {"true_up": -4}}


def test_late_costs_while_the_month_is_open_and_after() -> None:
    sheet = Sheet()
    receipt = sheet.line("receive", 10, amount=100)
    sheet.line("issue", -6)
    back = sheet.line("late", origin=receipt.id, amount=120, weight=10, mode="replay invoice")
    back.at, back.ord = receipt.at, receipt.ord
    split = sheet.line("late", origin=receipt.id, amount=50, mode="split landed_cost")
    returned = sheet.line("purchase_return", -4, origin=receipt.id, mode="original")
    values = sheet.valued().values
    assert values[receipt.id] == {"receipt": 100, "invoice": 20}
    assert values[2] == {"issue": -72}
    assert values[back.id] == {}
    assert values[split.id] == {"landed_cost": 50, "cogs_adjust": -30}
    # 170 / 10 x 4 = 68 is what they cost when they came, late costs included; 48 + 20 lie there.
    assert values[returned.id] == {"purchase_return": -68}


def test_an_absolute_count_and_its_corrections_are_one() -> None:
    sheet = Sheet()
    sheet.line("receive", 10, amount=100)
    head = sheet.line("count_gain", 4, mode="absolute")
    sheet.line("count_loss", -6, mode="absolute", origin=head.id, at=head.at, ord=head.ord)
    assert sheet.values() == [{"receipt": 100}, {"stocktake_loss": -20}, {}]
    assert sheet.valued().states == {1: (8, 80, "")}


def test_a_count_that_sets_the_cost() -> None:
    sheet = Sheet("fifo")
    sheet.line("receive", 10, amount=100)
    sheet.line("receive", 10, amount=300)
    sheet.line("count_value", amount=25, weight=1)
    assert sheet.values()[2] == {"revaluation": 100}
    assert layers(sheet.valued().states[1][2], 20, 500) == [(10, 250), (10, 250)]


def test_a_negative_adjustment_takes_no_layer_below_nothing() -> None:
    sheet = Sheet("fifo")
    sheet.line("receive", 10, amount=5)
    sheet.line("receive", 10, amount=300)
    sheet.line("adjust", amount=-100)
    assert layers(sheet.valued().states[1][2], 20, 205) == [(10, 0), (10, 205)]


@pytest.mark.parametrize(
    ("amount", "held", "code"),
    [(5, 0, Refusal.ADJUST_WITHOUT_STOCK), (-101, 10, Refusal.NEGATIVE_VALUE)],
)
@pytest.mark.parametrize("method", ["moving_average", "fifo", "month_end_average"])
def test_adjustments_that_cannot_be(method: str, amount: int, held: int, code: Refusal) -> None:
    sheet = Sheet(method)
    sheet.line("receive", 10, amount=100)
    if not held:
        sheet.line("issue", -10)
    change = sheet.line("adjust", amount=amount)
    assert sheet.valued().problems == [(code, change)]


def test_assembly_with_fixed_input_and_shared_outputs() -> None:
    sheet = Sheet()
    sheet.line("receive", 7, amount=100)
    used = sheet.line("consume", -7, posting=9, ord=9, amount=11, id=91)
    outputs: Sequence[dict[str, Any]] = (
        {"mode": "fixed", "amount": 20}, {"mode": "input", "peer": used.id},
        {"mode": "share", "weight": 1}, {"mode": "share", "weight": 2},
    )  # fmt: skip
    for n, more in enumerate(outputs):
        sheet.line("produce", 1, n + 2, posting=9, ord=9, id=92 + n, at=used.at, **more)
    assert [found.get("assembly") for found in sheet.values()[1:]] == [-100, 20, 14, 26, 51]


def test_standard_cost_and_its_variances() -> None:
    sheet = Sheet("standard", standard=(10, 1))
    receipt = sheet.line("receive", 10, amount=117)
    sheet.line("issue", -3)
    sheet.line("sales_return", 1, origin=2, mode="original")
    sheet.line("purchase_return", -2, origin=receipt.id, mode="original")
    change = sheet.line("standard")
    sheet.policies.append(
        replace(sheet.policies[0], at=change.at, ord=change.ord, standard=(12, 1))
    )
    sheet.line("issue", -1)
    assert sheet.values() == [
        {"receipt": 117, "price_variance": -17}, {"issue": -30}, {"sales_return": 10},
        {"purchase_return": -23, "return_variance": 3}, {"revaluation": 12}, {"issue": -12},
    ]  # fmt: skip


def test_two_warehouses_that_feed_each_other() -> None:
    sheet = Sheet("month_end_average")
    sheet.line("receive", 10, amount=100)
    sheet.line("receive", 10, 2, amount=200)
    there = sheet.line("transfer_out", -5)
    sheet.line("transfer_in", 5, 2, peer=there.id)
    back = sheet.line("transfer_out", -5, 2)
    sheet.line("transfer_in", 5, 1, peer=back.id)
    sheet.line("issue", -10)
    sheet.line("issue", -10, 2)
    values = sheet.values()
    assert values[2] == {"transfer": -63}  # 12.50 x 5
    assert values[4] == {"transfer": -88}  # 17.50 x 5
    assert values[6] == {"issue": -125}
    assert values[7] == {"issue": -175}
    assert sheet.valued().states[1][:2] == (0, 0)
    assert not sheet.valued().problems


def test_goods_that_only_go_round() -> None:
    sheet = Sheet("month_end_average", negative=True)
    there = sheet.line("transfer_out", -5)
    sheet.line("transfer_in", 5, 2, peer=there.id)
    back = sheet.line("transfer_out", -5, 2)
    sheet.line("transfer_in", 5, 1, peer=back.id)
    assert [code for code, _ in sheet.valued().problems] == [Refusal.COST_CYCLE]


def test_methods_that_wait_for_each_other() -> None:
    sheet = Sheet("month_end_average")
    sheet.other[2] = Policy(0, 0, "fifo")
    sheet.line("receive", 10, amount=100)
    used = sheet.line("consume", -5, posting=50, ord=50, id=501)
    sheet.line("produce", 5, 2, 2, posting=50, ord=50, id=502, at=used.at, mode="share", weight=5)
    again = sheet.line("consume", -5, 2, 2, posting=60, ord=60, id=601)
    sheet.line("produce", 5, 1, posting=60, ord=60, id=602, at=again.at, mode="share", weight=5)
    assert [code for code, _ in sheet.valued().problems] == [Refusal.COST_CYCLE]


def test_fifo_product_of_parts_costed_by_the_month() -> None:
    sheet = Sheet("month_end_average")
    sheet.other[2] = Policy(0, 0, "fifo")
    sheet.line("receive", 10, amount=100)
    used = sheet.line("consume", -5, posting=50, ord=50, id=501)
    sheet.line("produce", 1, 2, 2, posting=50, ord=50, id=502, at=used.at, mode="share", weight=1)
    sheet.line("issue", -1, 2, 2)
    sheet.line("receive", 10, amount=300)
    assert [sum(found.values()) for found in sheet.values()] == [100, -100, 100, -100, 300]


def test_a_month_that_ends_short_is_filled_in_the_next() -> None:
    sheet = Sheet("month_end_average", negative=True)
    sheet.line("receive", 4, amount=40)
    short = sheet.line("issue", -10)
    sheet.line("receive", 10, amount=120, at=FEBRUARY)
    sheet.line("issue", -2)
    values = sheet.values()
    assert values[1] == {"issue": -100, "true_up": -12}
    assert values[3] == {"issue": -24}
    assert sheet.valued().states == {1: (2, 24, "")}
    assert short.values == {}


def test_a_return_in_a_later_month_and_one_in_the_same() -> None:
    sheet = Sheet("month_end_average")
    receipt = sheet.line("receive", 10, amount=100)
    issue = sheet.line("issue", -6)
    sheet.line("sales_return", 1, origin=issue.id, mode="original")
    sheet.line("receive", 5, amount=100, at=FEBRUARY)
    sheet.line("sales_return", 2, origin=issue.id, mode="original")
    sheet.line("purchase_return", -4, origin=receipt.id, mode="original")
    sheet.line("issue", -8)
    values = sheet.values()
    assert values[2] == {"sales_return": 10}
    assert values[4] == {"sales_return": 20}
    assert values[5] == {"purchase_return": -40}
    # (50 + 100 + 20 - 40) / (5 + 5 + 2 - 4) = 130 / 8
    assert values[6] == {"issue": -130}


def test_plan_cost_with_a_rate_ignores_a_new_plan_price() -> None:
    sheet = Sheet("standard", variance="rate", standard=(10, 1))
    sheet.line("receive", 50, amount=510)
    sheet.line("issue", -40)
    change = sheet.line("standard", at=FEBRUARY)
    sheet.policies.append(
        replace(sheet.policies[0], at=change.at, ord=change.ord, standard=(99, 1))
    )
    sheet.line("issue", -10)
    assert sheet.values()[1:] == [{"issue": -408}, {}, {"issue": -102}]


@pytest.mark.parametrize(
    ("methods", "issued"),
    [
        (("moving_average", "fifo"), 30), (("fifo", "moving_average"), 30),
        (("standard", "fifo"), 20), (("fifo", "month_end_average"), 30),
        (("month_end_average", "fifo"), 30), (("month_end_average", "moving_average"), 30),
    ],
)  # fmt: skip
def test_a_change_of_method_changes_no_value(methods: tuple[str, str], issued: int) -> None:
    sheet = Sheet(methods[0], standard=(10, 1))
    sheet.line("receive", 10, amount=100)
    sheet.line("receive", 10, amount=200)
    sheet.policies.append(Policy(sheet.at + 1, 0, methods[1]))
    sheet.line("issue", -2)
    assert sheet.values()[2] == {"issue": -issued}
    assert sheet.valued().states[1][:2] == (18, 18 * issued // 2)


def test_months_of_a_whole_ledger_forget_what_nothing_continues() -> None:
    sheet = Sheet()
    sheet.line("receive", 10, amount=100)
    sheet.line("issue", -4)
    sheet.line("sales_return", 4, at=MARCH, origin=2, mode="original")
    walker = Walker(sheet.book(), continued={2})
    walker.feed(sheet.moves[:2])
    assert walker.feed(sheet.moves[2:]).values == {3: {"sales_return": 40}}
    forgetful = Walker(sheet.book(), continued=set())
    forgetful.feed(sheet.moves[:2])
    with pytest.raises(KeyError):
        forgetful.feed(sheet.moves[2:])


def test_returns_outside_the_walk_are_counted_where_they_stand() -> None:
    sheet = Sheet()
    issue = Move(5, 5, 1, "issue", 1, 9, 1, -3, JANUARY, 5, "", values={"issue": -100})
    elsewhere = Move(
        15, 15, 1, "sales_return", 1, 8, 1, 1, JANUARY + 15, 15, "", origin=5, mode="original"
    )
    sheet.line("sales_return", 1, at=JANUARY + 10, id=10, origin=5, mode="original")
    sheet.line("sales_return", 1, at=JANUARY + 20, id=20, origin=5, mode="original")
    book = replace(sheet.book(), origins={5: issue}, beside=[elsewhere])
    values = value_moves(sheet.moves, book).values
    assert values == {10: {"sales_return": 33}, 20: {"sales_return": 33}}
    told = replace(sheet.book(), origins={5: issue}, taken={(5, "goods"): 1})
    values = value_moves(sheet.moves, told).values
    assert values == {10: {"sales_return": 34}, 20: {"sales_return": 33}}


def test_layers_that_were_added_up_do_not_come_back() -> None:
    sheet = Sheet("fifo")
    sheet.line("receive", 10, amount=100)
    sheet.line("receive", 10, amount=300)
    before = value_moves(sheet.moves, sheet.book()).states[1]
    sheet.policies += [
        Policy(sheet.at + 1, 0, "moving_average"), Policy(sheet.at + 2, 0, "fifo"),
    ]  # fmt: skip
    latest = (sheet.at, 2)
    sheet.line("issue", -10)
    assert sheet.values()[2] == {"issue": -200}
    book = replace(sheet.book(), openings={1: Opening(*before, latest=latest)})
    assert value_moves(sheet.moves[2:], book).values == {3: {"issue": -200}}
