"""Make the pages' own scripts and styles small: fewer files, no spaces, in static/made.

The sources under static/js and static/css stay what is read and edited; a process that serves
them takes the small ones while they are of these very sources (`runtime.app.packing`).
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from build_tools.vendor import BUNDLER, FLOOR, ROOT, STATIC, Differs
from runtime.infra import sources

SCREENS = ("runtime", "builder")
NAMED = re.compile(r"js/[a-z0-9/_-]+\.js")
SHARED = "shared/[hash]"
# The way to a library or a style: it depends on the file a module is in now.
OUTWARD = re.compile(r"""(?<=["'`])(?:\.\./)+(?=(?:vendor|css)/)""")


def pages() -> list[str]:
    """The modules a page begins with: those a template names, as `js/list.js`."""
    texts = (path.read_text() for room in SCREENS for path in (ROOT / room).rglob("*.html"))
    return sorted({name for text in texts for name in NAMED.findall(text)})


def make() -> None:
    """Write static/made anew, whole or not at all; raises Differs with what the bundler said."""
    making = STATIC / "made.new"
    shutil.rmtree(making, ignore_errors=True)
    joined = ["--bundle", "--splitting", "--format=esm", f"--chunk-names={SHARED}"]
    joined.append("--external:./static/vendor/*")
    bundle(joined, [STATIC / name for name in pages()], "js", making)
    for path in (making / "js").rglob("*.js"):
        way = "../" * len(path.relative_to(making / "js").parts)
        path.write_text(OUTWARD.sub(way, path.read_text()))
    bundle([], sorted((STATIC / "css").glob("*.css")), "css", making)
    (making / sources.STAMP).write_text(sources.digest(STATIC))
    shutil.rmtree(sources.made(STATIC), ignore_errors=True)
    making.rename(sources.made(STATIC))


def bundle(options: list[str], entries: list[Path], kind: str, making: Path) -> None:
    """Let the bundler write the small form of these files, each under its own name."""
    command = ["node", str(BUNDLER), *map(str, entries), *options, "--minify"]
    command += [f"--target={FLOOR}", "--legal-comments=none", "--log-level=error"]
    command += [f"--outbase={STATIC / kind}", f"--outdir={making / kind}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Differs(f"making {kind} small failed: {done.stdout}{done.stderr}")


def read_from() -> Iterator[Path]:
    """What the small files are made of: with the same of these they need not be made again."""
    yield Path(__file__)
    yield ROOT / "package-lock.json"
    yield from sources.files(STATIC)
