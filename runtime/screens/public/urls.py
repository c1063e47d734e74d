"""The addresses of public links: rule, name, view, methods."""

from collections.abc import Callable
from typing import Any, Final

from runtime.screens.public import making, visiting

Address = tuple[str, str, Callable[..., Any], tuple[str, ...]]
GET: Final = ("GET",)
POST: Final = ("POST",)
LINKS: Final = "/a/<app_code>/<form_code>/links"
DOOR: Final = "/p/<link_token>"

URLS: Final[tuple[Address, ...]] = (
    (LINKS, "public_links", making.public_links, GET),
    (LINKS, "create_public_link", making.create_public_link, POST),
    (f"{LINKS}/permission", "allow_public_links", making.allow_public_links, POST),
    (f"{LINKS}/<int:link_id>/revocation", "revoke_public_link", making.revoke_public_link, POST),
    (DOOR, "public_page", visiting.public_page, GET),
    (DOOR, "send_public_form", visiting.send_public_form, POST),
    (f"{DOOR}/password", "open_public_link", visiting.open_public_link, POST),
)
