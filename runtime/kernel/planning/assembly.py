"""Assembly and disassembly: goods are used up, others come out, the value is conserved."""

from fractions import Fraction
from math import gcd, lcm

from runtime.kernel.amounts import Exact, is_finite
from runtime.kernel.commands import Assemble
from runtime.kernel.lines import IssueLine, OutputLine
from runtime.kernel.moves import Move
from runtime.kernel.planning.draft import Draft, Names, find_names
from runtime.kernel.planning.goods import (
    Goods,
    check_goods,
    need_lot,
    note_dates,
    pick_lots,
    refuse_expired,
)
from runtime.kernel.planning.reserved import take_reserved
from runtime.kernel.planning.shares import split
from runtime.kernel.planning.values import amount_of, priced
from runtime.kernel.refusals import Refusal


def plan_assembly(draft: Draft, command: Assemble) -> None:
    """What is used up out of its pools, then what comes out, with its part of the value."""
    lines: tuple[IssueLine | OutputLine, ...] = (*command.inputs, *command.outputs)
    names = find_names(
        draft, (line.item for line in lines), (line.warehouse for line in lines),
        with_uoms=any(line.uom for line in lines),
    )  # fmt: skip
    inputs = _inputs(draft, names, command)
    outputs = _outputs(draft, names, command)
    extra = amount_of(draft, 0, command, name="extra_cost")
    if draft.refused() is not None or extra is None:
        return
    pools = draft.find_pools(key for goods in (*inputs, *outputs) for key in goods.keys(names))
    used: list[Move] = [
        goods.add(draft, pools[goods.key_of(names, part)], part, "consume", -1)
        for goods in inputs
        for part in goods.parts
    ]
    if extra:
        # What it costs beside its inputs stands on the first of them.
        used[0].amount = extra
    weights = _weights(outputs)
    for goods in outputs:
        made = [
            goods.add(draft, pools[goods.key_of(names, part)], part, "produce", 1)
            for part in goods.parts
        ]
        _value(draft, goods, made, used, weights)


def _inputs(draft: Draft, names: Names, command: Assemble) -> list[Goods]:
    found = [check_goods(draft, names, number, line) for number, line in enumerate(command.inputs)]
    inputs = [goods for goods in found if goods is not None]
    take_reserved(draft, inputs)
    pick_lots(draft, inputs)
    refuse_expired(draft, inputs)
    return inputs


def _outputs(draft: Draft, names: Names, command: Assemble) -> list[Goods]:
    outputs: list[Goods] = []
    first = len(command.inputs)
    for number, line in enumerate(command.outputs, first):
        goods = check_goods(draft, names, number, line)
        if goods is None:
            continue
        need_lot(draft, goods)
        note_dates(draft, goods, line.produced, line.expiry)
        share: Exact | None = line.share
        if share is not None and (not is_finite(share) or share < 0 or line.unit_cost is not None):
            draft.wrong(Refusal.BAD_VALUE, number, "share", line)
        if line.unit_cost == "input" and line.item not in {one.item for one in command.inputs}:
            draft.wrong(Refusal.BAD_VALUE, number, "unit_cost", line)
        outputs.append(goods)
    return outputs


def _weights(outputs: list[Goods]) -> dict[int, int]:
    """The parts of the outputs that share the rest: by share or, without any share, by quantity."""
    sharing = [goods for goods in outputs if goods.given.unit_cost is None]
    by_share = any(goods.given.share is not None for goods in sharing)
    exact = {
        goods.line: Fraction(goods.given.share or 0)
        if by_share
        else Fraction(goods.atoms, goods.item.atoms_per_base)
        for goods in sharing
    }
    # Many moves of one line each take a part of its weight, by quantity.
    scale = {goods.line: len(goods.parts) for goods in sharing}
    common = lcm(*(weight.denominator * scale[line] for line, weight in exact.items()))
    whole = {line: int(weight * common) for line, weight in exact.items()}
    divisor = gcd(*(weight // scale[line] for line, weight in whole.items())) or 1
    return {line: weight // divisor for line, weight in whole.items()}


def _value(
    draft: Draft, goods: Goods, made: list[Move], used: list[Move], weights: dict[int, int]
) -> None:
    """Say how the moves of an output line are valued; several split its part by quantity."""
    line: OutputLine = goods.given
    claims = [(move.dq, 1) for move in made]
    if line.unit_cost == "input":
        sources = [move for move in used if move.item == goods.item.id]
        for move in made:
            same = [one for one in sources if (one.lot, one.serial) == (move.lot, move.serial)]
            move.mode, move.peer = "input", (same or sources)[0].id
    elif line.unit_cost is None:
        for move in made:
            move.mode, move.weight = "share", weights[goods.line] * move.dq // goods.atoms
    else:
        value = priced(draft, goods.line, line, line.qty, line.unit_cost) or 0
        for move, amount in zip(made, split(value, claims), strict=True):
            move.mode, move.amount = "fixed", amount
