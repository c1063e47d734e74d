"""What robots of other services want their calls signed with."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Instant

revision: Final = "0019"
down_revision: Final = "0018"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "s_workflow_robot",
        sa.Column("url_hash", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("url_hash", name=op.f("pk_s_workflow_robot")),
        sqlite_strict=True,
    )
