"""The number every draw of a test run comes from.

A quick run draws its samples, its random acts and what hypothesis tries. Were they drawn anew each
time, a run could fail on a commit that passed a minute before, and pass when looked into. So the
seed is the commit's own: one commit is always tested in the same way, the next one in another, and
over time as much is tried. `TEST_SEED=random` looks where nobody has looked yet, as a run at full
depth does by itself; `TEST_SEED=123` repeats the run that printed it.
"""

import random
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEEDS = 1_000_000


def of_commit() -> int | None:
    """A number made of the hash of the commit being tested; none where there is no git."""
    try:
        asked = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "--verify", "HEAD"],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return None
    return int(asked.stdout.strip(), 16) % SEEDS if asked.returncode == 0 else None


def chosen(wish: str, depth: str) -> int:
    """The seed of a run: a given number, one of chance, or (nothing wished) that of the commit."""
    if wish not in {"", "random"}:
        return int(wish)
    of_its_own = None if wish or depth == "full" else of_commit()
    return random.SystemRandom().randrange(SEEDS) if of_its_own is None else of_its_own
