"""The published versions of an app: who, when and why, how much changed; and going back to one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from builder import drafts
from builder.changes import Sentence, changes, numbers
from builder.drafts import Draft
from builder.publish import Published, publish
from runtime.catalogue import APP, APP_VERSION
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.infra.messages import message

PAGE: Final = 20
LARGEST: Final = 64_000_000


@dataclass(frozen=True)
class PublishedVersion:
    """One version that was published; how many things came, changed and went with it."""

    number: int
    by: str
    at: datetime
    note: str
    is_running: bool
    added: int
    changed: int
    removed: int


def history(
    act: Act, app: str, *, before: int | None = None, limit: int = PAGE
) -> tuple[PublishedVersion, ...]:
    """The versions of an app, the last one first; `before` a number for those that came earlier.

    Raises NotFound for an app that was never published.
    """
    app_id, running = _app(act, app)
    versions = APP_VERSION.c
    query = select(APP_VERSION).where(versions.app_id == app_id).order_by(versions.number.desc())
    if before is not None:
        query = query.where(versions.number < before)
    # One more than is shown: what a version changed is told from the one before it.
    rows = act.connection.execute(query.limit(limit + 1)).all()
    sources = [strict_json.loads(row.definition, max_bytes=LARGEST) for row in rows]
    found = []
    for place, row in enumerate(rows[:limit]):
        earlier = sources[place + 1] if place + 1 < len(rows) else None
        found.append(
            PublishedVersion(
                number=row.number,
                by=row.published_by,
                at=row.published_at,
                note=row.note,
                is_running=row.number == running,
                **numbers(earlier, sources[place]),
            )
        )
    return tuple(found)


def definition(act: Act, app: str, number: int) -> Mapping[str, Any]:
    """The whole JSON of a version, as it was published. Raises NotFound."""
    return strict_json.loads(_text(act, app, number), max_bytes=LARGEST)  # type: ignore[no-any-return]


def difference(act: Act, app: str, before: int, after: int) -> tuple[Sentence, ...]:
    """What differs between two versions, in words; from version 0 everything is new."""
    earlier = definition(act, app, before) if before else None
    return changes(earlier, definition(act, app, after))


def restore(act: Act, app: str, number: int, *, base_rev: int | None = None) -> Draft:
    """Let an earlier version be the draft; what runs stays until the draft is published.

    Raises NotFound, and Conflict when the draft is no more at `base_rev`.
    """
    source = definition(act, app, number)
    rev = drafts.read(act, app).rev if base_rev is None else base_rev
    why = message("version_named", {"version": number})
    return drafts.replace(act, app, rev, source, why).draft


def roll_back(
    act: Act, app: str, number: int, note: str = "", *, base_version: int | None = None
) -> Published:
    """Publish an earlier version again, byte for byte; it gets the next number.

    Fields that were removed since come back with their data; those that came since keep theirs.
    Raises NotFound, Conflict when another version than `base_version` runs, and what `publish`
    raises where the data that has come since does not fit.
    """
    source = definition(act, app, number)
    return publish(
        act,
        source,
        note or message("version_again", {"version": number}),
        base_version=base_version,
    )


def _app(act: Act, app: str) -> tuple[int, int]:
    row = act.connection.execute(
        select(APP.c.id, APP.c.active_version).where(APP.c.code == app)
    ).first()
    if row is None:
        raise NotFound("app_not_found", {"app": app})
    return row.id, row.active_version


def _text(act: Act, app: str, number: int) -> str:
    app_id, _ = _app(act, app)
    found = act.connection.execute(
        select(APP_VERSION.c.definition).where(
            APP_VERSION.c.app_id == app_id, APP_VERSION.c.number == number
        )
    ).scalar()
    if found is None:
        raise NotFound("version_not_found", {"version": number})
    return str(found)
