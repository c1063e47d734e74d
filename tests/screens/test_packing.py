"""What goes out is packed for those who can unpack it: pages as they are made, files once."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.app import packing
from runtime.infra import sources
from tests.screens.person import Person

Signed = Callable[[str], Person]
STYLE = "body { color: black }\n" * 200


def test_page__is_packed_for_whoever_can_unpack_it(person: Signed) -> None:
    client = person("zhangmin").client
    plain = client.get("/preferences")
    packed = client.get("/preferences", headers={"Accept-Encoding": "br;q=1, gzip;q=0.5"})
    refused = client.get("/preferences", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data) / 2
    assert b"</html>" in gzip.decompress(packed.data)
    for answer in (plain, refused):
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/scan/start", "/api/v1/apps", "/scan/worker.js"])
def test_data__goes_as_it_is(person: Signed, path: str) -> None:
    answer = person("zhangmin").client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_files__are_packed_once_for_a_version(tmp_path: Path) -> None:
    folder, home = _static(tmp_path), tmp_path / "home"
    found = packing.packed(folder, home, "one")
    assert (found / "css" / "a.css").read_text() == STYLE
    assert gzip.decompress((found / "css" / "a.css.gz").read_bytes()).decode() == STYLE
    assert not (found / "small.gz").exists()
    before = (found / "css" / "a.css.gz").stat().st_ino
    assert packing.packed(folder, home, "one") == found
    assert (found / "css" / "a.css.gz").stat().st_ino == before
    assert [path.name for path in found.parent.iterdir()] == ["one"]


def test_files__of_a_version_before_go_after_a_week(tmp_path: Path) -> None:
    folder, home = _static(tmp_path), tmp_path / "home"
    old, left = packing.packed(folder, home, "one"), home / "static" / "zero.123"
    left.mkdir()
    packing.packed(folder, home, "two")
    assert old.is_dir()
    for each in (old, left):
        os.utime(each, (0, 0))
    new = packing.packed(folder, home, "three")
    assert sorted(path.name for path in new.parent.iterdir()) == ["three", "two"]


def test_files__two_processes_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other has finished while this one was still packing."""
    folder, home = _static(tmp_path), tmp_path / "home"
    put = packing._put

    def later(making: Path, target: Path) -> None:
        monkeypatch.setattr(packing, "_put", put)
        packing.packed(folder, home, "one")
        put(making, target)

    monkeypatch.setattr(packing, "_put", later)
    monkeypatch.setattr(os, "getpid", iter(range(100)).__next__)
    found = packing.packed(folder, home, "one")
    assert [path.name for path in found.parent.iterdir()] == ["one"]


def test_files__where_nothing_can_be_written(tmp_path: Path) -> None:
    folder, home = _static(tmp_path), tmp_path / "home"
    home.write_text("a file, no folder")
    assert packing.packed(folder, home, "one") == folder


def _static(within: Path) -> Path:
    folder = within / "files"
    (folder / "css").mkdir(parents=True)
    (folder / "css" / "a.css").write_text(STYLE)
    (folder / "small").write_text("x")
    return folder


def _made_small(folder: Path) -> None:
    for kind, text in (("css", "body{}"), ("js", "export{}")):
        small = sources.made(folder) / kind
        small.mkdir(parents=True)
        (folder / kind).mkdir(exist_ok=True)
        (small / f"a.{kind}").write_text(text)
    (folder / "js" / "a.js").write_text("export {};\n")
    (sources.made(folder) / sources.STAMP).write_text(sources.digest(folder))


def test_files__are_the_small_ones_of_these_sources(tmp_path: Path) -> None:
    folder, home = _static(tmp_path), tmp_path / "home"
    _made_small(folder)
    found = packing.packed(folder, home, "one")
    assert [(found / name).read_text() for name in ("css/a.css", "js/a.js")] == [
        "body{}",
        "export{}",
    ]
    assert not sources.made(found).exists()
    (folder / "js" / "a.js").write_text("export const more = 1;\n")
    edited = packing.packed(folder, home, "two")
    assert (edited / "css" / "a.css").read_text() == STYLE
    assert (edited / "js" / "a.js").read_text() == "export const more = 1;\n"
