"""A new app, and a draft that goes live."""

from collections.abc import Iterator, Mapping
from dataclasses import replace as changed
from typing import Any

from sqlalchemy import insert, select

from builder.drafts import words
from builder.drafts.model import Draft
from builder.drafts.store import DRAFT, DRAFT_OP, active
from builder.drafts.verbs import read, rebase, require_rev, store, to_change
from builder.publish import NONE_CONFIRMED, Published
from builder.publish import publish as publish_app
from builder.workbook.codes import app_code
from runtime.catalogue import APP
from runtime.definitions import shape_problems
from runtime.definitions.label import read_label
from runtime.definitions.loader import FORMAT
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, ValidationFailed


def create_app(act: Act, code: str | None, label: Any) -> Draft:
    """A new, empty app: a draft that becomes an app when it is published.

    Without a code it gets one from its label. Raises Conflict for a code that is taken.
    """
    source = {"format": FORMAT, "code": code or "any", "label": label, "forms": []}
    problems = tuple(shape_problems(source))
    if problems:
        raise ValidationFailed("definition_invalid", problems=problems)
    taken = set(_taken(act))
    if not code:
        code = source["code"] = app_code(read_label(label).zh, taken)
    if code in taken:
        raise Conflict("app_code_taken", {"code": code})
    store(act, Draft(code, 0, 0, source, is_changed=True))
    return read(act, code)


def publish(
    act: Act,
    app_code: str,
    base_rev: int,
    note: str,
    *,
    confirmed: Mapping[str, int] = NONE_CONFIRMED,
) -> Published:
    """Publish the draft as it was seen; from then on it is the same as what runs.

    `confirmed` says of fields of another kind how many values may be left empty (see
    `builder.publish`).
    Raises Conflict when the draft is at another revision, or another version was published
    meanwhile; ValidationFailed with every problem.
    """
    row, draft = to_change(act, app_code)
    require_rev(act, row, draft, base_rev)
    published = publish_app(
        act, draft.source, note, base_version=draft.base_version, confirmed=confirmed
    )
    running = active(act.connection, app_code)
    assert running is not None, "it has just been published"
    source, version = running
    after = changed(draft, rev=draft.rev + 1, source=source, base_version=version)
    rebase(act, row, after)
    values = {
        "draft_id": row["id"],
        "rev": after.rev,
        "action": "publish",
        "state": "settled",
        "key": "",
        "by": act.actor.name,
        "at": act.now,
        "operations": [],
        "said": [words.said("draft_said_published", version=version)],
        "created": [],
    }
    act.connection.execute(insert(DRAFT_OP).values(values))
    return published


def _taken(act: Act) -> Iterator[str]:
    yield from act.connection.execute(select(APP.c.code)).scalars()
    yield from act.connection.execute(select(DRAFT.c.app)).scalars()
