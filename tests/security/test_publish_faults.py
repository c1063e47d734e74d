"""A publication with data in place that is killed at a write: the old version or the new, whole."""

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
PROGRAM = ROOT / "tests" / "security" / "one_publish.py"
# In quick depth some of the crash points, in full every one.
STEPS = {"quick": "16", "full": "1"}
FILES = "pwrite64,fdatasync,fsync,ftruncate,unlink"


def swept(address: str, calls: str, request: pytest.FixtureRequest) -> None:
    """Kill the publication at these calls, and check what is left each time."""
    assert shutil.which("strace"), "the sweep needs strace"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    made = subprocess.run(
        [sys.executable, str(PROGRAM), address, calls, STEPS[depth()]],
        env=environment, capture_output=True, text=True, check=False,
        timeout=280 if depth() == "quick" else 3000,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    said = made.stdout.splitlines()[-1]
    assert said.endswith(", 0 violations"), said
    request.node.user_properties.append(("sample", said))


def test_sqlite__old_or_new_whole(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    uses(request, "sqlite")
    swept(f"sqlite:///{tmp_path / 'used' / 'test.db'}", FILES, request)


def test_postgresql__old_or_new_whole(cluster: Cluster, request: pytest.FixtureRequest) -> None:
    """The client is killed at each of its sends; the server ends what it began."""
    uses(request, "postgresql")
    template, address = cluster.address("published_template"), cluster.address("published")
    cluster.create(template)
    cluster.create(address)
    swept(address, "sendto", request)
    for each in (address, template):
        cluster.drop(each)
