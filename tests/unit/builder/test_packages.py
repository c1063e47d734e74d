"""App packages: the same bytes for the same app, nothing left out, nothing but data let in."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from builder.packages import read_package, write_package
from builder.publish import publish
from runtime.catalogue import active_definition
from runtime.infra.act import SYSTEM, Act
from runtime.infra.db import Database
from runtime.infra.errors import BadRequest
from tests.conftest import Fill
from tests.prepared import tables
from tests.unit.builder.test_changes import jxc

JXC = Path(__file__).parents[3] / "app_templates" / "jxc"
Json = dict[str, Any]


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "left_out",
    [(), ("roles",), ("menus",), ("workflows", "aggregates", "roles", "menus", "tests")],
    ids=["whole", "no roles", "no menus", "forms alone"],
)
def test_written_and_read__is_the_same(tmp_path: Path, left_out: tuple[str, ...]) -> None:
    app = jxc()
    for part in left_out:
        del app[part]
    write_package(app, tmp_path)
    assert read_package(tmp_path) == app


def test_empty_part__is_not_a_missing_one(tmp_path: Path) -> None:
    app = {**jxc(), "roles": [], "menus": []}
    write_package(app, tmp_path / "one")
    # As after a zip, which holds no empty folder.
    (tmp_path / "one" / "roles").rmdir()
    assert read_package(tmp_path / "one") == app


def test_exported__installed__exported__same_bytes(
    database: Database, fill: Fill, now: datetime, tmp_path: Path
) -> None:
    fill("tables", tables)
    with database.transaction() as connection:
        act = Act(connection, SYSTEM, now)
        publish(act, read_package(JXC), "first")
        first = active_definition(connection, "jxc")
        assert first is not None
        write_package(first[0], tmp_path / "one")
        done = publish(act, read_package(tmp_path / "one"), "again")
        assert not done.changed
        again = active_definition(connection, "jxc")
        assert again is not None
        write_package(again[0], tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_written_over_another__nothing_of_it_stays(tmp_path: Path) -> None:
    app = jxc()
    write_package(app, tmp_path / "used")
    smaller = {key: app[key] for key in ("format", "code", "label")} | {"forms": app["forms"][:2]}
    write_package(smaller, tmp_path / "used")
    write_package(smaller, tmp_path / "fresh")
    assert files(tmp_path / "used") == files(tmp_path / "fresh")
    assert read_package(tmp_path / "used") == smaller


def test_file_called_otherwise__is_refused(tmp_path: Path) -> None:
    write_package(jxc(), tmp_path)
    (tmp_path / "forms" / "uom.json").rename(tmp_path / "forms" / "unit.json")
    with pytest.raises(BadRequest) as caught:
        read_package(tmp_path)
    assert (caught.value.code, caught.value.params["file"]) == (
        "package_file_misnamed",
        "unit.json",
    )


def test_link_out_of_the_package__is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"code": "uom"}))
    write_package(jxc(), tmp_path / "app")
    (tmp_path / "app" / "forms" / "uom.json").unlink()
    (tmp_path / "app" / "forms" / "uom.json").symlink_to(secret)
    with pytest.raises(BadRequest) as caught:
        read_package(tmp_path / "app")
    assert caught.value.code == "package_file_invalid"


@pytest.mark.parametrize("code", ["../../etc/cron", "/etc/passwd", "a/b", "a\\b", "", "A"])
def test_code_that_is_no_code__becomes_no_path(tmp_path: Path, code: str) -> None:
    app = jxc()
    app["forms"][0]["code"] = code
    with pytest.raises(AssertionError):
        write_package(app, tmp_path / "app")
    assert not list(tmp_path.glob("*cron*"))
