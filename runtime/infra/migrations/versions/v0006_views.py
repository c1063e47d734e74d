"""Saved views and what lists are searched by."""

from typing import Final

revision: Final = "0006"
down_revision: Final = "0005"


def upgrade() -> None:
    """Make nothing yet."""
