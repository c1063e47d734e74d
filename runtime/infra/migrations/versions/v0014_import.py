"""What imports did, record by record."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import JsonText, Key

revision: Final = "0014"
down_revision: Final = "0013"


def upgrade() -> None:
    """Make the table; imports of before are not undone any more."""
    op.create_table(
        "s_import_row",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("import_id", Key(), nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("record_id", Key()),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("before", JsonText(), nullable=False),
        sa.Column("cells", JsonText(), nullable=False),
        sa.Column("problems", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["s_import.id"], name=op.f("fk_s_import_row_import_id")
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_s_import_row_state", "s_import_row", ["import_id", "state", "id"])
    op.create_index("ix_s_import_row_record", "s_import_row", ["import_id", "form", "record_id"])
