"""A registry is a tuple you can read: a frozen mapping built from its kinds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """Something with a wire name."""

    @property
    def kind(self) -> str:
        """The name used in definitions."""
        ...


K = TypeVar("K", bound=Named)


class Registry(Mapping[str, K], Generic[K]):
    """Kinds by name, in the order of their tuple."""

    def __init__(self, noun: str, kinds: Sequence[K]) -> None:
        self._noun = noun
        self._kinds = {kind.kind: kind for kind in kinds}
        assert len(self._kinds) == len(kinds), f"two {noun}s share a name"

    def __getitem__(self, name: str) -> K:
        try:
            return self._kinds[name]
        except KeyError:
            names = ", ".join(self._kinds)
            raise KeyError(f"no {self._noun} called {name!r}; there are: {names}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)
