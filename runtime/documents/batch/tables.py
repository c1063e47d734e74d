"""What was done to many records at once, and what became of each of them."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, Text

from runtime.infra.columns import Instant, JsonText, Key
from runtime.infra.db import system_table

batches: Final = system_table(
    "s_batch",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    # update, submit, delete; undo.
    Column("action", Text, nullable=False),
    # What every record is given; records may have more of their own.
    Column("given", JsonText(), nullable=False),
    # running, done
    Column("state", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("undoes", Key(), ForeignKey("s_batch.id")),
    Column("job_id", Key(), ForeignKey("s_job.id")),
    Column("created_by", Key(), ForeignKey("s_user.id")),
    Column("created_at", Instant(), nullable=False),
    Index("ix_s_batch_undoes", "undoes"),
    Index("ix_s_batch_job_id", "job_id"),
    Index("ix_s_batch_created_by", "created_by"),
)

batch_rows: Final = system_table(
    "s_batch_row",
    Column("batch_id", Key(), ForeignKey("s_batch.id"), primary_key=True),
    Column("record_id", Key(), primary_key=True),
    # waiting, done, same (there was nothing to do), refused
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False),
    # What this record alone is given, and the version it was read as.
    Column("given", JsonText(), nullable=False),
    # What stood there before, of every value that changed: what undoing puts back.
    Column("before", JsonText(), nullable=False),
    # The version after the change; undoing refuses a record that has gone on since.
    Column("version", Integer),
    Column("problems", JsonText(), nullable=False),
    Index("ix_s_batch_row_state", "batch_id", "state"),
)
