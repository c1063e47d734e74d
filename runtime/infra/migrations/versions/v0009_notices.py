"""Notices, small choices of people, what they had open, what they pinned, what they scanned."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import ExactDecimal, Instant, JsonText, Key

revision: Final = "0009"
down_revision: Final = "0008"


def upgrade() -> None:
    """Make the five tables."""
    _notices()
    _desk()
    _scans()


def _notices() -> None:
    op.create_table(
        "s_notice",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("params", JsonText(), nullable=False),
        sa.Column("app", sa.Text),
        sa.Column("form", sa.Text),
        sa.Column("record_id", Key()),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("read_at", Instant()),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_notice_user_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_notice_user_id", "s_notice", ["user_id", "id"])
    op.create_index("ix_s_notice_unread", "s_notice", ["user_id", "read_at"])
    op.create_index("ix_s_notice_at", "s_notice", ["at"])
    op.create_table(
        "s_preference",
        sa.Column("user_id", Key(), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_preference_user_id")),
        sqlite_strict=True,
    )


def _desk() -> None:
    op.create_table(
        "s_opened",
        sa.Column("user_id", Key(), primary_key=True),
        sa.Column("app", sa.Text, primary_key=True),
        sa.Column("form", sa.Text, primary_key=True),
        sa.Column("record_id", Key(), primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_opened_user_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_opened_at", "s_opened", ["user_id", "at"])
    op.create_table(
        "s_pin",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("href", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_pin_user_id")),
        sa.UniqueConstraint("user_id", "href", name=op.f("uq_s_pin_user_id_href")),
        sqlite_strict=True,
    )


def _scans() -> None:
    op.create_table(
        "s_scan",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("uuid", sa.Text, nullable=False),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("record_id", Key(), nullable=False),
        sa.Column("line_id", Key()),
        sa.Column("item_id", Key()),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("qty", ExactDecimal(6), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("scanned_at", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.UniqueConstraint("uuid", name=op.f("uq_s_scan_uuid")),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_scan_user_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_scan_record", "s_scan", ["app", "form", "record_id"])
