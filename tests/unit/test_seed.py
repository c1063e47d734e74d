"""The seed of a run: the commit's own, a wished one, or one of chance."""

from collections.abc import Callable
from pathlib import Path

import pytest

from build_tools import seed

HASH = "3b2f2e8d5aaf62d8feac73ab4f8c4b4470a2b1c5"


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a stand-in for git before the real one: a bare machine may have none."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def answers(script: str) -> None:
        (tmp_path / "git").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "git").chmod(0o755)

    return answers


def test_chosen__one_commit_one_seed(git: Callable[[str], None]) -> None:
    git(f"echo {HASH}")
    first = seed.chosen("", "quick")
    assert first == seed.chosen("", "quick") == int(HASH, 16) % seed.SEEDS
    git(f"echo {HASH[::-1]}")
    assert seed.chosen("", "quick") != first


def test_chosen__a_wish_goes_before_the_commit(git: Callable[[str], None]) -> None:
    git(f"echo {HASH}")
    assert seed.chosen("7", "quick") == 7
    assert len({seed.chosen("random", "quick") for _ in range(5)}) > 1
    assert len({seed.chosen("", "full") for _ in range(5)}) > 1
    with pytest.raises(ValueError, match="yesterday"):
        seed.chosen("yesterday", "quick")


def test_chosen__by_chance_where_there_is_no_commit(
    git: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("echo 'fatal: not a git repository' >&2; exit 128")
    assert seed.of_commit() is None
    assert len({seed.chosen("", "quick") for _ in range(5)}) > 1
    (tmp_path / "git").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert seed.of_commit() is None
