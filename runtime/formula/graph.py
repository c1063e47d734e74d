"""Which field needs which: the order of evaluation, and cycles as paths."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from runtime.formula.formula import FieldKey, Formula


class Cycle(Exception):  # noqa: N818 - reads as what it is, with its path
    """Formulas that need each other; `path` ends where it begins."""

    def __init__(self, path: tuple[FieldKey, ...]) -> None:
        super().__init__(" → ".join(".".join(filter(None, key)) for key in path))
        self.path = path


def order(formulas: Mapping[FieldKey, Formula]) -> tuple[FieldKey, ...]:
    """The keys in an order in which each formula comes after those it reads; raises Cycle."""
    sorter: TopologicalSorter[FieldKey] = TopologicalSorter()
    for key, formula in formulas.items():
        sorter.add(key, *sorted(formula.references & formulas.keys(), key=str))
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        # graphlib lists predecessors first; a reader expects "needs".
        raise Cycle(tuple(reversed(error.args[1]))) from None
