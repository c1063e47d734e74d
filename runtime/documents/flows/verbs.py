"""The verbs of documents that steps of a flow use.

A flow is begun by a verb and uses verbs itself: they are given to it once, where the package puts
its parts together, so that neither has to know where the other lives.
"""

from collections.abc import Callable
from dataclasses import dataclass

from runtime.query import Record

Verb = Callable[..., Record]


@dataclass(frozen=True)
class Verbs:
    """What steps do with records."""

    create: Verb
    create_and_submit: Verb
    submit: Verb
    update: Verb
    delete: Callable[..., None]
    convert: Verb


_given: list[Verbs] = []


def give(verbs: Verbs) -> None:
    """Say which they are; once, by the package."""
    _given[:] = [verbs]


def verbs() -> Verbs:
    """The verbs."""
    assert _given, "the package gives them when it is imported"
    return _given[0]
