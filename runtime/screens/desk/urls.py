"""The addresses of a person's own pages: rule, name, view, methods."""

from collections.abc import Callable
from typing import Any, Final

from runtime.screens.desk import home, notices, opened, palette, pins, preferences

Address = tuple[str, str, Callable[..., Any], tuple[str, ...]]
GET: Final = ("GET",)
POST: Final = ("POST",)
RECORD: Final = "/a/<app_code>/<form_code>/<int:record_id>"

URLS: Final[tuple[Address, ...]] = (
    ("/", "home", home.home, GET),
    ("/a/<app_code>", "home", home.home, GET),
    ("/preferences", "preferences", preferences.show_preferences, GET),
    ("/preferences", "save_preferences", preferences.save_preferences, POST),
    ("/first-steps/hiding", "hide_first_steps", preferences.hide_first_steps, POST),
    ("/notices", "notices", notices.show_notices, GET),
    ("/notices/reading", "read_notices", notices.read_notices, POST),
    ("/pins", "pin_page", pins.pin_page, POST),
    ("/pins/<int:pin_id>", "change_pin", pins.change_pin, POST),
    (f"{RECORD}/opening", "note_opening", opened.note_opening, POST),
    ("/palette", "palette", palette.palette, GET),
)
