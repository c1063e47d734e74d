"""Who does something, when, and inside which transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection

Source = Literal["screen", "api", "import", "flow", "public", "system"]


class LinkRights(NamedTuple):
    """What a public link lets anybody do who has it: with one form, and these fields of it.

    `condition` says of which records, in the language of formulas; empty: of all.
    """

    app: str
    form: str
    verbs: frozenset[str]
    fields: frozenset[str]
    condition: str = ""


class Rights(NamedTuple):
    """What rights are made of; the same rights see and do the same."""

    roles: frozenset[str]
    link: LinkRights | None = None


@dataclass(frozen=True)
class Actor:
    """A person, the system or a public link, with the roles read for this request."""

    user_id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    source: Source = "screen"
    is_admin: bool = False
    link: LinkRights | None = None
    # Fields kept out of sight for this act alone, as (`app.form`, path): a step of a flow says so.
    veiled: frozenset[tuple[str, str]] = frozenset()

    @property
    def rights(self) -> Rights:
        """What the rights of the actor are made of, an administrator's apart."""
        return Rights(self.roles, self.link)


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
    # The runs of automations that led here, the first one first; empty: somebody acts by himself.
    chain: tuple[int, ...] = ()
