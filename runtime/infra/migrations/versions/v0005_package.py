"""App packages as they came, so that a new version of one can be merged with what was changed."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Instant, Key

revision: Final = "0005"
down_revision: Final = "0004"


def upgrade() -> None:
    """Make the table; it fills with the packages that come."""
    op.create_table(
        "s_package",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("taken_by", sa.Text, nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.UniqueConstraint("app", "digest", name=op.f("uq_s_package_app_digest")),
        sqlite_strict=True,
    )
