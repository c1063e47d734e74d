"""Assembly and disassembly: what is used up is, with the extra cost, what is brought out."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from runtime.kernel.amounts import share
from runtime.kernel.moves import Move
from runtime.kernel.refusals import Refusal
from runtime.kernel.valuing.apportion import apportion
from runtime.kernel.valuing.goods import enter
from runtime.kernel.valuing.linear import Linear
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


def exact_part(walk: Walk, move: Move, node_of: Mapping[int, int]) -> Linear:
    """An output's part before rounding, as far as inputs wait for the average of their month."""
    assembly = walk.ahead.assemblies[move.id]
    waits = any(one.id in node_of for one in assembly.inputs)
    if not waits and "assembly" in move.values and _is_unchanged(walk, assembly):
        return Linear(Fraction(move.values["assembly"]))
    exact = {output.id: _exact_given(walk, output, node_of) for output in assembly.outputs}
    given = [linear for linear in exact.values() if linear is not None]
    rest = Linear(Fraction(extra_of(walk, assembly)))
    for source in assembly.inputs + assembly.outside:
        rest.add(_exact_cost(walk, source, node_of), Fraction(1))
    for linear in given:
        rest.add(linear, Fraction(-1))
    own = exact[move.id]
    sharing = [output for output in assembly.outputs if exact[output.id] is None]
    part = Linear() if own is None else own
    if own is None:
        part.add(rest, _fraction_of(move, sharing))
    elif not sharing and move is assembly.outputs[-1]:
        part.add(rest, Fraction(1))
    return part


def _fraction_of(move: Move, sharing: Sequence[Move]) -> Fraction:
    whole = sum(output.weight or 0 for output in sharing)
    if whole <= 0:
        return Fraction(int(move is sharing[-1]))
    return Fraction(move.weight or 0, whole)


def _exact_given(walk: Walk, output: Move, node_of: Mapping[int, int]) -> Linear | None:
    if output.mode == "fixed":
        return Linear(Fraction(output.amount or 0))
    if output.mode != "input":
        return None
    assert output.peer is not None, "an output at input cost names its input"
    assembly = walk.ahead.assemblies[output.id]
    source = next(one for one in assembly.inputs + assembly.outside if one.id == output.peer)
    linear = Linear()
    linear.add(_exact_cost(walk, source, node_of), Fraction(output.dq, -source.dq))
    return linear


def _exact_cost(walk: Walk, source: Move, node_of: Mapping[int, int]) -> Linear:
    if source.id in node_of:
        return Linear(parts={node_of[source.id]: Fraction(-source.dq)})
    if source.id in walk.exact:
        return Linear(walk.exact[source.id])
    values = walk.values.get(source.id, source.values)
    return Linear(Fraction(-values.get("assembly", 0)))
