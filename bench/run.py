"""`make bench`: run the subjects, print a table of ratios, write bench/results/<subject>.json.

A subject is a file `bench/<subject>.py` with `measure(size: str) -> Iterable[Ratio]`, size being
"quick" or "full". It finds its databases through `bench.databases.fresh(kind)`.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from bench.ratio import Ratio
from build_tools import servers, system

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results"
FRAME = {"__init__", "run", "ratio", "databases", "memory", "product", "formula_saving"}
COLUMNS = "{:<44} {:<11} {:>12} {:>12} {:<10} {:>8} {:>6}  {}"


def subjects() -> list[str]:
    """The subjects there are, or the ones BENCH names, by commas."""
    known = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in FRAME)
    chosen = [name for name in os.environ.get("BENCH", "").split(",") if name]
    if unknown := set(chosen) - set(known):
        raise system.Missing(f"no benchmark called {', '.join(unknown)}; there are: {known}")
    return chosen or known


def machine() -> dict[str, str | int | None]:
    """Where the figures come from."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=FOLDER, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "cpus": os.cpu_count(),
        "commit": commit.stdout.strip(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def row(ratio: Ratio) -> str:
    """One line of the table."""
    verdict = {True: "met", False: "MISSED", None: ""}[ratio.is_met]
    bare = "" if ratio.bare is None else f"{ratio.bare:,.1f}"
    cost = "" if ratio.bare is None else f"{ratio.cost:.2f} x"
    goal = "" if ratio.goal is None else f"{ratio.goal:g}"
    figures = (f"{ratio.ours:,.1f}", bare, ratio.unit, cost, goal, verdict)
    return COLUMNS.format(ratio.name, ratio.database, *figures)


def keep(subject: str, size: str, ratios: Sequence[Ratio]) -> None:
    """Write one subject's results as JSON."""
    RESULTS.mkdir(exist_ok=True)
    rows = [asdict(ratio) | {"cost": ratio.cost, "is_met": ratio.is_met} for ratio in ratios]
    content = {"subject": subject, "size": size, "machine": machine(), "ratios": rows}
    (RESULTS / f"{subject}.json").write_text(json.dumps(content, indent=1) + "\n")


def measure_all(chosen: Sequence[str], size: str) -> None:
    """Run the subjects one after the other and print their ratios."""
    print(COLUMNS.format("work", "database", "ours", "bare", "unit", "cost", "goal", ""))
    for subject in chosen:
        ratios: list[Ratio] = []
        module = import_module(f"bench.{subject}")
        for ratio in module.measure(size):
            print(row(ratio), flush=True)
            ratios.append(ratio)
        getattr(module, "keep", keep)(subject, size, ratios)


def main() -> int:
    """Run what BENCH names at BENCH_SIZE; figures are reported, goals do not fail the run."""
    size = os.environ.get("BENCH_SIZE") or "quick"
    if size not in {"quick", "full"}:
        return system.fail(f"BENCH_SIZE is quick or full, not {size}")
    try:
        chosen = subjects()
        if servers.postgres_bin() is None and not os.environ.get("BENCH_POSTGRES_URL"):
            system.install(["postgresql"])
        with ExitStack() as stack:
            if not os.environ.get("BENCH_POSTGRES_URL"):
                address = stack.enter_context(servers.postgres(servers.DURABLE_POSTGRES))
                os.environ["BENCH_POSTGRES_URL"] = address
            measure_all(chosen, size)
    except (system.Missing, servers.ServerMissing) as problem:
        return system.fail(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
