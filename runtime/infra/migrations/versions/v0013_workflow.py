"""Workflows: more ways a task and a run can end, time limits, copies, deputies, migrations."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Instant, JsonText, Key

revision: Final = "0013"
down_revision: Final = "0012"

_BEFORE: Final = {
    "s_workflow_instance": ("running", "approved", "rejected", "withdrawn"),
    "s_workflow_task": ("open", "approved", "rejected", "not_needed", "withdrawn"),
}
_AFTER: Final = {
    "s_workflow_instance": (
        "running", "approved", "rejected", "withdrawn", "terminated", "failed",
    ),
    "s_workflow_task": (
        "open", "waiting", "approved", "rejected", "filled", "not_needed", "withdrawn",
        "sent_back", "reassigned", "delegated", "removed", "passed",
    ),
}  # fmt: skip


def upgrade() -> None:
    """Widen what there is and add what there was not; nothing stored changes."""
    for table, before in _BEFORE.items():
        _widen(table, before, _AFTER[table])
    op.add_column(
        "s_workflow_instance", sa.Column("kind", sa.Text, server_default="approval", nullable=False)
    )
    op.add_column(
        "s_workflow_instance", sa.Column("depth", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("s_workflow_task", sa.Column("for_id", Key()))
    op.create_index("ix_s_workflow_instance_kind", "s_workflow_instance", ["app", "kind", "id"])
    op.create_index(
        "ix_s_workflow_instance_definition", "s_workflow_instance", ["definition_id", "state"]
    )
    _timer()
    _copy()
    _delegation()
    _stash()
    _migration()
    op.create_table(
        "s_workflow_fired",
        sa.Column("app", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("record_id", Key(), primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sqlite_strict=True,
    )


def _widen(table: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Let a state be one of more; SQLite keeps the rule in the text that made the table.

    A table that others refer to cannot be made anew inside a transaction there. Editing a CHECK is
    what SQLite's documentation of ALTER TABLE names `writable_schema` for. A database made since
    has the wide rule from the beginning: a guarded connection would not be let do this.
    """
    old, new = (_condition(states) for states in (before, after))
    name = f"ck_{table}_state"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, new)
        return
    connection = op.get_bind()
    made = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :name")
    if old not in connection.execute(made, {"name": table}).scalar_one():
        return
    number = int(connection.exec_driver_sql("PRAGMA schema_version").scalar_one())
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changing = sa.text(
        "UPDATE sqlite_schema SET sql = replace(sql, :old, :new)"
        " WHERE type = 'table' AND name = :name"
    )
    connection.execute(changing, {"old": old, "new": new, "name": table})
    connection.exec_driver_sql(f"PRAGMA schema_version = {number + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def _condition(states: tuple[str, ...]) -> str:
    return f"state IN ({', '.join(repr(each) for each in states)})"


def _timer() -> None:
    op.create_table(
        "s_workflow_timer",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("instance_id", Key(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        _refers("s_workflow_timer", "instance_id", "s_workflow_instance"),
        sa.UniqueConstraint(
            "instance_id",
            "visit",
            "kind",
            name=op.f("uq_s_workflow_timer_instance_id_visit_kind"),
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_s_workflow_timer_due_at", "s_workflow_timer", ["due_at"])


def _copy() -> None:
    op.create_table(
        "s_workflow_copy",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("instance_id", Key(), nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("record_id", Key(), nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("by_id", Key()),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("read_at", Instant()),
        _refers("s_workflow_copy", "instance_id", "s_workflow_instance"),
        sa.UniqueConstraint(
            "instance_id",
            "step",
            "user_id",
            name=op.f("uq_s_workflow_copy_instance_id_step_user_id"),
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_s_workflow_copy_user_id", "s_workflow_copy", ["user_id", "id"])
    op.create_index(
        "ix_s_workflow_copy_record", "s_workflow_copy", ["app", "form", "record_id", "user_id"]
    )


def _delegation() -> None:
    op.create_table(
        "s_workflow_delegation",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("to_id", Key(), nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("created_by", Key()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        _refers("s_workflow_delegation", "user_id", "s_user"),
        _refers("s_workflow_delegation", "to_id", "s_user"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_s_workflow_delegation_user_id", "s_workflow_delegation", ["user_id", "ends_at"]
    )


def _stash() -> None:
    op.create_table(
        "s_workflow_stash",
        sa.Column("task_id", Key(), primary_key=True),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("typed", JsonText(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        _refers("s_workflow_stash", "task_id", "s_workflow_task"),
        sqlite_strict=True,
    )


def _migration() -> None:
    op.create_table(
        "s_workflow_migration",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("definition_id", Key(), nullable=False),
        sa.Column("by_id", Key()),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("undone_at", Instant()),
        _refers("s_workflow_migration", "definition_id", "s_workflow_definition"),
        sqlite_strict=True,
    )
    op.create_index("ix_s_workflow_migration_app", "s_workflow_migration", ["app", "code"])
    op.create_table(
        "s_workflow_migrated",
        sa.Column("migration_id", Key(), primary_key=True),
        sa.Column("instance_id", Key(), primary_key=True),
        sa.Column("from_id", Key(), nullable=False),
        sa.Column("steps", JsonText(), nullable=False),
        _refers("s_workflow_migrated", "migration_id", "s_workflow_migration"),
        _refers("s_workflow_migrated", "instance_id", "s_workflow_instance"),
        _refers("s_workflow_migrated", "from_id", "s_workflow_definition"),
        sqlite_strict=True,
    )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))
