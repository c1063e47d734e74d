"""Arguments of a function as it wants them: the meaning of a parameter's type.

number text boolean date any   one value, turned into that kind; a column makes the call run per row
clock                          the same, for what has an hour: a date, a datetime or a time
raw                            one value as it is, errors too; a column makes the call run per row
numbers                        everything numeric in the arguments, as SUM takes it
ordered                        numbers and dates, as MAX takes them
values                         every value, errors refused, as CONCAT takes them
anything                       every value, errors too, as COUNTA takes them
counted                        every value, errors too, as COUNT takes them
array                          the rows of one column, errors too
lazy                           a function without arguments that computes the value when wanted

A call costs a step and one for each argument; a function that computes much more says how many it
costs besides in its attribute `steps`.

A field standing alone is read like a cell in Excel: in `numbers` an empty or text field is skipped,
while a text written in the formula is read as a number.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from runtime.formula.cell_errors import BAD_ARGUMENT, CellError, CellFaultError
from runtime.formula.scope import Parameter
from runtime.formula.values import (
    Array,
    Work,
    row_of,
    to_boolean,
    to_clock,
    to_date,
    to_number,
    to_text,
)

SCALARS: Final[dict[str, Callable[[Any], Any]]] = {
    "number": to_number,
    "text": to_text,
    "boolean": to_boolean,
    "date": to_date,
    "clock": to_clock,
    "any": lambda value: value,
}
PER_ROW: Final = frozenset({*SCALARS, "raw"})
DATED: Final = ("date", "clock")
# Where a field standing alone is read like a cell.
FLAT: Final = frozenset({"numbers", "ordered", "values", "anything", "counted"})
# Where an error is a value like any other.
_PATIENT: Final = frozenset({"anything", "counted"})
CELLS: Final = FLAT | {"array"}


def kind_at(parameters: Sequence[Parameter], place: int) -> str:
    """The kind of the argument at `place`; repeated parameters stand last and take turns."""
    if place < len(parameters):
        return parameters[place].type
    repeated = [each for each in parameters if each.repeated]
    return repeated[(place - len(parameters)) % len(repeated)].type


def call(
    work: Work, function: Callable[..., Any], parameters: Sequence[Parameter], given: Sequence[Any]
) -> Any:
    """Call with arguments already evaluated (lazy ones as thunks), once or once per row."""
    work.spend(1 + len(given))
    per_row = [at for at in range(len(given)) if kind_at(parameters, at) in PER_ROW]
    columns = [given[at].items for at in per_row if isinstance(given[at], Array)]
    if not columns:
        found = _once(work, function, parameters, given)
        work.read(len(found.items) if isinstance(found, Array) else 0)
        return found
    rows = []
    for place in range(max(len(each) for each in columns)):
        work.spend(len(given))
        row = [row_of(each, place) if at in per_row else each for at, each in enumerate(given)]
        found = _once(work, function, parameters, row)
        # A list has no lists in it.
        rows.append(BAD_ARGUMENT if isinstance(found, Array) else found)
    return Array(tuple(rows))


def _once(
    work: Work, function: Callable[..., Any], parameters: Sequence[Parameter], given: Sequence[Any]
) -> Any:
    for place, value in enumerate(given):
        # An empty date has no year and no month: what is asked of it stays empty.
        if (value is None or value == "") and kind_at(parameters, place) in DATED:
            return None
    work.weigh(given)
    work.spend(getattr(function, "steps", 0))
    try:
        found = function(*_bound(work, parameters, given))
    except CellFaultError as fault:
        return fault.error
    work.weigh((found,))
    return found


def _bound(work: Work, parameters: Sequence[Parameter], given: Sequence[Any]) -> Iterator[Any]:
    """One Python argument per parameter; what is repeated comes as one tuple at the end."""
    single = [each for each in parameters if not each.repeated]
    for parameter, argument in zip(single, given, strict=False):
        yield _converted(work, parameter.type, argument)
    repeated = [each.type for each in parameters if each.repeated]
    if not repeated:
        return
    rest = given[len(single) :]
    if repeated[0] in FLAT:
        yield tuple(each for value in rest for each in _flat(work, repeated[0], value))
        return
    yield tuple(
        _converted(work, repeated[at % len(repeated)], value) for at, value in enumerate(rest)
    )


def _converted(work: Work, kind: str, value: Any) -> Any:
    if kind in ("raw", "lazy"):
        return value
    if kind == "array":
        items = value.items if isinstance(value, Array) else (value,)
        work.read(len(items))
        work.weigh(items)
        return items
    if kind in FLAT:
        return tuple(_flat(work, kind, value))
    if isinstance(value, CellError):
        raise CellFaultError(value)
    return SCALARS[kind](value)


def _flat(work: Work, kind: str, value: Any) -> Iterator[Any]:
    """The values an argument brings to a function that takes many."""
    if not isinstance(value, Array):
        yield _direct(kind, value)
        return
    work.read(len(value.items))
    work.weigh(value.items)
    for item in value.items:
        if isinstance(item, CellError) and kind not in _PATIENT:
            raise CellFaultError(item)
        if _counts(kind, item):
            yield item


def _direct(kind: str, value: Any) -> Any:
    """A value written in the formula itself: SUM("3", TRUE) is 4."""
    if isinstance(value, CellError) and kind not in _PATIENT:
        raise CellFaultError(value)
    if kind == "numbers" or (kind == "ordered" and not isinstance(value, date | time)):
        return to_number(value)
    return _read(value) if kind == "counted" and isinstance(value, bool | str) else value


def _read(value: Any) -> Any:
    """What is written in the formula as the number or date it says, else as it is."""
    for reading in (to_number, to_date):
        with suppress(CellFaultError):
            return reading(value)
    return value


def _counts(kind: str, item: Any) -> bool:
    """Whether an item of a column takes part."""
    if kind == "numbers":
        return isinstance(item, Decimal)
    return isinstance(item, Decimal | date | time) if kind == "ordered" else True
