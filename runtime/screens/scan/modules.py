"""Which modules a module needs, and those need: what a page must have when there is no network."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# As people write it and as the bundler does; what is asked for later stands in brackets.
IMPORTED: Final = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")
VENDOR: Final = "vendor/"


def closure(static: Path, first: str) -> list[str]:
    """Return `first` and every module of ours it leads to, as names under `static`, sorted.

    Libraries are left out: the one that reads a camera's picture is a megabyte and kept later.
    """
    found: set[str] = set()
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imported(static, name)
    return sorted(found)


def _imported(static: Path, name: str) -> Iterator[str]:
    folder = posixpath.dirname(name)
    for path in IMPORTED.findall((static / name).read_text()):
        other = posixpath.normpath(posixpath.join(folder, path))
        if not other.startswith(VENDOR):
            yield other
