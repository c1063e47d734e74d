"""Bring the locked browser libraries from node_modules into static/vendor, checked by sha256."""

import hashlib
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
LIST = STATIC / "vendor.toml"
BUNDLES = Path(__file__).resolve().parent / "bundles"
BUNDLER = MODULES / "esbuild" / "bin" / "esbuild"
# The oldest browsers we serve.
FLOOR = "chrome109,firefox115,safari16.4"

SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
    'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{drawing}</symbol>'
)


class Differs(Exception):  # noqa: N818 - a sentence for a person, not an error of ours
    """What came out is not what the list promises."""


def libraries() -> list[dict[str, Any]]:
    """The entries of static/vendor.toml."""
    entries: list[dict[str, Any]] = tomllib.loads(LIST.read_text())["library"]
    return entries


def sum_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def summed_file(library: dict[str, Any]) -> Path:
    """The file whose sum the list holds: what is shipped, for a sprite what it was drawn from."""
    if library["how"] == "sprite":
        return MODULES / str(library["source"])
    return VENDOR / str(library["file"])


def icon_names(library: dict[str, Any]) -> list[str]:
    """The names of the icons in use, sorted; a line may carry a comment after #."""
    lines = (STATIC / library["names"]).read_text().splitlines()
    names = {line.partition("#")[0].strip() for line in lines}
    return sorted(names - {""})


def drawing(nodes: list[Any]) -> str:
    """The SVG elements of one icon."""
    attributes = (
        (tag, " ".join(f'{key}="{value}"' for key, value in values.items()))
        for tag, values in nodes
    )
    return "".join(f"<{tag} {text}/>" for tag, text in attributes)


def sprite(library: dict[str, Any]) -> str:
    """One SVG with a symbol for each icon in use."""
    known = json.loads((MODULES / library["source"]).read_text())
    names = icon_names(library)
    if unknown := [name for name in names if name not in known]:
        raise Differs(f"static/{library['names']} names no icon of {library['name']}: {unknown}")
    symbols = "\n".join(SYMBOL.format(name=name, drawing=drawing(known[name])) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def manifest(name: str) -> dict[str, Any]:
    """What an installed package says of itself."""
    content: dict[str, Any] = json.loads((MODULES / name / "package.json").read_text())
    return content


def packages(library: dict[str, Any]) -> list[str]:
    """The packages whose code is shipped: for a bundle also those its packages stand on."""
    if library["how"] != "bundle":
        return [library["name"]]
    found: dict[str, None] = {}
    waiting = [library["name"], *library["with"]]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += sorted(manifest(name).get("dependencies", {}))
    # Types are for compilers: nothing of them is shipped.
    return [name for name in found if name not in library.get("types", ())]


def bundle(library: dict[str, Any], target: Path) -> None:
    """Put the parts we use of several packages into one module; the same bytes on any machine."""
    command = ["node", str(BUNDLER), str(BUNDLES / library["source"]), "--bundle", "--minify"]
    command += ["--format=esm", f"--target={FLOOR}", "--legal-comments=none", "--log-level=error"]
    done = subprocess.run(
        [*command, f"--outfile={target}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Differs(f"bundling {library['file']} failed: {done.stdout}{done.stderr}")


def make(library: dict[str, Any]) -> None:
    """Write one file of static/vendor."""
    target = VENDOR / library["file"]
    if library["how"] == "copy":
        target.write_bytes((MODULES / library["source"]).read_bytes())
    elif library["how"] == "bundle":
        bundle(library, target)
    else:
        assert library["how"] == "sprite", f"nobody knows how to {library['how']}"
        target.write_text(sprite(library))


def faults(library: dict[str, Any]) -> Iterator[str]:
    """How an installed library differs from the list."""
    version = manifest(library["name"])["version"]
    if version != library["version"]:
        yield f"{library['name']}: version is {version}, not {library['version']}"
    for name in packages(library):
        licence = manifest(name)["license"]
        if licence != library["licence"]:
            yield f"{name}: licence is {licence}, not {library['licence']}"
    found = sum_of(summed_file(library))
    if found != library["sha256"]:
        yield f"{library['name']}: sha256 of {summed_file(library).name} is {found}"


def licences(names: list[str]) -> str:
    """The licence texts that travel with the files."""
    texts = ((name, sorted((MODULES / name).glob("LICENSE*"))) for name in names)
    return "\n\n".join(
        f"{name}\n\n{path.read_text()}" for name, paths in texts for path in paths[:1]
    )


def pin() -> None:
    """Write the sums of what is installed now into the list."""
    text = LIST.read_text()
    blocks = text.split("[[library]]")
    for place, library in enumerate(libraries(), start=1):
        old = f'sha256 = "{library["sha256"]}"'
        blocks[place] = blocks[place].replace(old, f'sha256 = "{sum_of(summed_file(library))}"')
    LIST.write_text("[[library]]".join(blocks))


def install(*, pinning: bool = False) -> None:
    """Make all files and check them; raises Differs with every difference."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for library in libraries():
        make(library)
    if pinning:
        pin()
    names = [name for library in libraries() for name in packages(library)]
    within = [library["within"] for library in libraries() if "within" in library]
    (VENDOR / "licences.txt").write_text("\n\n".join([licences(names), *within]) + "\n")
    check()


def check() -> None:
    """Raise Differs unless static/vendor is what the list says."""
    if found := [fault for library in libraries() for fault in faults(library)]:
        raise Differs("; ".join(found))


if __name__ == "__main__":
    install(pinning="--pin" in sys.argv)
