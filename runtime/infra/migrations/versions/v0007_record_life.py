"""Comments, links between documents, what was deleted."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Instant, JsonText, Key

revision: Final = "0007"
down_revision: Final = "0006"


def upgrade() -> None:
    """Make the tables; they fill with use."""
    op.create_table(
        "s_comment",
        sa.Column("id", Key(), primary_key=True),
        *_place(),
        sa.Column("author_id", Key()),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("mentions", JsonText(), nullable=False),
        sa.Column("files", JsonText(), nullable=False),
        sa.Column("withdrawn_at", Instant()),
        sa.ForeignKeyConstraint(["author_id"], ["s_user.id"], name=op.f("fk_s_comment_author_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_comment_record", "s_comment", ["app", "form", "record_id", "id"])
    op.create_table(
        "s_bin",
        sa.Column("id", Key(), primary_key=True),
        *_place(),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_by", Key()),
        sa.Column("deleted_by", Key()),
        sa.Column("deleted_at", Instant(), nullable=False),
        sa.Column("content", JsonText(), nullable=False),
        sa.UniqueConstraint("app", "form", "record_id", name=op.f("uq_s_bin_app_form_record_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_bin_deleted_at", "s_bin", ["app", "form", "deleted_at"])
    op.create_table(
        "s_link",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("conversion", sa.Text, nullable=False),
        sa.Column("source_form", sa.Text, nullable=False),
        sa.Column("source_id", Key(), nullable=False),
        sa.Column("source_line", Key()),
        sa.Column("target_form", sa.Text, nullable=False),
        sa.Column("target_id", Key(), nullable=False),
        sa.Column("target_line", Key()),
        sqlite_strict=True,
    )
    op.create_index("ix_s_link_source", "s_link", ["app", "source_form", "source_id"])
    op.create_index("ix_s_link_target", "s_link", ["app", "target_form", "target_id"])


def _place() -> tuple[sa.Column[str], sa.Column[str], sa.Column[int]]:
    """Which record a row is about."""
    return (
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("record_id", Key(), nullable=False),
    )
