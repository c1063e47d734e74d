"""Departments and who belongs to them."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from runtime.infra.columns import Flag, Instant, Key

revision: Final = "0004"
down_revision: Final = "0003"


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "s_department",
        sa.Column("id", Key(), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("parent_id", Key()),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("head_id", Key()),
        sa.Column("is_disabled", Flag(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["s_department.id"], name=op.f("fk_s_department_parent_id")
        ),
        sa.ForeignKeyConstraint(["head_id"], ["s_user.id"], name=op.f("fk_s_department_head_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_s_department_parent_id", "s_department", ["parent_id"])
    op.create_table(
        "s_user_department",
        sa.Column("user_id", Key(), primary_key=True),
        sa.Column("department_id", Key(), primary_key=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["s_user.id"], name=op.f("fk_s_user_department_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["s_department.id"],
            name=op.f("fk_s_user_department_department_id"),
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_s_user_department_department_id", "s_user_department", ["department_id"])
