"""What is computed from what, kept for whoever asks where a field is used."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Key

revision: Final = "0002"
down_revision: Final = "0001"


def upgrade() -> None:
    """Make the table; it is filled when an app is published the next time."""
    op.create_table(
        "s_dependency",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("app_id", Key(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reads_form", sa.Text, nullable=False),
        sa.Column("reads_lines", sa.Text, nullable=False),
        sa.Column("reads_field", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("lines", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["s_app.id"], name=op.f("fk_s_dependency_app_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_s_dependency_reads",
        "s_dependency",
        ["app_id", "reads_form", "reads_lines", "reads_field"],
    )
