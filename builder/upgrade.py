"""App packages that were taken in: what an upgrade merges from, and the upgrade itself.

Every package is remembered as it came. The one that what runs here differs from least is the one it
was made of: an upgrade that was looked at and thrown away is remembered too, and does no harm.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Column, Text, UniqueConstraint, select

from builder import drafts, printouts
from builder.changes import numbers
from builder.drafts import Draft
from builder.merge import Merged, Side, merge
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.columns import Instant, Key
from runtime.infra.db import system_table
from runtime.infra.errors import NotFound
from runtime.infra.upsert import insert_into

LARGEST: Final = 64_000_000
# Only the last ones are asked: the base of what runs is among them.
_MOST: Final = 10

PACKAGE: Final = system_table(
    "s_package",
    Column("id", Key(), primary_key=True, autoincrement=True),
    Column("app", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("taken_at", Instant(), nullable=False),
    UniqueConstraint("app", "digest"),
)


def remember(act: Act, source: Mapping[str, Any]) -> str:
    """Keep a package as it came, once; returns the digest it is found by."""
    source = printouts.taken_in(act, source)
    digest = hashlib.sha256(strict_json.canonical(source).encode()).hexdigest()
    values = {
        "app": source["code"],
        "digest": digest,
        "source": strict_json.dumps(source),
        "taken_by": act.actor.name,
        "taken_at": act.now,
    }
    taking = insert_into(act.connection, PACKAGE).values(values)
    act.connection.execute(taking.on_conflict_do_nothing())
    return digest


def package(act: Act, app: str, digest: str) -> Mapping[str, Any]:
    """A package that was remembered. Raises NotFound."""
    held = select(PACKAGE.c.source).where(PACKAGE.c.app == app, PACKAGE.c.digest == digest)
    text = act.connection.execute(held).scalar()
    if text is None:
        raise NotFound("package_not_found")
    return strict_json.loads(text, max_bytes=LARGEST)  # type: ignore[no-any-return]


def base_of(act: Act, ours: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The package an app was made of, as far as any was remembered."""
    query = select(PACKAGE.c.source).where(PACKAGE.c.app == ours["code"])
    rows = act.connection.execute(query.order_by(PACKAGE.c.id.desc()).limit(_MOST)).scalars()
    known = [strict_json.loads(text, max_bytes=LARGEST) for text in rows.all()]
    return min(known, key=lambda each: sum(numbers(each, ours).values()), default=None)


def upgrade(act: Act, source: Mapping[str, Any], choices: Mapping[str, Side]) -> Merged:
    """What an app would be with a new version of its package; nothing is written.

    Without a package to begin from, whatever differs is a choice: nothing is lost in silence.
    """
    ours = drafts.read(act, str(source["code"])).source
    base = base_of(act, ours)
    return merge({} if base is None else base, source, ours, choices)


def take(
    act: Act, source: Mapping[str, Any], choices: Mapping[str, Side], *, base_rev: int
) -> Draft:
    """Let the upgraded app be the draft, to be looked at and published; the package is kept.

    Raises Conflict when the draft is no more at `base_rev`, ValidationFailed for what is no app.
    """
    merged = upgrade(act, source, choices)
    why = str(source.get("code"))
    draft = drafts.replace(act, str(source["code"]), base_rev, merged.source, why).draft
    remember(act, source)
    return draft
