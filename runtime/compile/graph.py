"""What depends on what in an app: from field to field, in one order, cycles as paths.

A node is a field of a form (or of one of its line tables). An edge says which field is read by
which, and how far away it stands: in the same record, in a record that a reference points to, in
any record of another form.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Final, Literal, NamedTuple

How = Literal[
    "record",
    "via",
    "live",
    "rollup",
    "aggregate",
    "table",
    "lookup",
    "fill",
    "default",
    "check",
    "rule",
]
Place = tuple[str | None, str]

# A change of what is read changes what reads it. A lookup that is no live one is a copy, `fill` and
# `default` are a start: they are worth knowing of (where-used), and nothing follows from them.
FOLLOWING: Final = frozenset({"record", "via", "live", "rollup", "aggregate", "table"})


class Node(NamedTuple):
    """A field: of the header (`lines` None) or of a line table."""

    form: str
    lines: str | None
    field: str

    @property
    def place(self) -> Place:
        """Where it stands in its form."""
        return self.lines, self.field


@dataclass(frozen=True)
class Narrow:
    """A column of what is read has to be equal to a field of the one who reads."""

    column: str
    own: Place


@dataclass(frozen=True)
class Edge:
    """`node` is computed from `reads`.

    `through` is the reference field that leads there; of a column of a form, `narrow` says which
    of its rows matter at all: each of the equalities has to hold.
    """

    reads: Node
    node: Node
    how: How
    through: Place | None = None
    narrow: tuple[Narrow, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether a change of what is read changes the node."""
        return self.how in FOLLOWING


class Cycle(Exception):  # noqa: N818 - reads as what it is, with its path
    """Fields that need each other; `path` ends where it begins."""

    def __init__(self, path: Sequence[Node]) -> None:
        super().__init__(" → ".join(".".join(filter(None, node)) for node in path))
        self.path = tuple(path)


@dataclass(frozen=True, eq=False)
class Graph:
    """Every edge of an app, and what is computed in an order in which it can be."""

    edges: tuple[Edge, ...] = ()
    order: tuple[Node, ...] = ()

    @cached_property
    def rank(self) -> Mapping[Node, int]:
        """The place of each computed node in the order."""
        return {node: place for place, node in enumerate(self.order)}

    @cached_property
    def readers(self) -> Mapping[Node, tuple[Edge, ...]]:
        """The edges by what is read: only those that make something change."""
        return _grouped((edge.reads, edge) for edge in self.edges if edge.follows)

    @cached_property
    def readers_of(self) -> Mapping[str, tuple[Edge, ...]]:
        """The same by the form that is read."""
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            if edge.follows:
                found.setdefault(edge.reads.form, []).append(edge)
        return {form: tuple(edges) for form, edges in found.items()}

    @cached_property
    def inputs(self) -> Mapping[Node, tuple[Edge, ...]]:
        """The edges by what is computed."""
        return _grouped((edge.node, edge) for edge in self.edges)

    @cached_property
    def forms_read(self) -> frozenset[str]:
        """The forms whose records are read by others: a write to any other form ends with it."""
        return frozenset(
            edge.reads.form for edge in self.edges if edge.follows and edge.how != "record"
        )

    @cached_property
    def of_rollups(self) -> frozenset[Node]:
        """What is computed from a roll-up of the same record.

        A roll-up goes on changing when its record is decided, and so do these.
        """
        started = {edge.node for edge in self.edges if edge.how in ("rollup", "aggregate")}
        return self._after(started, frozenset({"record"})) - started

    def after(self, nodes: Iterable[Node]) -> frozenset[Node]:
        """These nodes and everything that is computed from them, however far away."""
        return self._after(nodes, FOLLOWING)

    def _after(self, nodes: Iterable[Node], hows: frozenset[str]) -> frozenset[Node]:
        found = set(nodes)
        waiting = deque(found)
        while waiting:
            for edge in self.readers.get(waiting.popleft(), ()):
                if edge.how in hows and edge.node not in found:
                    found.add(edge.node)
                    waiting.append(edge.node)
        return frozenset(found)


def graph(edges: Iterable[Edge], computed: Iterable[Node]) -> Graph:
    """Put what is computed in order; raises Cycle where there is none."""
    unique = tuple(dict.fromkeys(edges))
    nodes = tuple(dict.fromkeys(computed))
    try:
        # Copies come after what they copy where that is possible.
        order = _sorted(nodes, [edge for edge in unique if edge.follows or edge.how == "lookup"])
    except Cycle:
        order = _sorted(nodes, [edge for edge in unique if edge.follows])
    return Graph(unique, order)


def _sorted(nodes: Sequence[Node], edges: Iterable[Edge]) -> tuple[Node, ...]:
    sorter: TopologicalSorter[Node] = TopologicalSorter(dict.fromkeys(nodes, ()))
    wanted = set(nodes)
    for edge in edges:
        if edge.reads in wanted and edge.node in wanted:
            sorter.add(edge.node, edge.reads)
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        # graphlib begins with what is read; a reader of the message expects "needs".
        raise Cycle(tuple(reversed(error.args[1]))) from None


def _grouped(pairs: Iterable[tuple[Node, Edge]]) -> Mapping[Node, tuple[Edge, ...]]:
    found: dict[Node, list[Edge]] = {}
    for node, edge in pairs:
        found.setdefault(node, []).append(edge)
    return {node: tuple(edges) for node, edges in found.items()}
