"""#DIV/0! and friends as values, so that one bad cell cannot stop a save."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class CellError:
    """A value that says why there is none; `reason` is the code of a message."""

    kind: str
    reason: str

    def __str__(self) -> str:
        return self.kind


DIVISION_BY_ZERO: Final = CellError("#DIV/0!", "cell_division_by_zero")
NO_VALUES: Final = CellError("#DIV/0!", "cell_no_values")
NOT_A_NUMBER: Final = CellError("#VALUE!", "cell_not_a_number")
NOT_A_BOOLEAN: Final = CellError("#VALUE!", "cell_not_a_boolean")
NOT_A_DATE: Final = CellError("#VALUE!", "cell_not_a_date")
NOT_A_TIME: Final = CellError("#VALUE!", "cell_not_a_time")
WRONG_KIND: Final = CellError("#VALUE!", "cell_wrong_kind")
BAD_ARGUMENT: Final = CellError("#VALUE!", "cell_bad_argument")
BAD_FORMAT: Final = CellError("#VALUE!", "cell_bad_format")
TEXT_NOT_FOUND: Final = CellError("#VALUE!", "cell_text_not_found")
NUMBER_TOO_LARGE: Final = CellError("#NUM!", "cell_number_too_large")
OUT_OF_RANGE: Final = CellError("#NUM!", "cell_out_of_range")
NO_SUCH_DATE: Final = CellError("#NUM!", "cell_no_such_date")
NOT_AVAILABLE: Final = CellError("#N/A", "cell_not_available")
NOTHING_MATCHED: Final = CellError("#N/A", "cell_nothing_matched")
LENGTHS_DIFFER: Final = CellError("#N/A", "cell_lengths_differ")
NO_SUCH_PLACE: Final = CellError("#REF!", "cell_no_such_place")
LIMIT_STEPS: Final = CellError("limit", "cell_limit_steps")
LIMIT_TEXT: Final = CellError("limit", "cell_limit_text")


class CellFaultError(Exception):
    """Raised inside a function or an operator; becomes the value `error` of that place."""

    def __init__(self, error: CellError) -> None:
        super().__init__(error.kind)
        self.error = error


class LimitReachedError(Exception):
    """Raised when the work runs out: ends the whole evaluation, IFERROR does not see it."""

    def __init__(self, error: CellError) -> None:
        super().__init__(error.reason)
        self.error = error
