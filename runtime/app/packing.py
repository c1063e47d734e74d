"""What goes out is packed: static files once, in the home folder, and pages as they are made."""

import gzip
import os
import shutil
import time
from pathlib import Path
from typing import Final

import structlog
from flask import Flask, Response, request
from whitenoise.compress import Compressor  # type: ignore[import-untyped]

from runtime.infra import sources

log: Final = structlog.get_logger("packing")
# Below this a packed page is hardly smaller; above the fourth level it takes longer than it saves.
LEAST: Final = 1_400
LEVEL: Final = 4
A_WEEK: Final = 7 * 86_400


def init_app(app: Flask) -> None:
    """Pack pages for browsers that can unpack them.

    Data of the API is left as it is: its ETag names these very bytes. A page tells a stranger
    nothing by its length, for a cookie of ours comes with no request of another site.
    """

    @app.after_request
    def pack(response: Response) -> Response:
        if response.mimetype != "text/html":
            return response
        response.vary.add("Accept-Encoding")
        if _may_be_packed(response):
            response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
        return response


def _may_be_packed(response: Response) -> bool:
    return (
        request.accept_encodings["gzip"] > 0
        and not response.is_streamed
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and len(response.get_data()) >= LEAST
    )


def packed(folder: Path, home: Path, version: str) -> Path:
    """Return a copy of a folder of static files with each file packed beside it.

    Made once for a version, whole or not at all; the folder itself where nothing can be written.
    """
    target = home / "static" / version
    if target.is_dir():
        return target
    making = target.with_name(f"{version}.{os.getpid()}")
    try:
        _forget_others(target)
        shutil.copytree(folder, making)
        _take_small(making)
        packer = Compressor(use_brotli=False, quiet=True)
        for path in sorted(making.rglob("*")):
            if path.is_file() and packer.should_compress(path.name):
                list(packer.compress(str(path)))
        _put(making, target)
    except OSError as error:
        log.warning("static_unpacked", error=str(error))
        shutil.rmtree(making, ignore_errors=True)
        return folder
    return target


def _take_small(making: Path) -> None:
    """Put the small form of scripts and styles in the place of the sources it was made of."""
    small = sources.made(making)
    if sources.is_made(making):
        for kind in sources.KINDS:
            shutil.rmtree(making / kind)
            (small / kind).rename(making / kind)
    shutil.rmtree(small, ignore_errors=True)


def _put(making: Path, target: Path) -> None:
    # A copy has the time of what it was copied from; ours is its own age.
    os.utime(making)
    try:
        making.rename(target)
    except OSError:
        # Another process was quicker: what it made is the same.
        if not target.is_dir():
            raise
        shutil.rmtree(making, ignore_errors=True)


def _forget_others(target: Path) -> None:
    """Remove what is left of versions before; a process of one may still be at its last answers."""
    until = time.time() - A_WEEK
    for other in target.parent.glob("*") if target.parent.is_dir() else ():
        if other.stat().st_mtime < until:
            shutil.rmtree(other, ignore_errors=True)
