"""Assembly and disassembly: what is used up is, with the extra cost, what is brought out."""

from runtime.kernel.amounts import share
from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal
from runtime.kernel.valuing.apportion import apportion
from runtime.kernel.valuing.goods import enter
from runtime.kernel.valuing.pool import Pool
from runtime.kernel.valuing.prospect import Assembly
from runtime.kernel.valuing.walk import Walk


def consume(walk: Walk, move: Move, pool: Pool) -> None:
    """An input at the cost of its pool."""
    walk.values[move.id] = {"assembly": -pool.take(-move.dq, move.id)}


def produce(walk: Walk, move: Move, pool: Pool) -> None:
    """An output at its part."""
    enter(walk, move, pool, "assembly", part_of(walk, move))


def part_of(walk: Walk, move: Move) -> int:
    """An output's part."""
    assembly = walk.ahead.assemblies[move.id]
    if "assembly" in move.values and _is_unchanged(walk, assembly):
        return move.values["assembly"]
    if not assembly.parts:
        assembly.parts = _parts(walk, assembly)
    return assembly.parts[move.id]


def _is_unchanged(walk: Walk, assembly: Assembly) -> bool:
    """Whether no input costs another value than the books say; some outputs may be unknown then."""
    return not walk.is_whole and all(
        walk.values[move.id].get("assembly") == move.values.get("assembly")
        for move in assembly.inputs
    )


def _parts(walk: Walk, assembly: Assembly) -> dict[int, int]:
    """Fixed and input-priced outputs first, the rest by weight; without any the last takes it."""
    outputs = assembly.outputs
    rest = total_of(walk, assembly)
    parts: dict[int, int] = {}
    for output in outputs:
        if output.mode == "fixed":
            parts[output.id] = output.amount or 0
        elif output.mode == "input":
            parts[output.id] = _as_input(walk, output)
    rest -= sum(parts.values())
    if rest < 0:
        walk.refuse(Refusal.NEGATIVE_VALUE, outputs[0])
    sharing = [output for output in outputs if output.id not in parts]
    split = apportion(rest, [output.weight or 0 for output in sharing])
    for output, part in zip(sharing, split, strict=True):
        parts[output.id] = part
    if not sharing:
        parts[outputs[-1].id] += rest
    return parts


def extra_of(walk: Walk, assembly: Assembly) -> int:
    """The extra cost: what inputs carry as amount, else what is known of the posting."""
    inputs = assembly.inputs + assembly.outside
    amounts = [move.amount for move in inputs if move.amount is not None]
    if amounts or not assembly.is_first:
        return sum(amounts)
    return walk.book.extra.get(assembly.outputs[0].posting, 0)


def total_of(walk: Walk, assembly: Assembly) -> int:
    """What the inputs cost, and the extra cost."""
    values = [walk.values[move.id] for move in assembly.inputs]
    values += [move.values for move in assembly.outside]
    return extra_of(walk, assembly) - sum(found.get("assembly", 0) for found in values)


def _as_input(walk: Walk, output: Move) -> int:
    """What the same goods among the inputs cost."""
    assert output.peer is not None, "an output at input cost names its input"
    source, values = walk.found(output.peer)
    cost = -values.get("assembly", 0)
    return share(cost, 0, output.dq, -source.dq, walk.book.rounding)
