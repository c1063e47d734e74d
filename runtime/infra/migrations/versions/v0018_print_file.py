"""The files of print templates, by their digest."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Instant

revision: Final = "0018"
down_revision: Final = "0015"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "s_print_file",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_s_print_file")),
        sqlite_strict=True,
    )
