"""The bytes of a workbook's pictures, written out by the child under names of our own."""

from pathlib import Path
from typing import Any

from runtime.exchange.limits import LIMITS, Limits
from runtime.exchange.package import Package
from runtime.exchange.reader import Workbook
from runtime.exchange.refusals import FileRefused

Json = dict[str, Any]


def write(path: Path, workbook: Workbook, folder: Path, limits: Limits = LIMITS) -> Json:
    """Write each picture that belongs to a cell once; say where it is, or why it is not there.

    A picture that is too large is left out, and so is everything once there are too many.
    """
    found: Json = {}
    shown = (each.part for sheet in workbook.sheets for each in sheet.pictures)
    parts = dict.fromkeys([*(part for part in shown if part), *workbook.cell_pictures.values()])
    if not parts:
        return found
    written = 0
    with Package(path, limits) as package:
        for number, part in enumerate(parts):
            size = package.parts[part].file_size if part in package.parts else 0
            if size > limits.picture_bytes:
                found[part] = {"refused": "import_picture_too_large"}
            elif number >= limits.pictures or written + size > limits.pictures_bytes:
                found[part] = {"refused": "import_pictures_too_many"}
            else:
                written += size
                found[part] = _written(package, part, folder / f"{number}")
    return found


def _written(package: Package, part: str, file: Path) -> Json:
    try:
        with file.open("xb") as out:
            for chunk in package.chunks(part):
                out.write(chunk)
    except (FileRefused, KeyError):
        file.unlink(missing_ok=True)
        return {"refused": "import_picture_damaged"}
    return {"file": file.name}
