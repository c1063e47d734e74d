"""Error values as the small numbers a statement answers with."""

from typing import Final

from runtime.formula import cell_errors
from runtime.formula.cell_errors import CellError

_ALL: Final = tuple(
    sorted(
        {each for each in vars(cell_errors).values() if isinstance(each, CellError)},
        key=lambda each: (each.kind, each.reason),
    )
)
_CODES: Final = {each: place for place, each in enumerate(_ALL, 1)}
# The row needs Python: SQL cannot give its value exactly.
ASK_PYTHON: Final = 0


def code(error: CellError) -> int:
    """The number of an error."""
    return _CODES[error]


def error(number: int) -> CellError:
    """The error of a number."""
    return _ALL[number - 1]


def codes(kind: str) -> tuple[int, ...]:
    """The numbers of all errors of a kind such as #N/A."""
    return tuple(number for each, number in _CODES.items() if each.kind == kind)
