from dataclasses import fields
from pathlib import Path

import pytest

from runtime.infra.errors import BadRequest
from runtime.infra.settings import SETTINGS, Settings, read, with_secret, write_private


def test_tuple_and_dataclass_name_the_same_settings() -> None:
    assert [setting.attribute for setting in SETTINGS] == [field.name for field in fields(Settings)]


@pytest.mark.parametrize(
    ("environ", "attribute", "value"),
    [
        ({}, "port", 8000),
        ({"PORT": "9000"}, "port", 9000),
        ({"PORT": ""}, "port", 8000),
        ({"DAJIAN_UNSAFE_DATABASE": "yes"}, "unsafe_database", True),
        ({"DAJIAN_HOME": "/srv/d"}, "database", "sqlite:////srv/d/dajian.db"),
        ({"DAJIAN_DATABASE": "postgresql://h/d"}, "database", "postgresql://h/d"),
        ({"PORT": "9000"}, "public_url", "http://127.0.0.1:9000"),
        ({"HOST": "0.0.0.0"}, "public_url", ""),
        ({"HOST": "0.0.0.0", "DAJIAN_PUBLIC_URL": "https://d.cn"}, "is_https", True),
    ],
)
def test_read(environ: dict[str, str], attribute: str, value: object) -> None:
    assert getattr(read(environ), attribute) == value


@pytest.mark.parametrize(
    ("name", "text"), [("PORT", "80a"), ("PORT", "-1"), ("DAJIAN_UNSAFE_DATABASE", "maybe")]
)
def test_read__not_of_its_type(name: str, text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read({name: text})
    assert refused.value.params["name"] == name


def test_options_go_before_the_environment() -> None:
    assert read({"PORT": "9000"}, port=9001).port == 9001
    assert read({"PORT": "9000"}, port=None).port == 9000


def test_secret__made_once_and_private(tmp_path: Path) -> None:
    first = with_secret(read({"DAJIAN_HOME": str(tmp_path)}))
    second = with_secret(read({"DAJIAN_HOME": str(tmp_path)}))
    assert first.secret == second.secret
    assert len(first.secret) >= 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_secret__given(tmp_path: Path) -> None:
    environ = {"DAJIAN_HOME": str(tmp_path), "DAJIAN_SECRET": "x" * 40}
    assert with_secret(read(environ)).secret == "x" * 40
    assert not (tmp_path / "secret.key").exists()


def test_write_private__keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert write_private(path, "one")
    assert not write_private(path, "two")
    assert path.read_text() == "one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]
