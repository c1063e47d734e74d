"""Second factors, invitations, chained audit entries."""

from typing import Final

revision: Final = "0008"
down_revision: Final = "0007"


def upgrade() -> None:
    """Make nothing yet."""
