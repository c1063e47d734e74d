"""What comes from others is pinned, checked, licensed, and fetched from no fixed place."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from build_tools import vendor

ROOT = Path(__file__).resolve().parents[2]
LICENCES = {"MIT", "BSD-0-Clause", "0BSD", "Apache-2.0", "ISC", "BSD-3-Clause"}
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")
ICON = re.compile(r"""icon\(\s*["']([a-z0-9-]+)["']""")
MANIFEST = json.loads((ROOT / "package.json").read_text())


def test_vendor_folder__is_what_the_list_says() -> None:
    vendor.check()


def test_vendor_list__is_complete() -> None:
    listed = {library["file"] for library in vendor.libraries()} | {"licences.txt", ".stamp"}
    assert {path.name for path in vendor.VENDOR.iterdir()} <= listed
    named = {library["name"] for library in vendor.libraries()}
    bundled = {name for library in vendor.libraries() for name in library.get("with", ())}
    assert named | bundled == set(MANIFEST["dependencies"])
    assert all(re.fullmatch(r"[0-9.]+", pin) for pin in MANIFEST["dependencies"].values())


@pytest.mark.parametrize("library", vendor.libraries(), ids=lambda library: library["name"])
def test_library__is_pinned_and_may_be_shipped(library: dict[str, Any]) -> None:
    assert MANIFEST["dependencies"][library["name"]] == library["version"]
    assert library["licence"] in LICENCES
    shipped = (vendor.VENDOR / "licences.txt").read_text()
    for name in vendor.packages(library):
        assert f"{name}\n\n" in shipped, name


def test_bundle__is_used_by_one_page_alone() -> None:
    scripts = (ROOT / "static" / "js").rglob("*.js")
    users = {path.parent.name for path in scripts if "vendor/codemirror.js" in path.read_text()}
    assert users <= {"designer"}


def test_vendor_check__notices_a_changed_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in vendor.libraries():
        (tmp_path / library["file"]).write_bytes((vendor.VENDOR / library["file"]).read_bytes())
    monkeypatch.setattr(vendor, "VENDOR", tmp_path)
    vendor.check()
    (tmp_path / "htmx.min.js").write_text("alert(1)")
    with pytest.raises(vendor.Differs, match=r"htmx\.org: sha256"):
        vendor.check()


def test_icons__that_are_used_are_in_the_sprite() -> None:
    used = set()
    for path in [*ROOT.glob("runtime/**/*.html"), *ROOT.glob("builder/**/*.html")]:
        used |= set(ICON.findall(path.read_text()))
    for path in ROOT.glob("app_templates/*/forms/*.json"):
        used |= {icon for icon in [json.loads(path.read_text()).get("icon")] if icon}
    (library,) = (each for each in vendor.libraries() if each["how"] == "sprite")
    assert sorted(used - set(vendor.icon_names(library))) == []


def test_node_lock__holds_no_download_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [path for path, entry in packages.items() if "resolved" in entry] == []
    assert all(entry.get("integrity") for path, entry in packages.items() if path)


@pytest.mark.parametrize("lock", LOCKS)
def test_python_lock__is_hashed_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?:|file:/|find-links|index-url|trusted-host|/opt/|/work/", text)
    pins = re.findall(r"^[A-Za-z0-9_.-]+==.*$", text, re.MULTILINE)
    assert pins
    assert all(pin.endswith("\\") for pin in pins)


# What a package is imported as, where that is not its name.
SPELLED = {"argon2_cffi": "argon2", "python_barcode": "barcode", "google_re2": "re2"}
# Loaded by other packages: Celery's broker, openpyxl's XML parser, SQLAlchemy's driver.
LOADED_BY = {
    "psycopg[binary]": "sqlalchemy",
    "redis": "celery",
    "async-timeout": "celery",
    "defusedxml": "openpyxl",
}


def test_requirements__are_all_used() -> None:
    """Every package we ask for by name is imported or started by the product."""
    sources = [*ROOT.glob("runtime/**/*.py"), *ROOT.glob("builder/**/*.py")]
    source = "".join(path.read_text() for path in sources)
    lines = (ROOT / "requirements.in").read_text().splitlines()
    asked = [re.split(r"[<>=!~ ]", line)[0].strip() for line in lines if line and line[0] != "#"]
    modules = {LOADED_BY.get(name, name).replace("-", "_").lower() for name in asked}
    imported = {name.lower() for name in re.findall(r"(?:from|import) ([A-Za-z0-9_]+)", source)}
    assert sorted(name for name in modules if SPELLED.get(name, name) not in imported) == []
