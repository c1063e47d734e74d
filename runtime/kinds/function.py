"""What a formula function is: name, signature, result type, and examples that prove it."""

import doctest
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

from runtime.formula import Parameter
from runtime.formula.types import LIST, NUMERIC, item, joined

ALSO: Final = "也叫："
ResultType = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class Example:
    """A formula and what it must give, as the docstring has it."""

    formula: str
    value: str


@dataclass(frozen=True)
class Function:
    """One entry of the catalogue; its docstring is the help, its examples are tests.

    The docstring has an English paragraph, a Chinese one, perhaps a third of other words people
    look for (也叫：…), and examples. `narrows` names arrays and their criteria (see scope.Callee);
    the argument at `exact_at`, where there is one, must be left out, 0 or FALSE for it to hold.
    `family` and `category` are set where the families are listed.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: ResultType
    call: Callable[..., Any]
    aliases: tuple[str, ...] = ()
    volatile: bool = False
    zoned: bool = False
    server_only: bool = False
    narrows: tuple[tuple[int, int], ...] = ()
    exact_at: int | None = None
    family: str = ""
    category: str = ""

    @property
    def kind(self) -> str:
        """Its name in the registry."""
        return self.name

    @cached_property
    def _paragraphs(self) -> list[str]:
        text = (self.call.__doc__ or "").split(">>>")[0]
        return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]

    def help(self, locale: str = "zh") -> str:
        """What it does, in a sentence."""
        return self._paragraphs[0 if locale.startswith("en") else 1]

    @property
    def words(self) -> tuple[str, ...]:
        """What else people call it when they look for it."""
        found = [part for part in self._paragraphs[2:] if part.startswith(ALSO)]
        return tuple(found[0].removeprefix(ALSO).split("、")) if found else ()

    @property
    def examples(self) -> tuple[Example, ...]:
        """The examples of the docstring."""
        found = doctest.DocTestParser().get_examples(self.call.__doc__ or "")
        return tuple(Example(each.source.strip(), each.want.strip()) for each in found)

    @property
    def signature(self) -> str:
        """How it is written: IF(condition, yes, [no])."""
        parts = []
        for each in self.parameters:
            name = f"{each.name}, …" if each.repeated else each.name
            parts.append(f"[{name}]" if each.optional else name)
        return f"{self.name}({', '.join(parts)})"


Body = TypeVar("Body", bound=Callable[..., Any])


def costs(steps: int) -> Callable[[Body], Body]:
    """Mark a function that computes long: so many steps more are spent on each call."""

    def marked(function: Body) -> Body:
        function.steps = steps  # type: ignore[attr-defined]
        return function

    return marked


def takes(*parameters: str) -> tuple[Parameter, ...]:
    """Parameters in short: "digits: number?" is optional, "values: numbers*" repeated."""
    return tuple(_parameter(each) for each in parameters)


def _parameter(text: str) -> Parameter:
    name, kind = text.split(": ")
    repeated = kind.endswith("*")
    return Parameter(name, kind.rstrip("?*"), "?" in kind, repeated)


def gives(kind: str) -> ResultType:
    """The result type of a function that always gives the same."""
    return lambda _: kind


def total_type(place: int | None = None) -> ResultType:
    """The numeric type of all arguments, or of the one at a place (else of the first)."""

    def result(kinds: Sequence[str]) -> str:
        chosen = kinds if place is None else [kinds[place if place < len(kinds) else 0]]
        found = joined([item(kind) for kind in chosen])
        return found if found in NUMERIC else "number"

    return result


def list_of(place: int = 0) -> ResultType:
    """A list of what the column at a place has."""
    return lambda kinds: LIST + (item(kinds[place]) if item(kinds[place]) != "empty" else "any")
