"""What follows from a write: values of other records that depend on it, in the same transaction.

Called after every write of a record or of its status; what was decided keeps what it said.
"""

from collections.abc import Callable
from typing import Final

from runtime.compile.model import Form
from runtime.infra.act import Act
from runtime.query import Record

Step = Callable[[Act, Form, Record | None, Record | None], object]

STEPS: Final[tuple[Step, ...]] = ()


def changed(act: Act, form: Form, before: Record | None, after: Record | None) -> None:
    """Bring up to date what depends on a record; None before is a new one, None after is gone."""
    for step in STEPS:
        step(act, form, before, after)
