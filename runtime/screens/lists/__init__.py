"""Record lists: what the address says, views, the page, the sheets that change it."""

from runtime.screens.lists.urls import URLS

__all__ = ["URLS"]
