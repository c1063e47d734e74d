"""What a formula function is: name, signature, result type, and examples that prove it."""

import doctest
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from runtime.formula import Parameter

ResultType = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class Example:
    """A formula and what it must give, as the docstring has it."""

    formula: str
    value: str


@dataclass(frozen=True)
class Function:
    """One entry of the catalogue; its docstring is the help, its examples are tests.

    The docstring has an English sentence, a blank line, a Chinese sentence, and examples.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: ResultType
    call: Callable[..., Any]
    aliases: tuple[str, ...] = ()
    volatile: bool = False
    server_only: bool = False

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
