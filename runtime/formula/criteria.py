"""Criteria of SUMIF and its family, and texts with the wildcards * and ?; never backtracking."""

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import LIMIT_STEPS, CellFaultError, LimitReachedError
from runtime.formula.numbers import read_number
from runtime.formula.values import KEYS, kind_of, to_date, to_time

MAX_PATTERN: Final = 255
# What one criterion with wildcards may compare, over all rows.
MAX_COMPARISONS: Final = 2_000_000
CRITERION: Final = re.compile(r"(>=|<=|<>|>|<|=)?(.*)", re.DOTALL)
_HOLDS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Test = Callable[[Any], bool]
Part = list[str | None]


def criterion(wanted: Any) -> Test:
    """What a row must be: 5, "苹果", ">=10", "<>", "苹*"."""
    if not isinstance(wanted, str):
        return _equal_to(Decimal(0) if wanted is None else wanted)
    found = CRITERION.fullmatch(wanted)
    assert found is not None, "the pattern takes any text"
    sign, text = found[1], found[2]
    if text == "":
        return _empty(sign)
    value = read_criterion(text)
    holds = _HOLDS[sign or "="]
    if not isinstance(value, str):
        return _meant(value, text, sign)
    if sign not in (None, "=", "<>"):
        return _compared(value, holds, others=False)
    if not has_wildcard(text):
        return _compared(value, holds, others=sign == "<>")
    pattern = Pattern(text)
    return lambda item: (isinstance(item, str) and pattern.matches(item)) != (sign == "<>")


def _meant(value: Any, text: str, sign: str | None) -> Test:
    """A text that reads as a number means that number, and the very text where texts stand."""
    others = sign == "<>"
    typed = _compared(value, _HOLDS[sign or "="], others=others)
    if sign not in (None, "=", "<>"):
        return typed
    written = _compared(text, _HOLDS[sign or "="], others=others)
    return lambda item: written(item) if isinstance(item, str) else typed(item)


def _empty(sign: str | None) -> Test:
    if sign is None:
        return lambda item: item is None or item == ""
    if sign == "<>":
        return lambda item: item is not None
    return lambda item: item is None and sign == "="


def _equal_to(wanted: Any) -> Test:
    return _compared(wanted, _HOLDS["="], others=False)


def _compared(wanted: Any, holds: Callable[[Any, Any], bool], *, others: bool) -> Test:
    """Rows of the same kind are compared; those of another kind only differ.

    A text that reads as the number wanted is equal to it: item 1001 is found by 1001.
    """
    kind = kind_of(wanted)
    key = KEYS[kind]
    bound = key(wanted)
    is_number = kind is Decimal and holds in (operator.eq, operator.ne)

    def test(item: Any) -> bool:
        if kind_of(item) is kind:
            return holds(key(item), bound)
        if is_number and isinstance(item, str) and _reads_as(item, wanted):
            return holds is operator.eq
        return others

    return test


def _reads_as(text: str, number: Decimal) -> bool:
    try:
        return read_number(text) == number
    except CellFaultError:
        return False


def read_criterion(text: str) -> Any:
    """What a criterion means: a truth value, a number, a date, a time, or just its text."""
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    for reader in (read_number, to_date, to_time):
        try:
            return reader(text)
        except CellFaultError:
            continue
    return text


def has_wildcard(text: str) -> bool:
    """Whether a text means more than itself."""
    return any(sign in text for sign in "*?~")


class Pattern:
    """A text in which * stands for anything, ? for one character, ~ makes them plain."""

    def __init__(self, text: str) -> None:
        self.left = MAX_COMPARISONS
        self.parts: list[Part] = [[]]
        place = 0
        text = text[:MAX_PATTERN].lower()
        while place < len(text):
            character = text[place]
            if character == "~" and text[place + 1 : place + 2] in ("*", "?", "~"):
                place += 1
                self.parts[-1].append(text[place])
            elif character == "*":
                self.parts.append([])
            else:
                self.parts[-1].append(None if character == "?" else character)
            place += 1

    def matches(self, text: str) -> bool:
        """Whether the whole text is of this form."""
        self.spend(len(self.parts))
        text = text.lower()
        first, last = self.parts[0], self.parts[-1]
        if len(self.parts) == 1:
            return len(first) == len(text) and _stands(first, text, 0)
        end = len(text) - len(last)
        if end < len(first) or not _stands(first, text, 0) or not _stands(last, text, end):
            return False
        place = len(first)
        for part in self.parts[1:-1]:
            found = self.search(part, text, place, end)
            if found is None:
                return False
            place = found + len(part)
        return True

    def find(self, text: str, start: int) -> int | None:
        """Where the text first contains this form.

        The first place of the first part decides: what does not follow there follows nowhere later.
        """
        text = text.lower()
        found = place = self.search(self.parts[0], text, start, len(text))
        for before, part in zip(self.parts, self.parts[1:], strict=False):
            if place is None:
                return None
            place = self.search(part, text, place + len(before), len(text))
        return found if place is not None else None

    def search(self, part: Part, text: str, start: int, end: int) -> int | None:
        """Where a part first stands between two places."""
        if None not in part:
            place = text.find("".join(sign or "" for sign in part), start, end)
            return place if place >= 0 else None
        self.spend(len(part) * max(end - start, 0))
        return _shifted(part, text, start, end)

    def spend(self, comparisons: int) -> None:
        """Count what is compared; ends the evaluation when it is too much."""
        self.left -= comparisons
        if self.left < 0:
            raise LimitReachedError(LIMIT_STEPS)


def _shifted(part: Part, text: str, start: int, end: int) -> int | None:
    """The same with ? in the part: one bit for each sign of it, set while all before it stand."""
    anything, signs = 0, dict[str, int]()
    for at, sign in enumerate(part):
        if sign is None:
            anything |= 1 << at
        else:
            signs[sign] = signs.get(sign, 0) | 1 << at
    state, last = 0, 1 << (len(part) - 1)
    for place in range(start, end):
        state = (state << 1 | 1) & (signs.get(text[place], 0) | anything)
        if state & last:
            return place - len(part) + 1
    return None


def _stands(part: Part, text: str, place: int) -> bool:
    if place + len(part) > len(text):
        return False
    return all(sign is None or sign == text[place + at] for at, sign in enumerate(part))
