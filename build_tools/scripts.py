"""Make the pages' own scripts and styles small: fewer files, no spaces, in static/made.

The sources under static/js and static/css stay what is read and edited; a process that serves
them takes the small ones while they are of these very sources (`runtime.app.packing`).
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from build_tools.vendor import BUNDLER, BUNDLES, FLOOR, MODULES, ROOT, STATIC, Differs
from runtime.infra import sources

SCREENS = ("runtime", "builder")
NAMED = re.compile(r"js/[a-z0-9/_-]+\.js")
# What every page loads, in one file.
BASE = [
    f"js/{name}.js" for name in ("base", "app", "shell", "desk/page", "sign-out", "dom", "texts")
]
JOINER = MODULES / "@rollup" / "wasm-node" / "dist" / "bin" / "rollup"
PLAN = BUNDLES / "pages.mjs"
# The way to a library or a style: it depends on the file a module is in now.
OUTWARD = re.compile(r"""(?<=["'`])(?:\.\./)+(?=(?:vendor|css)/)""")


def pages() -> list[str]:
    """The modules a page begins with: those a template names, as `js/list.js`."""
    texts = (path.read_text() for room in SCREENS for path in (ROOT / room).rglob("*.html"))
    return sorted({name for text in texts for name in NAMED.findall(text)})


def make() -> None:
    """Write static/made anew, whole or not at all; raises Differs with what a bundler said."""
    making = STATIC / "made.new"
    shutil.rmtree(making, ignore_errors=True)
    _join(making)
    scripts = sorted((making / "js").rglob("*.js"))
    for path in scripts:
        way = "../" * len(path.relative_to(making / "js").parts)
        path.write_text(OUTWARD.sub(way, path.read_text()))
    _shrink(scripts, making, "--allow-overwrite")
    styles = sorted((STATIC / "css").glob("*.css"))
    _shrink(styles, making, "--bundle", "--external:*.svg", f"--outbase={STATIC}")
    (making / sources.STAMP).write_text(sources.digest(STATIC))
    shutil.rmtree(sources.made(STATIC), ignore_errors=True)
    making.rename(sources.made(STATIC))


def _join(making: Path) -> None:
    """Let the joiner write the pages' modules, and what they share, under `making`."""
    told = {"root": str(STATIC), "out": str(making), "pages": pages(), "base": BASE}
    _run(["node", str(JOINER), "--config", str(PLAN), "--silent"], json.dumps(told))


def _shrink(entries: list[Path], making: Path, *options: str) -> None:
    """Let the bundler write the small form of these files, each under its own name."""
    command = ["node", str(BUNDLER), *map(str, entries), f"--outdir={making}", "--minify"]
    command += [f"--target={FLOOR}", "--legal-comments=none", "--log-level=warning"]
    _run([*command, f"--outbase={making}", *options])


def _run(command: list[str], told: str = "") -> None:
    # A warning is a mistake of ours: a member written twice, a case that is never reached.
    done = subprocess.run(
        command, cwd=ROOT, input=told, capture_output=True, text=True, check=False
    )
    if done.returncode or done.stderr:
        raise Differs(f"making scripts and styles small failed: {done.stdout}{done.stderr}")


def read_from() -> Iterator[Path]:
    """What the small files are made of: with the same of these they need not be made again."""
    yield Path(__file__)
    yield PLAN
    yield ROOT / "package-lock.json"
    yield from sources.files(STATIC)
