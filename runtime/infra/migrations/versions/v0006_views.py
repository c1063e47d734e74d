"""Saved views and what lists are searched by."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Flag, Instant, JsonText, Key

revision: Final = "0006"
down_revision: Final = "0005"


def upgrade() -> None:
    """Make the tables; they fill with use."""
    _views()
    _many()


def _views() -> None:
    """Views people keep: `owner_id` says whose one is, empty: everybody's."""
    op.create_table(
        "s_view",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("owner_id", Key()),
        sa.Column("is_locked", Flag(), nullable=False),
        sa.Column("source", JsonText(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_by", Key()),
        sa.Column("updated_at", Instant(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_s_view_app_form", "s_view", ["app", "form", "id"])


def _many() -> None:
    """What was done to many records at once, and what became of each."""
    op.create_table(
        "s_batch",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("given", JsonText(), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("undoes", Key()),
        sa.Column("job_id", Key()),
        sa.Column("created_by", Key()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["undoes"], ["s_batch.id"], name=op.f("fk_s_batch_undoes")),
        sa.ForeignKeyConstraint(["job_id"], ["s_job.id"], name=op.f("fk_s_batch_job_id")),
        sa.ForeignKeyConstraint(["created_by"], ["s_user.id"], name=op.f("fk_s_batch_created_by")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_batch_undoes", "s_batch", ["undoes"])
    op.create_index("ix_s_batch_job_id", "s_batch", ["job_id"])
    op.create_index("ix_s_batch_created_by", "s_batch", ["created_by"])
    op.create_table(
        "s_batch_row",
        sa.Column("batch_id", Key(), primary_key=True),
        sa.Column("record_id", Key(), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("given", JsonText(), nullable=False),
        sa.Column("before", JsonText(), nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("problems", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["s_batch.id"], name=op.f("fk_s_batch_row_batch_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_batch_row_state", "s_batch_row", ["batch_id", "state"])
