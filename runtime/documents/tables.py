"""What the write path itself keeps: numbers given, requests done, what stands around a record."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, Text, UniqueConstraint

from runtime.infra.columns import Instant, JsonText, Key
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

comments: Final = system_table(
    "s_comment",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("record_id", Key(), nullable=False),
    # Nobody: what the product itself had to say.
    Column("author_id", Key(), ForeignKey("s_user.id")),
    Column("author", Text, nullable=False),
    Column("at", Instant(), nullable=False),
    Column("text", Text, nullable=False),
    Column("mentions", JsonText(), nullable=False),
    Column("files", JsonText(), nullable=False),
    Column("withdrawn_at", Instant()),
    Index("ix_s_comment_record", "app", "form", "record_id", "id"),
)

bin_table: Final = system_table(
    "s_bin",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("record_id", Key(), nullable=False),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_by", Key()),
    Column("deleted_by", Key()),
    Column("deleted_at", Instant(), nullable=False),
    # The whole record as it stood, ids of its lines and all.
    Column("content", JsonText(), nullable=False),
    UniqueConstraint("app", "form", "record_id"),
    Index("ix_s_bin_deleted_at", "app", "form", "deleted_at"),
)

# Which line of which document came out of which line: how much it is stands in the lines alone.
links: Final = system_table(
    "s_link",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("conversion", Text, nullable=False),
    Column("source_form", Text, nullable=False),
    Column("source_id", Key(), nullable=False),
    Column("source_line", Key()),
    Column("target_form", Text, nullable=False),
    Column("target_id", Key(), nullable=False),
    Column("target_line", Key()),
    Index("ix_s_link_source", "app", "source_form", "source_id"),
    Index("ix_s_link_target", "app", "target_form", "target_id"),
)
