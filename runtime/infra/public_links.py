"""Public links: what anybody who has the address may fill in or read, until it is taken back.

Off for an app until an administrator allows them. A link is kept by the hash of its token, so that
whoever reads the database cannot use it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    RowMapping,
    Text,
    delete,
    insert,
    or_,
    select,
    update,
)

from runtime.infra import audit, passwords
from runtime.infra.act import Act, Actor, LinkRights
from runtime.infra.columns import Flag, Instant, JsonText, Key
from runtime.infra.db import system_table
from runtime.infra.errors import Conflict, Forbidden, NotFound, Problem, ValidationFailed
from runtime.infra.sessions import digest
from runtime.infra.upsert import insert_row

Purpose = Literal["add", "read"]
LONGEST_LABEL: Final = 60
MOST_LINKS: Final = 50
# Of the records themselves somebody who fills in a form sees none.
NOTHING: Final = "FALSE"

link_table: Final = system_table(
    "s_public_link",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("fields", JsonText(), nullable=False),
    Column("condition", Text, nullable=False),
    Column("password_hash", Text),
    Column("opens_at", Instant()),
    Column("closes_at", Instant()),
    Column("quota", Integer),
    Column("used", Integer, nullable=False),
    Column("asks_puzzle", Flag(), nullable=False),
    Column("created_by", Key()),
    Column("created_at", Instant(), nullable=False),
    Column("revoked_at", Instant()),
    Index("ix_s_public_link_form", "app", "form"),
)
app_table: Final = system_table("s_public_app", Column("app", Text, primary_key=True))


@dataclass(frozen=True)
class NewLink:
    """What it takes to make a link."""

    app: str
    form: str
    purpose: Purpose
    label: str
    fields: tuple[str, ...]
    condition: str = ""
    password: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    quota: int | None = None
    asks_puzzle: bool = True


@dataclass(frozen=True)
class PublicLink:
    """A link as it is kept; the token itself is known only while it is being made."""

    id: int
    app: str
    form: str
    purpose: Purpose
    label: str
    fields: tuple[str, ...]
    condition: str
    has_password: bool
    opens_at: datetime | None
    closes_at: datetime | None
    quota: int | None
    used: int
    asks_puzzle: bool
    created_at: datetime
    revoked_at: datetime | None

    def actor(self) -> Actor:
        """The link as the one who acts: nobody, with the rights it names."""
        verbs = {"view", "create"} if self.purpose == "add" else {"view"}
        condition = NOTHING if self.purpose == "add" else self.condition
        rights = LinkRights(
            self.app, self.form, frozenset(verbs), frozenset(self.fields), condition
        )
        return Actor(None, self.label, frozenset(), "public", link=rights)

    def state(self, now: datetime) -> str:
        """Why it cannot be used now: revoked, early, over, full; empty where it can."""
        if self.revoked_at is not None:
            return "revoked"
        if self.opens_at is not None and now < self.opens_at:
            return "early"
        if self.closes_at is not None and now >= self.closes_at:
            return "over"
        return "full" if self.quota is not None and self.used >= self.quota else ""


def allow(act: Act, app: str, *, is_allowed: bool) -> None:
    """Let an app have public links, or close them all at once."""
    if allowed(act.connection, app) == is_allowed:
        return
    if is_allowed:
        act.connection.execute(insert(app_table).values(app=app))
    else:
        act.connection.execute(delete(app_table).where(app_table.c.app == app))
    audit.write(act, "update", "public_app", None, {"app": app, "is_allowed": is_allowed})


def allowed(connection: Connection, app: str) -> bool:
    """Say whether an app has public links at all."""
    query = select(app_table.c.app).where(app_table.c.app == app)
    return connection.execute(query).first() is not None


def create(act: Act, new: NewLink) -> tuple[PublicLink, str]:
    """Make a link; its token is returned this once."""
    if not allowed(act.connection, new.app):
        raise Conflict("public_links_are_off")
    if len(of_form(act.connection, new.app, new.form)) >= MOST_LINKS:
        raise Conflict("public_links_too_many", {"limit": MOST_LINKS})
    problems = list(_problems(new))
    if problems:
        raise ValidationFailed(problems=problems)
    token = secrets.token_urlsafe(24)
    hashed = passwords.hash_of(passwords.check(new.password)) if new.password else None
    values: dict[str, Any] = {
        "app": new.app,
        "form": new.form,
        "purpose": new.purpose,
        "label": " ".join(new.label.split()),
        "token_hash": digest(token),
        "fields": list(new.fields),
        "condition": new.condition,
        "password_hash": hashed,
        "opens_at": new.opens_at,
        "closes_at": new.closes_at,
        "quota": new.quota,
        "used": 0,
        "asks_puzzle": new.asks_puzzle,
        "created_by": act.actor.user_id,
        "created_at": act.now,
        "revoked_at": None,
    }
    link_id = insert_row(act.connection, link_table, values)
    told = {name: values[name] for name in ("app", "form", "purpose", "label", "fields")}
    audit.write(act, "create", "public_link", link_id, told)
    return get(act.connection, link_id), token


def get(connection: Connection, link_id: int) -> PublicLink:
    """Return a link that exists."""
    query = select(link_table).where(link_table.c.id == link_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return _link(row)


def find(connection: Connection, token: str) -> PublicLink | None:
    """Return the link of a token, while its app has links at all."""
    query = select(link_table).where(link_table.c.token_hash == digest(token))
    row = connection.execute(query).mappings().first()
    if row is None or not allowed(connection, row["app"]):
        return None
    return _link(row)


def of_form(connection: Connection, app: str, form: str) -> Sequence[PublicLink]:
    """Return the links of a form, the newest first."""
    query = select(link_table).where(link_table.c.app == app, link_table.c.form == form)
    rows = connection.execute(query.order_by(link_table.c.id.desc())).mappings()
    return tuple(_link(row) for row in rows)


def opens(connection: Connection, link_id: int, password: object) -> bool:
    """Say whether a password is the link's."""
    query = select(link_table.c.password_hash).where(link_table.c.id == link_id)
    return passwords.matches(connection.execute(query).scalar(), password)


