"""A transaction that met another writer is done again: a few times, with a pause that is chance."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError

from runtime.kernel import is_retryable

ATTEMPTS: Final = 8
PAUSE_SECONDS: Final = 0.02
LONGEST_PAUSE_SECONDS: Final = 0.5

Outcome = TypeVar("Outcome")


def until_done(transaction: Callable[[], Outcome]) -> Outcome:
    """Do a whole transaction, again when two writers met; the last try's error is the caller's.

    `transaction` begins and ends a transaction of its own each time it is called.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return transaction()
        except DBAPIError as error:
            if not is_retryable(error):
                raise
        # Two that met should not meet again at once, nor the many that wait behind them.
        longest = min(PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
        time.sleep(longest * random.random())  # noqa: S311 - no secret
    return transaction()
