"""Roles that departments lend; public links, their visits and the puzzles they ask."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Flag, Instant, JsonText, Key

revision: Final = "0011"
down_revision: Final = "0010"


def upgrade() -> None:
    """Make the tables; nothing is lent and nothing is public before somebody says so."""
    op.create_table(
        "s_department_role",
        sa.Column("department_id", Key(), primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["s_department.id"], name=op.f("fk_s_department_role_department_id")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "s_public_link",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("fields", JsonText(), nullable=False),
        sa.Column("condition", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("opens_at", Instant()),
        sa.Column("closes_at", Instant()),
        sa.Column("quota", sa.Integer),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("asks_puzzle", Flag(), nullable=False),
        sa.Column("created_by", Key()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant()),
        sa.UniqueConstraint("token_hash", name=op.f("uq_s_public_link_token_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_public_link_form", "s_public_link", ["app", "form"])
    op.create_table(
        "s_public_app",
        sa.Column("app", sa.Text, primary_key=True),
        sqlite_strict=True,
    )
    op.create_table(
        "s_public_puzzle",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.UniqueConstraint("token_hash", name=op.f("uq_s_public_puzzle_token_hash")),
        sqlite_strict=True,
    )
