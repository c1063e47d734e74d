"""What is kept of workflows: the definitions in use, the runs, their event log, the open tasks."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Text, UniqueConstraint

from runtime.infra.columns import Flag, Instant, JsonText, Key
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
    # What began it, an approval or an automation; and how long the chain is that led here.
    Column("kind", Text, nullable=False, server_default="approval"),
    Column("depth", Integer, nullable=False, server_default="0"),
    # Of an automation: its trigger; the run that set it off, and the one everything began with.
    Column("begun_on", Text, nullable=False, server_default=""),
    Column("parent_id", Key()),
    Column("root_id", Key()),
    CheckConstraint(
        "state IN ('running', 'approved', 'rejected', 'withdrawn', 'terminated', 'failed')",
        name="state",
    ),
    Index("ix_s_workflow_instance_started", "initiator_id", "id"),
    Index("ix_s_workflow_instance_kind", "app", "kind", "id"),
    Index("ix_s_workflow_instance_definition", "definition_id", "state"),
    Index("ix_s_workflow_instance_root_id", "root_id"),
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
    # In whose place somebody was asked.
    Column("for_id", Key()),
    UniqueConstraint("instance_id", "visit", "user_id"),
    CheckConstraint(
        "state IN ('open', 'waiting', 'approved', 'rejected', 'filled', 'not_needed', 'withdrawn',"
        " 'sent_back', 'reassigned', 'delegated', 'removed', 'passed')",
        name="state",
    ),
    Index("ix_s_workflow_task_inbox", "user_id", "state", "id"),
    Index("ix_s_workflow_task_record", "app", "form", "record_id", "user_id"),
)

# What is due when: reminders, time limits, waits. A row goes when its moment has come and gone.
timers: Final = system_table(
    "s_workflow_timer",
    Column("id", Key(), primary_key=True),
    Column("instance_id", Key(), ForeignKey("s_workflow_instance.id"), nullable=False),
    Column("visit", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("due_at", Instant(), nullable=False),
    Column("times", Integer, nullable=False),
    UniqueConstraint("instance_id", "visit", "kind"),
    Index("ix_s_workflow_timer_due_at", "due_at"),
)

# Documents people were let know of; nobody waits for them.
copies: Final = system_table(
    "s_workflow_copy",
    Column("id", Key(), primary_key=True),
    Column("instance_id", Key(), ForeignKey("s_workflow_instance.id"), nullable=False),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("record_id", Key(), nullable=False),
    Column("step", Text, nullable=False),
    Column("user_id", Key(), nullable=False),
    Column("by_id", Key()),
    Column("at", Instant(), nullable=False),
    Column("read_at", Instant()),
    UniqueConstraint("instance_id", "step", "user_id"),
    Index("ix_s_workflow_copy_user_id", "user_id", "id"),
    Index("ix_s_workflow_copy_record", "app", "form", "record_id", "user_id"),
)

# Who stands in for whom while they are away; app and form empty: everywhere.
delegations: Final = system_table(
    "s_workflow_delegation",
    Column("id", Key(), primary_key=True),
    Column("user_id", Key(), ForeignKey("s_user.id"), nullable=False),
    Column("to_id", Key(), ForeignKey("s_user.id"), nullable=False),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("starts_at", Instant(), nullable=False),
    Column("ends_at", Instant(), nullable=False),
    Column("created_by", Key()),
    Column("created_at", Instant(), nullable=False),
    Column("ended_at", Instant()),
    Index("ix_s_workflow_delegation_user_id", "user_id", "ends_at"),
)

# What somebody wrote down about a task and has not sent yet.
stashes: Final = system_table(
    "s_workflow_stash",
    Column("task_id", Key(), ForeignKey("s_workflow_task.id"), primary_key=True),
    Column("comment", Text, nullable=False),
    Column("typed", JsonText(), nullable=False),
    Column("at", Instant(), nullable=False),
)

# Runs that were moved to another definition together, and where each of them came from.
migrations: Final = system_table(
    "s_workflow_migration",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("definition_id", Key(), ForeignKey("s_workflow_definition.id"), nullable=False),
    Column("by_id", Key()),
    Column("at", Instant(), nullable=False),
    Column("undone_at", Instant()),
    Index("ix_s_workflow_migration_app", "app", "code"),
)
migrated: Final = system_table(
    "s_workflow_migrated",
    Column("migration_id", Key(), ForeignKey("s_workflow_migration.id"), primary_key=True),
    Column("instance_id", Key(), ForeignKey("s_workflow_instance.id"), primary_key=True),
    Column("from_id", Key(), ForeignKey("s_workflow_definition.id"), nullable=False),
    Column("steps", JsonText(), nullable=False),
)

# When the clock last looked at a rule; `record_id` is 0.
fired: Final = system_table(
    "s_workflow_fired",
    Column("app", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("record_id", Key(), primary_key=True),
    Column("at", Instant(), nullable=False),
)

# What writes and the clock have set off, written with the write itself; a row goes with its run.
pending: Final = system_table(
    "s_workflow_pending",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("code", Text, nullable=False),
    # 0: the run is about no record.
    Column("record_id", Key(), nullable=False),
    Column("begun_on", Text, nullable=False),
    Column("by_id", Key()),
    # The runs that led here, the first one first.
    Column("chain", JsonText(), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at", Instant(), nullable=False),
)

# The secret addresses under which other systems begin automations.
hooks: Final = system_table(
    "s_workflow_hook",
    Column("id", Key(), primary_key=True),
    Column("app", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    # Address and secret follow from the server's own key and this; they are kept nowhere.
    Column("salt", Text, nullable=False),
    Column("key_print", Text, nullable=False),
    Column("is_active", Flag(), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("last_at", Instant()),
    UniqueConstraint("app", "code"),
)
# What has been delivered there, so that nothing is taken twice.
deliveries: Final = system_table(
    "s_workflow_delivery",
    Column("hook_id", Key(), ForeignKey("s_workflow_hook.id"), primary_key=True),
    Column("delivery", Text, primary_key=True),
    Column("at", Instant(), nullable=False),
    Index("ix_s_workflow_delivery_at", "at"),
)

# What robots of other services want their calls signed with, by a digest of their address.
robot_secrets: Final = system_table(
    "s_workflow_robot",
    Column("url_hash", Text, primary_key=True),
    # Hidden with the server's own key.
    Column("secret", Text, nullable=False),
    Column("kept_at", Instant(), nullable=False),
)
