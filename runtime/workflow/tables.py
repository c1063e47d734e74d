"""What is kept of approvals: the definitions in use, the runs, their event log, the open tasks."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Text, UniqueConstraint

from runtime.infra.columns import Instant, JsonText, Key
from runtime.infra.db import system_table

# A run keeps the definition it began with; equal definitions are kept once.
definitions: Final = system_table(
    "s_workflow_definition",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("definition", JsonText(), nullable=False),
    Column("created_at", Instant(), nullable=False),
    UniqueConstraint("app", "code", "digest"),
)

instances: Final = system_table(
    "s_workflow_instance",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("record_id", Key(), nullable=False),
    Column("round", Integer, nullable=False),
    Column("definition_id", Key(), ForeignKey("s_workflow_definition.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("initiator_id", Key()),
    Column("started_at", Instant(), nullable=False),
    Column("ended_at", Instant()),
    UniqueConstraint("app", "form", "record_id", "round"),
    CheckConstraint("state IN ('running', 'approved', 'rejected', 'withdrawn')", name="state"),
    Index("ix_s_workflow_instance_started", "initiator_id", "id"),
)

# The truth about a run: appended to, never changed; replayed to know where the run stands.
events: Final = system_table(
    "s_workflow_event",
    Column("id", Key(), primary_key=True),
    Column("instance_id", Key(), ForeignKey("s_workflow_instance.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant(), nullable=False),
    Column("actor_id", Key()),
    Column("kind", Text, nullable=False),
    Column("body", JsonText(), nullable=False),
    UniqueConstraint("instance_id", "seq"),
)

# A projection of the log for the inbox: who is asked what.
tasks: Final = system_table(
    "s_workflow_task",
    Column("id", Key(), primary_key=True),
    Column("instance_id", Key(), ForeignKey("s_workflow_instance.id"), nullable=False),
    Column("visit", Integer, nullable=False),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("record_id", Key(), nullable=False),
    Column("step", Text, nullable=False),
    Column("user_id", Key(), nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    Column("opened_at", Instant(), nullable=False),
    Column("closed_at", Instant()),
    UniqueConstraint("instance_id", "visit", "user_id"),
    CheckConstraint(
        "state IN ('open', 'approved', 'rejected', 'not_needed', 'withdrawn')", name="state"
    ),
    Index("ix_s_workflow_task_inbox", "user_id", "state", "id"),
    Index("ix_s_workflow_task_record", "app", "form", "record_id", "user_id"),
)
