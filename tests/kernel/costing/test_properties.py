"""What holds for every timeline and every method."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.kernel.costing import Valued, Walker, layers, value_moves
from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal

from .memory import opened_from
from .timelines import DAY, START, Step, Timeline

STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.integers(0, 13), st.integers(0, 5), st.integers(0, 60), st.integers(0, 49),
        st.sampled_from((0, 0, 5, 24, 200)),
    ),
    min_size=2, max_size=60,
)  # fmt: skip
EPOCH = date(1970, 1, 1).toordinal()
MONTHS = [date(2024 + n // 12, n % 12 + 1, 1).toordinal() - EPOCH for n in range(30)]
Values = dict[int, dict[str, int]]
BOUND = {Refusal.NEGATIVE_VALUE, Refusal.COST_CYCLE}
every_method = pytest.mark.parametrize(
    ("method", "variance", "other"),
    [
        ("moving_average", "expense", ""), ("fifo", "expense", ""), ("specific", "expense", ""),
        ("standard", "expense", ""), ("month_end_average", "expense", ""),
        ("standard", "rate", ""), ("fifo", "expense", "moving_average"),
        ("month_end_average", "expense", "fifo"),
    ],
)  # fmt: skip


def whole_months(method: str, other: str, variance: str) -> bool:
    """Whether such a timeline may only be cut between months."""
    return "month_end_average" in {method, other} or variance == "rate"


@every_method
@given(steps=STEPS, negative=st.booleans())
def test_no_cent_is_made_or_lost(
    steps: list[Step], method: str, variance: str, other: str, negative: bool
) -> None:
    timeline = Timeline(method, variance, negative, other).play(steps)
    valued = value_moves(timeline.moves, timeline.book())
    assert valued.values.keys() == {move.id for move in timeline.moves}
    for pool, (qty, value, state) in valued.states.items():
        own = [move for move in timeline.moves if move.pool == pool]
        assert qty == sum(move.dq for move in own)
        assert value == sum(sum(valued.values[move.id].values()) for move in own)
        assert qty != 0 or value == 0
        if not valued.problems:
            assert qty <= 0 or value >= 0
        found = layers(state, qty, value)
        assert sum(part for part, _ in found) == max(qty, 0)
        if qty > 0:
            assert sum(worth for _, worth in found) == value
    _both_legs_are_worth_the_same(timeline.moves, valued.values)
    _assemblies_bring_out_what_they_use_up(timeline.moves, valued.values)


def _both_legs_are_worth_the_same(moves: Sequence[Move], values: Values) -> None:
    for move in moves:
        if move.kind == "transfer_in":
            assert move.peer is not None
            assert values[move.id]["transfer"] == -values[move.peer]["transfer"]


def _assemblies_bring_out_what_they_use_up(moves: Sequence[Move], values: Values) -> None:
    totals: dict[int, int] = {}
    for move in moves:
        if move.kind in {"consume", "produce"}:
            extra = move.amount or 0
            worth = values[move.id].get("assembly", 0) - extra
            totals[move.posting] = totals.get(move.posting, 0) + worth
    assert not any(totals.values())


@every_method
@given(steps=STEPS, cut=st.integers(0, 1000), negative=st.booleans())
def test_a_walk_in_two_parts_is_the_walk(
    steps: list[Step], cut: int, method: str, variance: str, other: str, negative: bool
) -> None:
    timeline = Timeline(method, variance, negative, other).play(steps)
    at = START + (timeline.at - START) * cut // 1000
    if whole_months(method, other, variance):
        at = max(border for border in MONTHS if border * DAY <= at) * DAY
    first = [move for move in timeline.moves if move.at < at]
    then = [move for move in timeline.moves if move.at >= at]
    whole = value_moves(timeline.moves, timeline.book())
    if BOUND & {code for code, _ in whole.problems}:
        return
    before = value_moves(first, timeline.book())
    for move in first:
        move.values = dict(before.values[move.id])
        move.layers = before.layers.get(move.id, "")
    after = value_moves(then, opened_from(timeline.book(), first, before.states))
    for move in first:
        move.values = {}
    joined = {number: dict(values) for number, values in before.values.items()}
    for number, values in after.values.items():
        joined.setdefault(number, {}).update(values)
    assert _plain(joined) == _plain(whole.values)
    assert after.states == whole.states


@every_method
@given(steps=STEPS, negative=st.booleans())
def test_month_by_month_is_the_walk(
    steps: list[Step], method: str, variance: str, other: str, negative: bool
) -> None:
    timeline = Timeline(method, variance, negative, other).play(steps)
    whole = value_moves(timeline.moves, timeline.book())
    walker = Walker(timeline.book())
    values: Values = {}
    last: Valued | None = None
    for month in _months(timeline.moves):
        last = walker.feed(month)
        for number, found in last.values.items():
            values.setdefault(number, {}).update(found)
    assert _plain(values) == _plain(whole.values)
    assert last is None or last.states == whole.states


@every_method
@given(steps=STEPS, negative=st.booleans())
def test_valuing_changes_nothing_it_is_given(
    steps: list[Step], method: str, variance: str, other: str, negative: bool
) -> None:
    timeline = Timeline(method, variance, negative, other).play(steps)
    twice = [value_moves(timeline.moves, timeline.book()) for _ in range(2)]
    assert twice[0] == twice[1]
    assert not any(move.values for move in timeline.moves)


def _plain(values: Values) -> Values:
    return {
        number: {account: dv for account, dv in found.items() if dv}
        for number, found in values.items()
    }  # fmt: skip


def _months(moves: Sequence[Move]) -> list[list[Move]]:
    months = [
        [move for move in moves if start * DAY <= move.at < end * DAY]
        for start, end in pairwise(MONTHS)
    ]
    return [month for month in months if month]
