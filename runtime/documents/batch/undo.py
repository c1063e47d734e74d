"""Undoing a batch: for a day, as one, and only what has not been touched since."""

from datetime import timedelta
from typing import Final

from sqlalchemy import insert, literal, select

from runtime.compile.model import Form
from runtime.documents.batch import store
from runtime.documents.batch.store import Batch
from runtime.documents.batch.tables import batch_rows
from runtime.infra.act import Act
from runtime.infra.columns import JsonText
from runtime.infra.errors import Conflict

UNDOABLE: Final = timedelta(hours=24)
_ACTIONS: Final = frozenset({"update", "delete"})


def may_undo(act: Act, batch: Batch) -> bool:
    """Whether a batch can still be undone."""
    return (
        batch.action in _ACTIONS
        and batch.state == "done"
        and act.now - batch.created_at <= UNDOABLE
        and store.undone_by(act.connection, batch.id) is None
        and store.counts(act.connection, batch.id)["done"] > 0
    )


def begin_undo(act: Act, form: Form, batch: Batch) -> Batch:
    """Write down that a batch is to be undone: everything it has done, and nothing it refused."""
    if not may_undo(act, batch):
        raise Conflict("batch_not_undoable")
    undoing = store.insert_batch(act, form, "undo", {"of": batch.action}, batch.id)
    done = select(
        literal(undoing), batch_rows.c.record_id, literal("waiting"), batch_rows.c.title,
        batch_rows.c.given, batch_rows.c.before, batch_rows.c.version, literal([], JsonText()),
    ).where(batch_rows.c.batch_id == batch.id, batch_rows.c.state == "done")  # fmt: skip
    columns = [
        "batch_id", "record_id", "state", "title", "given", "before", "version", "problems",
    ]  # fmt: skip
    act.connection.execute(insert(batch_rows).from_select(columns, done))
    return store.counted(act, undoing)
