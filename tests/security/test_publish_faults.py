"""A publication with data in place, or a decision that posts, killed at a write: all or nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import depth
from tests.prepared import Cluster
from tests.tally import uses

ROOT = Path(__file__).parents[2]
# In quick depth one of so many crash points, in full every one.
PROGRAMS = {"one_publish.py": "16", "one_decision.py": "48"}
FILES = "pwrite64,fdatasync,fsync,ftruncate,unlink"


def swept(program: str, address: str, calls: str, request: pytest.FixtureRequest) -> None:
    """Kill the act of a program at these calls, and check what is left each time."""
    assert shutil.which("strace"), "the sweep needs strace"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    step = PROGRAMS[program] if depth() == "quick" else "1"
    made = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "security" / program), address, calls, step],
        env=environment, capture_output=True, text=True, check=False,
        timeout=280 if depth() == "quick" else 3000,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    said = made.stdout.splitlines()[-1]
    assert said.endswith(", 0 violations"), said
    request.node.user_properties.append(("sample", said))


@pytest.mark.parametrize("program", PROGRAMS)
def test_sqlite__old_or_new_whole(
    program: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    uses(request, "sqlite")
    swept(program, f"sqlite:///{tmp_path / 'used' / 'test.db'}", FILES, request)


@pytest.mark.parametrize("program", PROGRAMS)
def test_postgresql__old_or_new_whole(
    program: str, cluster: Cluster, request: pytest.FixtureRequest
) -> None:
    """The client is killed at each of its sends; the server ends what it began."""
    uses(request, "postgresql")
    template, address = cluster.address("published_template"), cluster.address("published")
    cluster.create(template)
    cluster.create(address)
    swept(program, address, "sendto", request)
    for each in (address, template):
        cluster.drop(each)
