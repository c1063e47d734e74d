"""What the machine has, and how to get what it lacks from the system's own packages."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CJK_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts")


class Missing(Exception):  # noqa: N818 - a sentence for a person, not an error of ours
    """Something the machine lacks and we may not install; the text says what."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"dajian: {text}", flush=True)


def chromium() -> str | None:
    """The path of a Chromium, or none."""
    if chosen := os.environ.get("TEST_CHROMIUM"):
        return chosen
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((path for path in found if path), None)


def has_cjk_font() -> bool:
    """Whether Chinese text would be drawn as letters rather than boxes."""
    marks = ("CJK", "PingFang", "wqy", "SourceHan")
    names = (path.name for folder in CJK_FONT_FOLDERS for path in Path(folder).rglob("*.[to]t[cf]"))
    return any(mark in name for name in names for mark in marks)


def as_root() -> list[str] | None:
    """The words to put before a command that needs root, or none if we may not."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if (
        sudo
        and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return [sudo, "-n", "--preserve-env=DEBIAN_FRONTEND"]
    return None


def install(packages: Iterable[str]) -> None:
    """Install Debian packages, or say in one line which ones a person has to."""
    wanted = sorted(packages)
    root = as_root()
    if root is None or not shutil.which("apt-get"):
        why = "this needs root or sudo" if shutil.which("apt-get") else "there is no apt-get here"
        raise Missing(f"missing: {' '.join(wanted)} (install them; {why})")
    say(f"installing {' '.join(wanted)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-q", "update"],
        ["apt-get", "-q", "install", "-y", "--no-install-recommends", *wanted],
    ):
        done = subprocess.run(
            [*root, *command],
            env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode and command[2] == "install":
            reason = (done.stderr.strip() or done.stdout.strip())[-400:]
            raise Missing(f"missing: {' '.join(wanted)} (apt-get failed: {reason})")


def fail(text: object) -> int:
    """Say what is missing on standard error; the exit status."""
    print(f"dajian: {text}", file=sys.stderr)
    return 1
