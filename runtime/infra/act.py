"""Who does something, when, and inside which transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

Source = Literal["screen", "api", "import", "flow", "system"]


@dataclass(frozen=True)
class Actor:
    """A person or the system, with the roles read for this request."""

    user_id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    source: Source = "screen"
    is_admin: bool = False


# What the product does by itself: demo data, scheduled work, upgrades.
SYSTEM = Actor(user_id=None, name="system", source="system", is_admin=True)


@dataclass(frozen=True)
class Act:
    """One act: everything a verb needs and may not reach for by itself.

    `connection` is inside a transaction the caller owns; `now` is an aware UTC instant.
    """

    connection: Connection
    actor: Actor
    now: datetime
    request_id: str = field(default="")
