"""What leaves the house: the outbox, webhooks, their attempts."""

from typing import Final

revision: Final = "0010"
down_revision: Final = "0009"


def upgrade() -> None:
    """Make nothing yet."""
