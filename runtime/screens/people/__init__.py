"""People: who there is, their roles, what those come to, and a look through their eyes."""

from runtime.screens.people.urls import URLS

__all__ = ["URLS"]
