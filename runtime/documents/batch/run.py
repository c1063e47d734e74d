"""Batches carried out chunk by chunk: each chunk is one transaction, and none is done twice."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from sqlalchemy import select, update

from runtime.compile.model import Form
from runtime.documents.batch import deeds, store
from runtime.documents.batch.deeds import Outcome
from runtime.documents.batch.store import Batch, BatchRow
from runtime.documents.batch.tables import batch_rows
from runtime.infra.act import Act
from runtime.infra.errors import AppError

FIRST_CHUNK: Final = 20
MOST_ROWS: Final = 200
CHUNK_SECONDS: Final = 0.2
PAUSE_SECONDS: Final = 0.01

Acting = Callable[[], AbstractContextManager[Act]]
FormOf = Callable[[Act], Form]


def run(batch_id: int, acting: Acting, form_of: FormOf, told: Callable[[int], None]) -> None:
    """Carry a batch out to its end, with the rights the actor has at each step.

    Chunks are small, so that other writers are let in between them; after a crash the records that
    wait are taken up where it stopped.
    """
    size, done = FIRST_CHUNK, 0
    while True:
        begun = time.monotonic()
        with acting() as act:
            count = _chunk(act, form_of(act), batch_id, size)
            if count < size:
                store.change(act.connection, batch_id, state="done")
        done += count
        told(done)
        if count < size:
            return
        seconds = time.monotonic() - begun
        size = max(size // 2, 1) if seconds > 2 * CHUNK_SECONDS else min(size * 2, MOST_ROWS)
        time.sleep(PAUSE_SECONDS)


def _chunk(act: Act, form: Form, batch_id: int, size: int) -> int:
    batch = store.find(act.connection, batch_id)
    # Two workers, one of them thought dead, never take the same record.
    held = select(batch_rows.c.record_id).where(
        batch_rows.c.batch_id == batch_id, batch_rows.c.state == "waiting"
    )
    act.connection.execute(held.order_by(batch_rows.c.record_id).limit(size).with_for_update())
    rows = store.rows(act.connection, batch_id, "waiting", limit=size)
    for row in rows:
        outcome = _undone(act, form, row) if batch.undoes else _done(act, form, batch, row)
        _write(act, row, outcome)
    return len(rows)


def _done(act: Act, form: Form, batch: Batch, row: BatchRow) -> Outcome:
    return deeds.carry_out(act, form, batch, row)


def _undone(act: Act, form: Form, row: BatchRow) -> Outcome:
    """Put back what the first batch took; its own row says what that was."""
    try:
        with act.connection.begin_nested():
            version = deeds.put_back(act, form, row)
    except AppError as error:
        return Outcome("refused", row.title, problems=tuple(deeds.told(error)))
    return Outcome("done", row.title, version=version)


def _write(act: Act, row: BatchRow, outcome: Outcome) -> None:
    act.connection.execute(
        update(batch_rows)
        .where(batch_rows.c.batch_id == row.batch_id, batch_rows.c.record_id == row.record_id)
        .values(
            state=outcome.state,
            title=outcome.title[:200],
            before=row.before if outcome.before is None else dict(outcome.before),
            version=outcome.version,
            problems=list(outcome.problems),
        )
    )
