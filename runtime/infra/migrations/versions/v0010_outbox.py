"""What leaves the house: the outbox, webhooks, their attempts."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Flag, Instant, JsonText, Key

revision: Final = "0010"
down_revision: Final = "0009"


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "s_webhook",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("events", JsonText(), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("owner_id", Key(), nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("key_print", sa.Text, nullable=False),
        sa.Column("is_active", Flag(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["s_user.id"], name=op.f("fk_s_webhook_owner_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_webhook_app", "s_webhook", ["app", "form"])
    _outbox()


def _outbox() -> None:
    op.create_table(
        "s_outbox",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("delivery", sa.Text, nullable=False),
        sa.Column("webhook_id", Key(), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("record_id", Key()),
        sa.Column("changed", JsonText(), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("due", Key(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["s_webhook.id"],
            name=op.f("fk_s_outbox_webhook_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("delivery", name=op.f("uq_s_outbox_delivery")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_outbox_webhook_id", "s_outbox", ["webhook_id", "id"])
    op.create_index("ix_s_outbox_due", "s_outbox", ["webhook_id", "state", "due"])
    op.create_table(
        "s_outbox_attempt",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("outbox_id", Key(), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("ms", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["s_outbox.id"],
            name=op.f("fk_s_outbox_attempt_outbox_id"),
            ondelete="CASCADE",
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_s_outbox_attempt_outbox_id", "s_outbox_attempt", ["outbox_id", "id"])
