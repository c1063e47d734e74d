"""`make check`: format, lint, types, imports, templates, security, docs; shows every fault."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from build_tools import system

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def python_folders() -> list[str]:
    """Our own Python folders."""
    return [name for name in ("runtime", "builder") if (ROOT / name / "__init__.py").exists()]


def steps() -> dict[str, list[str]]:
    """Name and command of every check, in the order they are reported."""
    python = sys.executable
    bandit = [str(BIN / "bandit"), "-q", "-lll", "-c", "pyproject.toml"]
    return {
        "format": [str(BIN / "ruff"), "format", "--check", "."],
        "lint": [str(BIN / "ruff"), "check", "."],
        "types": [str(BIN / "mypy"), "--no-error-summary"],
        "imports": [str(BIN / "lint-imports"), "--no-logo", "--no-cache"],
        "htmx": [python, "-m", "build_tools.htmx"],
        "gates": [python, "-m", "build_tools.gates"],
        "docs": [python, "-m", "build_tools.docs"],
        "reference": [python, "-m", "build_tools.reference", "--check"],
        "security": [*bandit, "-r", *python_folders()],
    }


def carry_out(name: str, command: list[str]) -> bool:
    """Run one check and report it; whether it found nothing."""
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    word = "ok" if done.returncode == 0 else "FAILED"
    faults = f"{done.stdout}{done.stderr}" if done.returncode else ""
    print(
        f"check {name:<9} {word:<7}{time.monotonic() - began:5.1f} s\n{faults}", end="", flush=True
    )
    return done.returncode == 0


def main() -> int:
    """Run every check, two at a time; 1 when one found something."""
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda step: carry_out(*step), steps().items()))
    faults = results.count(False)
    system.say(f"{faults} of {len(results)} checks failed" if faults else "all checks passed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
