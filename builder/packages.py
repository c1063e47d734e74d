"""App packages: a folder of JSON files <-> the one JSON document of an app."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from runtime.infra import strict_json
from runtime.infra.errors import BadRequest, TooLarge

# The parts of an app that are folders of files, one object per file, named by its code.
FOLDERS: Final = (
    "forms", "aggregates", "conversions", "printouts", "workflows", "roles", "tests",
)  # fmt: skip
_MAX_FILES: Final = 1000
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


def read_package(folder: Path) -> dict[str, Any]:
    """Read `app.json`, `menus.json` and the files of the folders of parts.

    A part is there when `app.json` gives its order or its folder is there. Raises BadRequest naming
    the file that is missing, is called otherwise than what is in it, or is not strict JSON.
    """
    app: dict[str, Any] = _read(folder / "app.json")
    if not isinstance(app, dict):
        raise BadRequest("package_file_invalid", {"file": "app.json", "reason": "no object"})
    for part in FOLDERS:
        order = app.pop(f"{part}_order", None)
        if order is None and not (folder / part).is_dir():
            continue
        read = {path.stem: _part(path) for path in _files(folder / part)}
        codes = [code for code in order or () if code in read]
        app[part] = [read[code] for code in (*codes, *(c for c in read if c not in codes))]
    menus = folder / "menus.json"
    if menus.exists():
        app["menus"] = _read(menus)
    return app


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.json"))
    if len(files) > _MAX_FILES:
        raise TooLarge("package_too_large")
    return files


def _part(path: Path) -> Any:
    """A part by itself; its file is called like it, so that no two can be the same."""
    found = _read(path)
    if not isinstance(found, dict) or found.get("code") != path.stem:
        raise BadRequest("package_file_misnamed", {"file": path.name})
    return found


def write_package(source: Mapping[str, Any], folder: Path) -> None:
    """Write an app so that `read_package` reads exactly the same again, always the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    app = {key: value for key, value in source.items() if key not in (*FOLDERS, "menus")}
    for part in FOLDERS:
        _clear(folder / part)
        if part not in source:
            continue
        items = source[part]
        app[f"{part}_order"] = [item["code"] for item in items]
        (folder / part).mkdir(exist_ok=True)
        for item in items:
            # A code is a file's name here: whatever is no code must not become a path.
            assert _CODE.fullmatch(item["code"]), f"{item['code']!r} is no code"
            _write(folder / part / f"{item['code']}.json", item)
    menus = folder / "menus.json"
    if "menus" in source:
        _write(menus, source["menus"])
    else:
        menus.unlink(missing_ok=True)
    _write(folder / "app.json", app)


def _clear(folder: Path) -> None:
    """Take away what was written before; what somebody else put there stays."""
    if folder.is_dir():
        for stale in folder.glob("*.json"):
            stale.unlink()
        with suppress(OSError):
            folder.rmdir()


def _read(path: Path) -> Any:
    if path.is_symlink():
        # It may lead out of the package.
        raise BadRequest("package_file_invalid", {"file": path.name, "reason": "symbolic link"})
    try:
        return strict_json.loads(path.read_bytes())
    except FileNotFoundError:
        raise BadRequest("package_file_missing", {"file": path.name}) from None
    except BadRequest as error:
        params = {"file": path.name, "reason": str(error.params.get("reason", error.code))}
        raise BadRequest("package_file_invalid", params) from error


def _write(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
