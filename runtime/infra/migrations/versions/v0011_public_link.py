"""Public links and their principals."""

from typing import Final

revision: Final = "0011"
down_revision: Final = "0010"


def upgrade() -> None:
    """Make nothing yet."""
