"""The verbs of a draft: read, apply, undo, redo, replace, discard; each in its caller's act.

A draft is made of the running version and stored with its first change. Who changes it names the
revision that was seen: one that is behind is refused with what others did meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from dataclasses import replace as changed
from typing import Any, Final

from sqlalchemy import RowMapping, insert, select, update

from builder.drafts import words
from builder.drafts.model import Applied, Draft, Kept, Removed, Undecided
from builder.drafts.ops import carry_out
from builder.drafts.patch import patched
from builder.drafts.shape import require_shape
from builder.drafts.states import digest, patches, read_removed, state_of, write_removed
from builder.drafts.store import DRAFT, DRAFT_OP, active, draft_row, hold, parsed
from builder.drafts.surroundings import surroundings
from builder.drafts.working import opened
from runtime.catalogue import APP, APP_VERSION
from runtime.definitions.label import read_label
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, NotFound
from runtime.infra.upsert import insert_into

Json = Mapping[str, Any]
# How many sentences about the work of others are worth reading at once.
_MOST_SAID: Final = 20


def read(act: Act, app_code: str) -> Draft:
    """The draft of an app, or what one made now would be. Raises NotFound."""
    row = draft_row(act.connection, app_code)
    running = active(act.connection, app_code)
    if row is None:
        if running is None:
            raise NotFound("app_not_found", {"app": app_code})
        return Draft(app_code, 0, running[1], running[0])
    if _is_overtaken(row, running):
        assert running is not None, "only what is published overtakes"
        return _renewed(row, running)
    return _with_steps(act, row, _draft(row))


def kept(act: Act) -> tuple[Kept, ...]:
    """Every stored draft, in the order of their codes."""
    rows = act.connection.execute(select(DRAFT).order_by(DRAFT.c.app)).mappings()
    return tuple(
        Kept(
            row["app"],
            read_label(parsed(row["source"]).get("label"), row["app"]),
            row["base_version"],
            row["is_changed"],
            row["changed_by"],
            row["changed_at"],
        )
        for row in rows
    )


def apply(act: Act, app_code: str, base_rev: int, ops: Sequence[Json], *, key: str = "") -> Applied:
    """Carry out operations, all or none.

    A `key` that was used in this draft before answers what was answered then. Raises Conflict
    (`draft_changed`) when the draft is not at `base_rev`, ValidationFailed for an impossible
    operation.
    """
    row, draft = to_change(act, app_code)
    before = _answered(act, row, draft, key)
    if before is not None:
        return before
    require_rev(act, row, draft, base_rev)
    work = opened(draft, surroundings(act, draft))
    done = carry_out(work, ops)
    created = tuple(each.created for each in done if each.created)
    after = changed(
        draft,
        source=work.source,
        removed=tuple(work.removed),
        undecided=tuple(work.undecided),
    )
    _settle(act, row, "undone")
    entry: dict[str, Any] = {
        "operations": list(ops),
        "said": [each.said for each in done],
    }
    entry |= {"created": created, "key": key}
    notes = tuple(note for each in done for note in each.notes)
    return Applied(_keep(act, row, draft, after, entry), created, notes)


def undo(act: Act, app_code: str, base_rev: int) -> Applied:
    """Take back the last change that was not taken back yet. Raises Conflict, also for none."""
    return _stepped(act, app_code, base_rev, "undo")


def redo(act: Act, app_code: str, base_rev: int) -> Applied:
    """Make the change again that was taken back last. Raises Conflict, also for none."""
    return _stepped(act, app_code, base_rev, "redo")


def replace(act: Act, app_code: str, base_rev: int, source: Json, why: str) -> Applied:
    """Let another JSON of the app be the draft: an older version, a merge, what an API sent."""
    require_shape(source, app_code)
    row, draft = to_change(act, app_code)
    require_rev(act, row, draft, base_rev)
    _settle(act, row, "undone")
    after = changed(draft, source=source, undecided=())
    said = [words.said("draft_said_replaced", why=why)]
    return Applied(_keep(act, row, draft, after, {"action": "replace", "said": said}))


def discard(act: Act, app_code: str, base_rev: int | None = None) -> Draft:
    """Go back to what is published; that, too, can be undone. An app never published is gone.

    Who names a `base_rev` discards only what was seen. Raises Conflict otherwise.
    """
    row, draft = to_change(act, app_code)
    if base_rev is not None:
        require_rev(act, row, draft, base_rev)
    running = active(act.connection, app_code)
    if running is None:
        _forget(act, row)
        return draft
    _settle(act, row, "undone")
    removed = read_removed(row["base_removed"])
    after = changed(draft, source=running[0], removed=removed, base_version=running[1])
    after = changed(after, undecided=())
    said = [words.said("draft_said_discarded")]
    return _keep(act, row, draft, after, {"action": "discard", "said": said})


def to_change(act: Act, app_code: str) -> tuple[RowMapping, Draft]:
    """The stored draft, stored now if it was not, while nobody else changes it."""
    row = draft_row(act.connection, app_code, to_change=True)
    if row is None:
        store(act, read(act, app_code))
        row = _row(act, app_code)
    running = active(act.connection, app_code)
    if _is_overtaken(row, running):
        assert running is not None, "only what is published overtakes"
        rebase(act, row, _renewed(row, running))
        row = _row(act, app_code)
    return row, _draft(row)


def _row(act: Act, app_code: str) -> RowMapping:
    row = draft_row(act.connection, app_code, to_change=True)
    assert row is not None, "the draft has just been stored"
    return row


def rebase(act: Act, row: RowMapping, draft: Draft) -> None:
    """Let the stored draft be the same as a published version; nothing before is undone again."""
    act.connection.execute(
        update(DRAFT)
        .where(DRAFT.c.id == row["id"])
        .values(
            rev=draft.rev,
            base_version=draft.base_version,
            base_digest=digest(draft.source),
            is_changed=False,
            source=strict_json.dumps(draft.source),
            removed=write_removed(draft.removed),
            base_removed=write_removed(draft.removed),
            undecided="[]",
            changed_by=act.actor.name,
            changed_at=act.now,
        )
    )
    _settle(act, row, "done", "undone")


def store(act: Act, draft: Draft) -> None:
    """Keep a draft that was not kept yet."""
    text = strict_json.dumps(draft.source)
    row = {
        "app": draft.app_code,
        "rev": draft.rev,
        "base_version": draft.base_version,
        "base_digest": digest(draft.source) if draft.base_version else "",
        "is_changed": draft.base_version == 0,
        "source": text,
        "removed": write_removed(draft.removed),
        "base_removed": write_removed(draft.removed),
        "undecided": "[]",
        "changed_by": act.actor.name,
        "changed_at": act.now,
    }
    # Two who begin at once: the second finds the row of the first.
    taking = insert_into(act.connection, DRAFT).values(row).on_conflict_do_nothing()
    act.connection.execute(taking)


def _forget(act: Act, row: RowMapping) -> None:
    act.connection.execute(DRAFT_OP.delete().where(DRAFT_OP.c.draft_id == row["id"]))
    act.connection.execute(DRAFT.delete().where(DRAFT.c.id == row["id"]))


def _draft(row: RowMapping) -> Draft:
    return Draft(
        app_code=row["app"],
        rev=row["rev"],
        base_version=row["base_version"],
        source=parsed(row["source"]),
        removed=read_removed(row["removed"]),
        undecided=tuple(Undecided(**each) for each in parsed(row["undecided"])),
        changed_by=row["changed_by"],
        changed_at=row["changed_at"],
        is_changed=row["is_changed"],
    )


def _is_overtaken(row: RowMapping, running: tuple[Json, int] | None) -> bool:
    """Whether an unchanged draft was made of what is no longer the running version."""
    return running is not None and not row["is_changed"] and row["base_version"] != running[1]


def _renewed(row: RowMapping, running: tuple[Json, int]) -> Draft:
    """An unchanged draft follows what was published past it: that is one change of it."""
    source, version = running
    return changed(_draft(row), rev=row["rev"] + 1, base_version=version, source=source)


def require_rev(act: Act, row: RowMapping, draft: Draft, base_rev: int) -> None:
    """Refuse who has not seen what the draft is now, and say what others did meanwhile."""
    if base_rev == draft.rev:
        return
    rows = act.connection.execute(
        select(DRAFT_OP.c.said, DRAFT_OP.c.by)
        .where(DRAFT_OP.c.draft_id == row["id"], DRAFT_OP.c.rev > base_rev)
        .order_by(DRAFT_OP.c.rev.desc())
        .limit(_MOST_SAID)
    ).all()
    said = [each for found in reversed(rows) for each in found.said]
    if not said:
        # Nobody worked on it: another version was published.
        said = [words.said("draft_said_published", version=draft.base_version)]
    by = "、".join(dict.fromkeys(found.by for found in reversed(rows))) or draft.changed_by
    what = words.sentences(said)
    params = {"rev": draft.rev, "by": by, "count": len(said), "what": what, "said": said}
    raise Conflict("draft_changed", params)


def _answered(act: Act, row: RowMapping, draft: Draft, key: str) -> Applied | None:
    if not key:
        return None
    created = act.connection.execute(
        select(DRAFT_OP.c.created).where(DRAFT_OP.c.draft_id == row["id"], DRAFT_OP.c.key == key)
    ).scalar()
    return None if created is None else Applied(draft, tuple(created))


def _settle(act: Act, row: RowMapping, *states: str) -> None:
    """What is in one of these states can be neither undone nor done again from now on."""
    act.connection.execute(
        update(DRAFT_OP)
        .where(DRAFT_OP.c.draft_id == row["id"], DRAFT_OP.c.state.in_(states))
        .values(state="settled", forward=None, back=None)
    )


def _keep(
    act: Act, row: RowMapping, before: Draft, after: Draft, entry: Mapping[str, Any]
) -> Draft:
    """Write the draft and the row that says what was changed."""
    after = _written(act, row, after)
    forward, back = patches(before, after)
    act.connection.execute(
        insert(DRAFT_OP).values(
            {
                "draft_id": row["id"],
                "rev": after.rev,
                "action": "apply",
                "state": "done",
                "key": "",
                "by": act.actor.name,
                "at": act.now,
                "operations": [],
                "created": [],
                "forward": forward,
                "back": back,
                **entry,
            }
        )
    )
    return changed(after, can_undo=True, can_redo=False)


def _written(act: Act, row: RowMapping, after: Draft) -> Draft:
    base = row["base_digest"]
    if after.base_version != row["base_version"]:
        base = _digest_of(act, after.app_code, after.base_version)
    after = changed(
        after,
        rev=row["rev"] + 1,
        changed_by=act.actor.name,
        changed_at=act.now,
        is_changed=digest(after.source) != base,
    )
    text = strict_json.dumps(after.source)
    values = {
        "rev": after.rev,
        "base_version": after.base_version,
        "base_digest": base,
        "is_changed": after.is_changed,
        "source": text,
        "removed": write_removed(after.removed),
        "undecided": strict_json.dumps([asdict(each) for each in after.undecided]),
        "changed_by": after.changed_by,
        "changed_at": after.changed_at,
    }
    act.connection.execute(update(DRAFT).where(DRAFT.c.id == row["id"]).values(values))
    hold(text, after.source)
    return after


def _digest_of(act: Act, app_code: str, version: int) -> str:
    text = act.connection.execute(
        select(APP_VERSION.c.definition)
        .join(APP, APP.c.id == APP_VERSION.c.app_id)
        .where(APP.c.code == app_code, APP_VERSION.c.number == version)
    ).scalar_one()
    return digest(parsed(text))


def _stepped(act: Act, app_code: str, base_rev: int, way: str) -> Applied:
    row, draft = to_change(act, app_code)
    require_rev(act, row, draft, base_rev)
    entry = _step_of(act, row, way)
    if entry is None:
        raise Conflict(f"draft_nothing_to_{way}")
    to, patch = ("undone", entry.back) if way == "undo" else ("done", entry.forward)
    state = patched(state_of(draft), patch)
    after = changed(
        draft,
        source=state["source"],
        removed=tuple(Removed(**each) for each in state["removed"]),
        undecided=tuple(Undecided(**each) for each in state["undecided"]),
        base_version=state["base_version"],
    )
    act.connection.execute(update(DRAFT_OP).where(DRAFT_OP.c.id == entry.id).values(state=to))
    after = _written(act, row, after)
    said = [words.said(f"draft_said_{way}", count=len(entry.said))]
    _note_step(act, row, after, way, said)
    return Applied(_with_steps(act, row, after))


def _step_of(act: Act, row: RowMapping, way: str) -> Any:
    """The change to take back (the last done) or to make again (the first undone)."""
    state, order = ("done", DRAFT_OP.c.rev.desc()) if way == "undo" else ("undone", DRAFT_OP.c.rev)
    return act.connection.execute(
        select(DRAFT_OP)
        .where(DRAFT_OP.c.draft_id == row["id"], DRAFT_OP.c.state == state)
        .order_by(order)
        .limit(1)
    ).first()


def _note_step(act: Act, row: RowMapping, after: Draft, way: str, said: list[words.Said]) -> None:
    values = {
        "draft_id": row["id"],
        "rev": after.rev,
        "action": way,
        "state": "settled",
        "key": "",
        "by": act.actor.name,
        "at": act.now,
        "operations": [],
        "said": said,
        "created": [],
    }
    act.connection.execute(insert(DRAFT_OP).values(values))


def _with_steps(act: Act, row: RowMapping, draft: Draft) -> Draft:
    return changed(
        draft,
        can_undo=_step_of(act, row, "undo") is not None,
        can_redo=_step_of(act, row, "redo") is not None,
    )
