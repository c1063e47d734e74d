"""Apps as they are being changed, and every change of them."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Flag, Instant, JsonText, Key

revision: Final = "0003"
down_revision: Final = "0002"


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "s_draft",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("base_digest", sa.Text, nullable=False),
        sa.Column("is_changed", Flag(), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("removed", sa.Text, nullable=False),
        sa.Column("base_removed", sa.Text, nullable=False),
        sa.Column("undecided", sa.Text, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.UniqueConstraint("app", name=op.f("uq_s_draft_app")),
        sqlite_strict=True,
    )
    op.create_table(
        "s_draft_op",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("draft_id", Key(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("operations", JsonText(), nullable=False),
        sa.Column("said", JsonText(), nullable=False),
        sa.Column("created", JsonText(), nullable=False),
        sa.Column("forward", JsonText()),
        sa.Column("back", JsonText()),
        sa.ForeignKeyConstraint(["draft_id"], ["s_draft.id"], name=op.f("fk_s_draft_op_draft_id")),
        sa.UniqueConstraint("draft_id", "rev", name=op.f("uq_s_draft_op_draft_id_rev")),
        sqlite_strict=True,
    )
