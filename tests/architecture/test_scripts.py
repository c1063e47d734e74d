"""The small form of the pages' scripts and styles: whole, of these sources, and light."""

import gzip
import re
from pathlib import Path

import pytest

from build_tools import scripts
from build_tools.vendor import STATIC, VENDOR
from runtime.infra import sources
from runtime.screens.scan.modules import closure

MADE = sources.made(STATIC)
OWN_ADDRESS = re.compile(r"""new URL\(\s*["'`]([^"'`]+)["'`],\s*import\.meta\.url""")
AT_ONCE = re.compile(r"""(?:\bfrom|\bimport)\s*["'](\.{1,2}/[^"']+)["']""")
LATER = re.compile(r"""\bimport\(["'](\.{1,2}/[^"']+)["']\)""")
TEXTS = ("texts.js", "texts-en.js")
KEYS = re.compile(r"""(?:^  |, )([a-z_]+): '""", re.MULTILINE)
STYLES = ("base",)
# Kilobytes of scripts and styles, packed, and what they were before they were made small.
WEIGHTS = [
    ("a list", ("base", "list", "listing/work"), ("list", "listing"), 36, 74),
    ("a form", ("base", "document"), ("document",), 47, 163),
    ("a form with lines", ("base", "lines", "document"), ("document",), 55, 163),
]  # fmt: skip


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9, mtime=0))


def test_small_form__is_of_these_sources() -> None:
    assert sources.is_made(STATIC)


def at_once(waiting: list[Path]) -> set[Path]:
    """The modules that are fetched before anybody does anything."""
    found: set[Path] = set()
    while waiting:
        path = waiting.pop().resolve()
        if path not in found and "vendor" not in path.parts:
            found.add(path)
            waiting += [path.parent / other for other in AT_ONCE.findall(path.read_text())]
    return found


@pytest.mark.parametrize("name", scripts.pages())
def test_page__finds_every_module_it_leads_to(name: str) -> None:
    assert (STATIC / name).is_file()
    for module in closure(MADE, name):
        text, folder = (MADE / module).read_text(), (MADE / module).parent
        for other in (*OWN_ADDRESS.findall(text), *LATER.findall(text)):
            found = (folder / other).resolve()
            # Libraries stand beside js and css, where these files are put when they are served.
            at_home = STATIC / found.relative_to(MADE)
            assert found.is_file() or at_home.is_file(), f"{module}: {other}"


@pytest.mark.parametrize(("page", "modules", "styles", "most", "before"), WEIGHTS)
def test_page__is_light(
    page: str, modules: tuple[str, ...], styles: tuple[str, ...], most: int, before: int
) -> None:
    files = [*at_once([MADE / "js" / f"{name}.js" for name in modules])]
    files += [MADE / "css" / f"{name}.css" for name in (*STYLES, *styles)]
    files.append(VENDOR / "htmx.min.js")
    weight = sum(map(packed, files)) / 1024
    assert most / 2 < weight < most < before, page


def test_source__edited_since_has_no_small_form(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_text("export const one = 1;")
    assert not sources.is_made(tmp_path)
    sources.made(tmp_path).mkdir()
    (sources.made(tmp_path) / sources.STAMP).write_text(sources.digest(tmp_path))
    assert sources.is_made(tmp_path)
    (tmp_path / "js" / "a.js").write_text("export const one = 2;")
    assert not sources.is_made(tmp_path)


def test_texts__are_the_same_in_both_languages() -> None:
    chinese, english = (KEYS.findall((STATIC / "js" / name).read_text()) for name in TEXTS)
    assert len(chinese) > 80
    assert chinese == english