def use(act: Act, link: PublicLink) -> None:
    """Count one use, in the transaction of what it is used for; refuse when none is left.

    The count and the question whether there is one left are one statement: of many at the same
    moment no more pass than the quota says.
    """
    columns = link_table.c
    left = or_(columns.quota.is_(None), columns.used < columns.quota)
    counting = update(link_table).where(columns.id == link.id, columns.revoked_at.is_(None), left)
    if act.connection.execute(counting.values(used=columns.used + 1)).rowcount != 1:
        raise Forbidden("public_link_full")


def revoke(act: Act, link_id: int) -> None:
    """Take a link back for good."""
    own = link_table.c.id == link_id
    get(act.connection, link_id)
    changing = update(link_table).where(own, link_table.c.revoked_at.is_(None))
    if act.connection.execute(changing.values(revoked_at=act.now)).rowcount:
        audit.write(act, "revoke", "public_link", link_id)


def _problems(new: NewLink) -> list[Problem]:
    found = []
    label = " ".join(new.label.split())
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        found.append(Problem("/label", "public_link_label", {"limit": LONGEST_LABEL}))
    if not new.fields:
        found.append(Problem("/fields", "public_link_fields"))
    if new.quota is not None and not 0 < new.quota <= 1_000_000:
        found.append(Problem("/quota", "public_link_quota"))
    if new.opens_at and new.closes_at and new.opens_at >= new.closes_at:
        found.append(Problem("/closes_at", "public_link_window"))
    return found


def _link(row: RowMapping) -> PublicLink:
    values = {name: row[name] for name in PublicLink.__dataclass_fields__ if name in row}
    has_password = row["password_hash"] is not None
    return PublicLink(**{**values, "fields": tuple(row["fields"]), "has_password": has_password})
