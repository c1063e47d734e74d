"""What is read of a person for the frame of every page, in one statement."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from runtime.infra import notices, preferences
from runtime.infra.act import Act
from runtime.infra.columns import Key
from runtime.infra.desk import Pin, pin_table
from runtime.infra.users import user_table
from runtime.workflow import inbox

LETTER_KEYS: Final = "letter_keys"
_WHO: Final = bindparam("user", type_=Key())
# Asked at every page, so it is put together once: a row for each pin, and one without any.
_READ: Final = (
    select(
        inbox.waiting(_WHO).scalar_subquery().label("to_do"),
        notices.unread(_WHO).scalar_subquery().label("unread"),
        preferences.one(_WHO, LETTER_KEYS).scalar_subquery().label("letter_keys"),
        pin_table.c.id,
        pin_table.c.href,
        pin_table.c.label,
    )
    .join_from(user_table, pin_table, pin_table.c.user_id == user_table.c.id, isouter=True)
    .where(user_table.c.id == _WHO)
    .order_by(pin_table.c.id)
)


@dataclass(frozen=True)
class Waiting:
    """Figures beside words, the pins of a person, whether letters are keys for them."""

    to_do: int = 0
    unread: int = 0
    has_letter_keys: bool = True
    pins: tuple[Pin, ...] = ()


def read_waiting(act: Act) -> Waiting:
    """Read it for the actor."""
    rows = act.connection.execute(_READ, {"user": act.actor.user_id}).all()
    if not rows:
        return Waiting()
    first = rows[0]
    pins = tuple(Pin(row.id, row.href, row.label) for row in rows if row.id is not None)
    return Waiting(first.to_do, first.unread, first.letter_keys != "off", pins)


def tasks_said(count: int) -> str:
    """How many tasks wait, as a badge says it: beyond a bound nobody counted."""
    return f"{count}" if count < inbox.MOST_COUNTED else f"{inbox.MOST_COUNTED - 1}+"
