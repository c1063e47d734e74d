"""What people are told outside the product: letters that say what waits, and lead back in."""

from runtime.notices.letters import deliver

__all__ = ["deliver"]
