"""Public links: where administrators make them, and what anybody sees who has one."""

from runtime.screens.public.urls import URLS

__all__ = ["URLS"]
