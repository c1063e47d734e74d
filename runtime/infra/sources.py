"""The sources of what pages load, and the small form of them that `make install` makes."""

import hashlib
from pathlib import Path
from typing import Final

KINDS: Final = ("js", "css")
# Written beside the small files: of which sources they were made.
STAMP: Final = "of.txt"


def files(static: Path) -> list[Path]:
    """Return the scripts and styles people write, in order."""
    return [path for kind in KINDS for path in sorted((static / kind).rglob(f"*.{kind}"))]


def digest(static: Path) -> str:
    """Return the name of these sources as they are now."""
    whole = hashlib.sha256()
    for path in files(static):
        whole.update(str(path.relative_to(static)).encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def made(static: Path) -> Path:
    """Return where the small form stands."""
    return static / "made"


def is_made(static: Path) -> bool:
    """Tell whether there is a small form of these very sources; a source edited since has none."""
    stamp = made(static) / STAMP
    return stamp.is_file() and stamp.read_text() == digest(static)
