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
