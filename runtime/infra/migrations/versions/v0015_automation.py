"""Automations: what set a run off, what is still to be run, secret addresses and deliveries."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Flag, Instant, JsonText, Key

revision: Final = "0015"
down_revision: Final = "0014"


def upgrade() -> None:
    """Add what there was not; runs of before are approvals that nothing set off."""
    _instance()
    op.create_table(
        "s_workflow_pending",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("record_id", Key(), nullable=False),
        sa.Column("begun_on", sa.Text, nullable=False),
        sa.Column("by_id", Key()),
        sa.Column("chain", JsonText(), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "s_workflow_hook",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("key_print", sa.Text, nullable=False),
        sa.Column("is_active", Flag(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_at", Instant()),
        sa.UniqueConstraint("token_hash", name=op.f("uq_s_workflow_hook_token_hash")),
        sa.UniqueConstraint("app", "code", name=op.f("uq_s_workflow_hook_app_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "s_workflow_delivery",
        sa.Column("hook_id", Key(), primary_key=True),
        sa.Column("delivery", sa.Text, primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hook_id"], ["s_workflow_hook.id"], name=op.f("fk_s_workflow_delivery_hook_id")
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_s_workflow_delivery_at", "s_workflow_delivery", ["at"])


def _instance() -> None:
    table = "s_workflow_instance"
    op.add_column(table, sa.Column("begun_on", sa.Text, server_default="", nullable=False))
    op.add_column(table, sa.Column("parent_id", Key()))
    op.add_column(table, sa.Column("root_id", Key()))
    op.create_index("ix_s_workflow_instance_root_id", table, ["root_id"])
