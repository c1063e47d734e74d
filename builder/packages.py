"""App packages: a folder of JSON files <-> the one JSON document of an app."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runtime.infra import strict_json
from runtime.infra.errors import BadRequest

# The parts of an app that are folders of files, one object per file, named by its code.
FOLDERS: Final = ("forms", "aggregates", "workflows", "roles", "tests")
# Left out of the JSON where there is no such folder: most apps have none.
_OPTIONAL: Final = frozenset({"aggregates", "tests"})
_MAX_FILES: Final = 1000


def read_package(folder: Path) -> dict[str, Any]:
    """Read `app.json`, `menus.json` and the files of the folders of parts.

    Raises BadRequest naming the file that is missing or is not strict JSON.
    """
    app: dict[str, Any] = _read(folder / "app.json")
    for part in FOLDERS:
        if part in _OPTIONAL and not (folder / part).is_dir():
            continue
        files = sorted((folder / part).glob("*.json"))[:_MAX_FILES]
        order = app.pop(f"{part}_order", None) or []
        read = {path.stem: _read(path) for path in files}
        codes = [code for code in order if code in read] + [c for c in read if c not in order]
        app[part] = [read[code] for code in codes]
    menus = folder / "menus.json"
    if menus.exists():
        app["menus"] = _read(menus)
    return app


def write_package(source: Mapping[str, Any], folder: Path) -> None:
    """Write an app so that `read_package` reads exactly the same again."""
    folder.mkdir(parents=True, exist_ok=True)
    app = {key: value for key, value in source.items() if key not in (*FOLDERS, "menus")}
    for part in FOLDERS:
        items = source.get(part, [])
        if part in _OPTIONAL and part not in source:
            _clear(folder / part)
            continue
        app[f"{part}_order"] = [item["code"] for item in items]
        (folder / part).mkdir(exist_ok=True)
        for stale in (folder / part).glob("*.json"):
            stale.unlink()
        for item in items:
            _write(folder / part / f"{item['code']}.json", item)
    if "menus" in source:
        _write(folder / "menus.json", source["menus"])
    _write(folder / "app.json", app)


def _clear(folder: Path) -> None:
    if folder.is_dir():
        for stale in folder.glob("*.json"):
            stale.unlink()
        folder.rmdir()


def _read(path: Path) -> Any:
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
