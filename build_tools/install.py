"""`make install`: from a bare checkout to everything installed. Runs on the system's Python.

Each step leaves a stamp with the sum of what it was made from, so a second run does nothing.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from build_tools import scripts, system, vendor

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_BIN = VENV / "bin"
PYTHON = VENV_BIN / "python"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
OLDEST_NPM = 9


def run(command: list[str], what: str) -> None:
    """Run a step quietly; when it fails, show what it said."""
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise system.Missing(f"{what} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def sum_of(paths: Iterable[Path], *more: str) -> str:
    """One sum over the contents of files and some words."""
    total = hashlib.sha256("\n".join(more).encode())
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def is_fresh(stamp: Path, content: str) -> bool:
    """Whether the step of this stamp was done from the same things."""
    return stamp.exists() and stamp.read_text() == content


def venv_works() -> bool:
    """Whether .venv is there and has a pip that runs."""
    if not PYTHON.exists():
        return False
    asked = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)
    return asked.returncode == 0


def make_venv() -> None:
    """Create .venv, with Debian's separate package for it where that is needed."""
    if venv_works():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if not (importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv")):
        system.install([f"python3.{sys.version_info.minor}-venv"])
    system.say("creating .venv")
    run([sys.executable, "-m", "venv", str(VENV)], "creating .venv")


def install_lock(name: str) -> None:
    """Install one hash-pinned lock; the lock is complete, so nothing is resolved."""
    lock, stamp = ROOT / name, VENV / f".{name}"
    content = sum_of([lock], sys.version.split()[0])
    if is_fresh(stamp, content):
        return
    system.say(f"installing {name}")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "-r", str(lock)]
    run(command, f"installing {name}")
    stamp.write_text(content)


def install_project() -> None:
    """Install the checkout itself, for its two commands and its metadata."""
    stamp = VENV / ".project"
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
    content = sum_of([ROOT / "pyproject.toml", ROOT / "requirements.in"], str(ROOT), *packages)
    if is_fresh(stamp, content):
        return
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    run(command, "installing the checkout")
    stamp.write_text(content)


def leading_number(program: str) -> int:
    """The first number of `program --version`, 0 where it does not run."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    digits = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return int(digits) if digits.isdigit() else 0


def npm() -> str:
    """The npm to use: the machine's, or the one of the Node wheel, installed into .venv."""
    found = shutil.which("npm")
    if found and leading_number("node") >= OLDEST_NODE and leading_number(found) >= OLDEST_NPM:
        return found
    install_lock("requirements-node.lock")
    os.environ["PATH"] = f"{VENV_BIN}{os.pathsep}{os.environ['PATH']}"
    return str(VENV_BIN / "npm")


def install_browser_libraries() -> None:
    """Bring the locked browser libraries into static/vendor."""
    lists = [ROOT / "package.json", ROOT / "package-lock.json"]
    modules = ROOT / "node_modules" / ".dajian-stamp"
    content = sum_of(lists)
    if not is_fresh(modules, content):
        program = npm()
        system.say("installing the browser libraries")
        run([program, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "npm ci")
        modules.write_text(content)
    made = vendor.VENDOR / ".stamp"
    sources = [*lists, vendor.LIST, Path(vendor.__file__), ROOT / "static" / "icons.txt"]
    sources += sorted(vendor.BUNDLES.glob("*.js"))
    content = sum_of(sources)
    if is_fresh(made, content):
        vendor.check()
        return
    npm()  # the bundler is started through node
    vendor.install()
    made.write_text(content)


def make_scripts_small() -> None:
    """Write the small form of the pages' scripts and styles."""
    made = vendor.STATIC / "made" / ".stamp"
    content = sum_of(scripts.read_from(), *scripts.pages())
    if not is_fresh(made, content):
        npm()  # the bundler is started through node
        scripts.make()
        made.write_text(content)


def compile_translations() -> None:
    """Compile the message catalogues that are newer than what was made of them."""
    for catalogue in ROOT.glob("*/locale/*/LC_MESSAGES/*.po"):
        compiled = catalogue.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime:
            continue
        command = [str(VENV_BIN / "pybabel"), "compile", "-i", str(catalogue), "-o", str(compiled)]
        run(command, f"compiling {catalogue.relative_to(ROOT)}")


def main() -> int:
    """Install what running needs, and with --dev what tests and checks need."""
    if sys.version_info < OLDEST_PYTHON:
        return system.fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    try:
        make_venv()
        install_lock("requirements.lock")
        if "--dev" in sys.argv:
            install_lock("requirements-dev.lock")
        install_project()
        install_browser_libraries()
        make_scripts_small()
        compile_translations()
    except (system.Missing, vendor.Differs) as problem:
        return system.fail(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
