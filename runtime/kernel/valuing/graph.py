"""What depends on what: groups that need each other, those needed first."""

from collections.abc import Sequence


def in_order(needs: Sequence[set[int]]) -> list[list[int]]:
    """The strongly connected groups of a graph, each after every group it needs (Tarjan)."""
    search = _Search(needs)
    for node in range(len(needs)):
        if node not in search.number:
            search.visit(node)
    return search.groups


class _Search:
    """A depth-first search with its own stack: months may be long chains."""

    def __init__(self, needs: Sequence[set[int]]) -> None:
        self.needs = needs
        self.number: dict[int, int] = {}
        self.lowest: dict[int, int] = {}
        self.open: list[int] = []
        self.is_open: set[int] = set()
        self.groups: list[list[int]] = []

    def visit(self, start: int) -> None:
        """Everything that can be reached from a node."""
        path = [(start, self._enter(start))]
        while path:
            node, left = path[-1]
            if not left:
                path.pop()
                if path:
                    above = path[-1][0]
                    self.lowest[above] = min(self.lowest[above], self.lowest[node])
                self._leave(node)
                continue
            needed = left.pop()
            if needed not in self.number:
                path.append((needed, self._enter(needed)))
            elif needed in self.is_open:
                self.lowest[node] = min(self.lowest[node], self.number[needed])

    def _enter(self, node: int) -> list[int]:
        self.number[node] = self.lowest[node] = len(self.number)
        self.open.append(node)
        self.is_open.add(node)
        return sorted(self.needs[node])

    def _leave(self, node: int) -> None:
        if self.lowest[node] != self.number[node]:
            return
        group: list[int] = []
        while not group or group[-1] != node:
            group.append(self.open.pop())
            self.is_open.discard(group[-1])
        self.groups.append(sorted(group))
