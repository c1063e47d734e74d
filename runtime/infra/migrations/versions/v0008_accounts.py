"""Second factors, invitations, seals over the audit trail."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.append_only import guards
from runtime.infra.columns import Instant, JsonText, Key

revision: Final = "0008"
down_revision: Final = "0007"


def upgrade() -> None:
    """Make the tables; what is in the trail already is sealed the first time it is looked at."""
    _seal()
    _second_factor()
    _recovery_code()
    _factor_rule()
    _invitation()
    _token_use()
    _service_account()


def _seal() -> None:
    op.create_table(
        "s_audit_seal",
        sa.Column("id", Key(), primary_key=True, autoincrement=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("first_id", Key(), nullable=False),
        sa.Column("last_id", Key(), nullable=False),
        sa.Column("covered", JsonText(), nullable=False),
        sa.Column("gaps", JsonText(), nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.UniqueConstraint("previous", name=op.f("uq_s_audit_seal_previous")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_audit_at", "s_audit", ["at", "id"])
    for statement in guards("s_audit_seal", op.get_context().dialect.name):
        op.execute(statement)


def _second_factor() -> None:
    op.create_table(
        "s_second_factor",
        sa.Column("user_id", Key(), primary_key=True, autoincrement=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("last_step", Key(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant()),
        sa.ForeignKeyConstraint(
            ["user_id"], ["s_user.id"], name=op.f("fk_s_second_factor_user_id")
        ),
        sqlite_strict=True,
    )


def _recovery_code() -> None:
    op.create_table(
        "s_recovery_code",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("used_at", Instant()),
        sa.ForeignKeyConstraint(
            ["user_id"], ["s_user.id"], name=op.f("fk_s_recovery_code_user_id")
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_s_recovery_code_user_id", "s_recovery_code", ["user_id"])


def _factor_rule() -> None:
    op.create_table(
        "s_factor_rule", sa.Column("role", sa.Text, primary_key=True), sqlite_strict=True
    )


def _invitation() -> None:
    op.create_table(
        "s_invitation",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("user_id", Key(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("auth_epoch", sa.Integer(), nullable=False),
        sa.Column("created_by", Key()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
        sa.ForeignKeyConstraint(["user_id"], ["s_user.id"], name=op.f("fk_s_invitation_user_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_s_invitation_token_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_invitation_user_id", "s_invitation", ["user_id"])


def _token_use() -> None:
    op.create_table(
        "s_token_use",
        sa.Column("token_id", Key(), primary_key=True, autoincrement=False),
        sa.Column("reach", JsonText(), nullable=False),
        sa.Column("last_used_at", Instant()),
        sa.Column("network", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["s_token.id"], name=op.f("fk_s_token_use_token_id")),
        sqlite_strict=True,
    )


def _service_account() -> None:
    op.create_table(
        "s_service_account",
        sa.Column("user_id", Key(), primary_key=True, autoincrement=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("created_by", Key()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["s_user.id"], name=op.f("fk_s_service_account_user_id")
        ),
        sqlite_strict=True,
    )
