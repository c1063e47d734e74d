"""The front door: the page that asks who one is, and where one goes after it."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from flask import Response, make_response, request, url_for

from runtime.screens.i18n import LANGUAGE_TAGS, locale
from runtime.screens.render import go, render

LONGEST_NEXT: Final = 2000


def door(
    *, name: str = "", problem: str = "", notice: str = "", status: int = 200, wait: int = 0
) -> Response:
    """Show the front door, with what went wrong."""
    answer = render(
        "sign_in.html",
        status=status,
        name=name,
        problem=problem,
        notice=notice,
        next=safe_next(request.values.get("next", "")),
        language=locale(),
        languages=language_names(),
        language_tags=LANGUAGE_TAGS,
    )
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def language_names() -> Sequence[tuple[str, str]]:
    """Return the languages, each in its own words."""
    return (("zh", "简体中文"), ("en", "English"))


def safe_next(target: str) -> str:
    """Return where to go after signing in: an address of ours, or home."""
    home = url_for("screens.home")
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    if not is_path or len(target) > LONGEST_NEXT or not target.isprintable() or "\\" in target:
        return home
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path == url_for("screens.sign_in"):
        return home
    return target


def to_the_door() -> Response:
    """Send a visitor to the front door, and back afterwards."""
    came_from = request.full_path.rstrip("?") if request.method == "GET" else ""
    if request.headers.get("HX-Request") == "true":
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        came_from = f"{shown.path}?{shown.query}" if shown.query else shown.path
    target = safe_next(came_from)
    values = {} if target == url_for("screens.home") else {"next": target}
    return make_response(go("screens.sign_in", **values))
