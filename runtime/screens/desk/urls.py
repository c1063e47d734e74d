"""The addresses of a person's own pages: rule, name, view, methods."""

from collections.abc import Callable
from typing import Any, Final

from runtime.screens.desk import home, palette, preferences

Address = tuple[str, str, Callable[..., Any], tuple[str, ...]]
GET: Final = ("GET",)
POST: Final = ("POST",)

URLS: Final[tuple[Address, ...]] = (
    ("/", "home", home.home, GET),
    ("/a/<app_code>", "home", home.home, GET),
    ("/preferences", "preferences", preferences.show_preferences, GET),
    ("/preferences", "save_preferences", preferences.save_preferences, POST),
    ("/palette", "palette", palette.palette, GET),
)
