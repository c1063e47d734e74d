"""The addresses of people: rule, name, view, methods."""

from collections.abc import Callable
from typing import Any, Final

from runtime.screens.people import mail, pages, preview

Address = tuple[str, str, Callable[..., Any], tuple[str, ...]]
GET: Final = ("GET",)
POST: Final = ("POST",)
USER: Final = "/users/<int:user_id>"

URLS: Final[tuple[Address, ...]] = (
    ("/users", "users", pages.users_page, GET),
    ("/users", "invite_user", pages.invite_user, POST),
    (USER, "user", pages.user, GET),
    (USER, "change_user", pages.change_user, POST),
    (f"{USER}/mail", "set_user_mail", mail.set_user_mail, POST),
    (f"{USER}/state", "lock_user", pages.lock_user, POST),
    (f"{USER}/sessions/ending", "end_user_sessions", pages.end_user_sessions, POST),
    (f"{USER}/preview", "begin_preview", preview.begin_preview, POST),
    ("/preview/ending", "end_preview", preview.end_preview, POST),
)
