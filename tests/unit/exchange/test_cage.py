"""The child: what it may use, how it dies, and that its death is an answer."""

import resource
import time
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.exchange import cage
from runtime.exchange.limits import CAGE_LIMITS, LIMITS, MEGABYTE
from runtime.exchange.refusals import FileRefused, FileUnreadable
from tests.unit.exchange.workbooks import workbook


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [["name", "qty"], *[[f"{number:050}", number] for number in range(120_000)]]
    return workbook(tmp_path_factory.mktemp("big") / "big.xlsx", rows)


def test_limits__are_what_the_security_rules_ask() -> None:
    assert CAGE_LIMITS.memory_bytes <= 1024 * MEGABYTE
    assert (CAGE_LIMITS.cpu_seconds, CAGE_LIMITS.wall_seconds) == (30, 60)
    assert LIMITS.rows <= 200_000


def test_ask__reads_in_a_child_that_is_gone_afterwards(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["品名", "数量"], ["螺丝", 3]])
    answer = cage.ask({"path": str(path), "name": "a.xlsx"})
    assert answer["inspection"]["tables"][0]["n_rows"] == 1


@pytest.mark.parametrize(
    "limits",
    [
        replace(CAGE_LIMITS, memory_bytes=60 * MEGABYTE),
        replace(CAGE_LIMITS, cpu_seconds=1),
        replace(CAGE_LIMITS, wall_seconds=1),
    ],
    ids=["memory", "cpu", "time"],
)
def test_ask__too_much(big: Path, limits: object) -> None:
    before = time.monotonic()
    with pytest.raises(FileUnreadable) as refused:
        cage.ask({"path": str(big), "name": "big.xlsx"}, limits)  # type: ignore[arg-type]
    assert refused.value.code == "reader_stopped"
    assert time.monotonic() - before < 30


def test_ask__written_too_much(big: Path, tmp_path: Path) -> None:
    rows = {"sheet": "S1", "file": str(tmp_path / "rows.jsonl")}
    with pytest.raises(FileUnreadable):
        cage.ask(
            {"path": str(big), "name": "big.xlsx", "rows": rows},
            replace(CAGE_LIMITS, written_bytes=100_000),
        )
    assert (tmp_path / "rows.jsonl").stat().st_size <= 100_000


def test_ask__a_refusal_comes_through(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    path.touch()
    with pytest.raises(FileRefused, match="file_empty"):
        cage.ask({"path": str(path), "name": "empty.xlsx"})


def test_parent__keeps_its_own_limits() -> None:
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] in {resource.RLIM_INFINITY, -1}
