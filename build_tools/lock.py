"""`make lock`: resolve the requirements*.in files into hash-pinned locks that name no index."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The resolver itself is needed here and nowhere else, so no lock carries it.
RESOLVER = "pip-tools==7.6.2"

LOCKS = {
    "requirements.lock": ("requirements.in", "requirements-build.in"),
    "requirements-dev.lock": ("requirements-dev.in",),
    "requirements-node.lock": ("requirements-node.in",),
}
OPTIONS = (
    "--quiet",
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
)


def main() -> int:
    """Compile each lock in turn; extra arguments go to the resolver (`--upgrade`)."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", RESOLVER]
    subprocess.run(install, check=True)
    for lock, sources in LOCKS.items():
        command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, "-o", lock, *sources]
        subprocess.run(
            [*command, *sys.argv[1:]],
            check=True,
            cwd=ROOT,
            env=os.environ | {"CUSTOM_COMPILE_COMMAND": "make lock"},
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
