"""The import contracts hold, and cover every room."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOORS = {"app", "cli", "tasks", "screens", "api"}


def rooms() -> set[str]:
    found = [*ROOT.glob("runtime/*/__init__.py"), *ROOT.glob("runtime/*.py")]
    names = {path.parent.name if path.name == "__init__.py" else path.stem for path in found}
    return names - {"runtime"}


def contract(name: str) -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (found,) = (each for each in contracts if each["name"] == name)
    return {module.removeprefix("runtime.") for module in found["source_modules"]}


def test_import_contracts__are_kept() -> None:
    program = str(Path(sys.executable).parent / "lint-imports")
    done = subprocess.run(
        [program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_flask_contract__names_every_room_that_is_no_door() -> None:
    assert contract("Flask lives in the doors") == rooms() - DOORS - {"kernel"}


def test_simpleeval_contract__names_every_room_but_formula() -> None:
    assert contract("simpleeval lives in formula") == rooms() - {"formula", "kernel"} | {"builder"}


def test_contracts__have_no_exceptions() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text()
