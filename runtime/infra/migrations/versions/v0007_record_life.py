"""Comments, drafts of what is being typed, links between documents, what was deleted."""

from typing import Final

revision: Final = "0007"
down_revision: Final = "0006"


def upgrade() -> None:
    """Make nothing yet."""
