"""The audit trail on the screen: look up, look closer, take along; and who looked."""

from runtime.screens.audit.urls import URLS

__all__ = ["URLS"]
