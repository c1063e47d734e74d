"""Drawing wrong edits from a seed and trying each."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from build_tools.wrong_edits import of_fields, of_rules
from build_tools.wrong_edits.edit import Edit, Operator, Source
from builder.testing.run import first_failure
from runtime.infra import strict_json
from runtime.infra.errors import AppError

OPERATORS: Final[tuple[Operator, ...]] = (*of_fields.OPERATORS, *of_rules.OPERATORS)
By = Literal["refused", "test", "nobody"]


@dataclass(frozen=True)
class Tried:
    """What became of a wrong edit: refused by the checks, caught by a test, or by nobody."""

    edit: Edit
    by: By
    said: str = ""


def draw(source: Source, seed: int, count: int) -> tuple[Edit, ...]:
    """Return so many different edits: an operator is drawn first, then one of its places.

    So a kind of mistake that has few places weighs as much as one that has a hundred.
    """
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice
    same = strict_json.canonical(dict(source))
    waiting = {operator.__name__: _shuffled(operator(source), chance) for operator in OPERATORS}
    drawn: list[Edit] = []
    while len(drawn) < count:
        left = [name for name, edits in waiting.items() if edits]
        if not left:
            break
        edit = waiting[chance.choice(left)].pop()
        if strict_json.canonical(edit.made(source)) != same:
            drawn.append(edit)
    return tuple(drawn)


def tried(source: Source, edits: Sequence[Edit]) -> Iterator[Tried]:
    """Try each edit on the app: first its checks, then its own tests, up to the first failure."""
    for edit in edits:
        try:
            failed = first_failure(edit.made(source))
        except AppError as error:
            said = ", ".join(f"{each.code} {each.pointer}" for each in error.problems[:2])
            yield Tried(edit, "refused", said or error.code)
            continue
        if failed is None:
            yield Tried(edit, "nobody")
        else:
            yield Tried(edit, "test", f"{failed.test.code} {failed.differences[0].at}")


def _shuffled(edits: Iterator[Edit], chance: random.Random) -> list[Edit]:
    found = list(edits)
    chance.shuffle(found)
    return found
