"""What the write path itself keeps: counters of document numbers, keys of requests already done."""

from typing import Final

from sqlalchemy import Column, Index, Integer, Text, UniqueConstraint

from runtime.infra.columns import Instant, Key
from runtime.infra.db import system_table

counters: Final = system_table(
    "s_counter",
    Column("app", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    # The day, month or year the count is for; empty for a count that never starts again.
    Column("period", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)

idempotency: Final = system_table(
    "s_idempotency",
    Column("id", Key(), primary_key=True),
    # Whose key it is: two people may pick the same one. 0 is the system.
    Column("actor_id", Key(), nullable=False),
    Column("key", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("record_id", Key()),
    Column("created_at", Instant(), nullable=False),
    UniqueConstraint("actor_id", "key"),
    Index("ix_s_idempotency_created_at", "created_at"),
)
