"""Indexes of letters and pairs of letters over what records are searched by."""

from typing import Final

from alembic import op

from runtime.infra.grams import index_all

revision: Final = "0012"
down_revision: Final = "0011"


def upgrade() -> None:
    """Index the forms there are; a form made later brings its index with it."""
    index_all(op.get_bind())
