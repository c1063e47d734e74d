"""An app package as one file: a zip of its folder, the same bytes for the same app.

What a stranger sends is data: only JSON at the places a package has, no paths, bounded in number,
size and ratio, never written outside a folder of our own.
"""

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from builder.packages import FOLDERS, read_package, write_package
from runtime.infra.errors import BadRequest, TooLarge

LARGEST_FILE: Final = 20_000_000
LARGEST_WHOLE: Final = 64_000_000
MOST_FILES: Final = 2000
# Zip keeps times; a package has none of its own.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_PLACE: Final = re.compile(
    rf"(?:app|menus)\.json|(?:{'|'.join(FOLDERS)})/[a-z][a-z0-9_]{{0,62}}\.json", re.ASCII
)


def pack(source: Mapping[str, Any]) -> bytes:
    """Return an app's package as one file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_package(source, folder)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
        return target.getvalue()


def unpack(content: bytes) -> dict[str, Any]:
    """Read the app of a package file.

    Raises BadRequest for what is no package, naming the file in it, and TooLarge.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = dict(_files(archive))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise BadRequest("package_unreadable") from error
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place, text in files.items():
            path = folder / place
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text)
        return read_package(folder)


def _files(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a package; folders and a demo's data stay behind, all else is refused."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES:
        raise TooLarge("package_too_large")
    names = [entry.filename for entry in entries]
    root = _root(names)
    left = LARGEST_WHOLE
    for entry in entries:
        place = entry.filename.removeprefix(root)
        if place.startswith("demo/"):
            continue
        if not _PLACE.fullmatch(place) or names.count(entry.filename) > 1:
            raise BadRequest("package_file_unknown", {"file": entry.filename[:80]})
        with archive.open(entry) as stream:
            text = stream.read(min(LARGEST_FILE, left) + 1)
        left -= len(text)
        if len(text) > LARGEST_FILE or left < 0:
            raise TooLarge("package_too_large")
        yield place, text


def _root(names: list[str]) -> str:
    """The one folder everything may lie in: people zip the folder, not what is in it."""
    if "app.json" in names:
        return ""
    first = names[0].partition("/")[0] if names else ""
    return f"{first}/" if f"{first}/app.json" in names else ""
