"""Static files, under an address that changes with their content."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from whitenoise import WhiteNoise  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

DIGITS: Final = 12


def digest(folder: Path) -> str:
    """Return a short name of everything in the folder, as it is now."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(str(path.relative_to(folder)).encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:DIGITS]


def serve(app: "WSGIApplication", folder: Path, version: str) -> WhiteNoise:
    """Answer `/static/…` before the application; `/static/<version>/…` may be kept for ever.

    Modules import each other by relative addresses and so stay within one version.
    """
    served = WhiteNoise(
        app,
        max_age=60,
        allow_all_origins=False,
        add_headers_function=_add_headers,
        immutable_file_test=lambda _path, url: url.startswith(f"/static/{version}/"),
    )
    served.add_files(str(folder), prefix="static/")
    served.add_files(str(folder), prefix=f"static/{version}/")
    return served


def _add_headers(headers: "dict[str, str]", _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
