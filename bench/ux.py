"""The checks of the UX guide, each with its figure and its gate.

`bench/results/ux.json` is a list of `{"check", "what", "figure", "gate", "met"}`, each with the
load per processor that it was measured under. UX_CHECKS=typing
runs some of the groups (GROUPS below names them) and leaves the figures of the others as they are.
"""

import json
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import Error

from bench.ratio import Ratio
from bench.ux_checks import builder, extras, forms, lists, looks, safety, sweep, typing, undone
from bench.ux_checks.room import Check, Room, opened

RESULTS = Path(__file__).resolve().parent / "results" / "ux.json"
Answer = Check | Iterator[Check]
GROUPS: dict[str, Sequence[Callable[[Room], Answer]]] = {
    "typing": typing.CHECKS,
    "looks": looks.CHECKS,
    "safety": safety.CHECKS,
    "lists": lists.CHECKS,
    "screens": sweep.CHECKS,
    "undone": undone.CHECKS,
    "builder": builder.CHECKS,
    "forms": forms.CHECKS,
    "extras": extras.CHECKS,
}


def measure(size: str) -> Iterator[Ratio]:
    """Run the groups and write their figures; a check that breaks is one that is not met."""
    wanted = [name for name in os.environ.get("UX_CHECKS", "").split(",") if name] or list(GROUPS)
    for name in wanted:
        found = []
        with opened(size) as room:
            for check in _carried_out(GROUPS[name], room, name):
                found.append(check)
                verdict = "met" if check.met else "MISSED"
                print(f"{check.check:>4} {verdict:<7} {check.figure:<18} {check.what}", flush=True)
            found.append(_policy(room, name))
        _keep(name, found)
    missed = [one for one in json.loads(RESULTS.read_text()) if not one["met"]]
    yield Ratio("checks of the UX guide missed", "sqlite", "checks", float(len(missed)), goal=0.0)


def _carried_out(
    checks: Sequence[Callable[[Room], Answer]], room: Room, group: str
) -> Iterator[Check]:
    for check in checks:
        try:
            found = check(room)
            yield from (found,) if isinstance(found, Check) else found
        except (Error, AssertionError):
            traceback.print_exc()
            what = f"{check.__name__.strip('_')} ended before its figure"
            yield Check(group, what, "broken", "a figure", met=False)


def _policy(room: Room, group: str) -> Check:
    """What the pages of a whole group of checks tried that their policy does not allow."""
    said = sorted(set(room.violations))
    what = f"policy violations in all of {group}: {'; '.join(said[:4]) or 'none'}"
    return Check("21", what, str(len(room.violations)), "0", not room.violations)


def _keep(name: str, found: list[Check]) -> None:
    """Put a group's figures in place of its earlier ones."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    # Others may be at work on the machine: the figures of a busy one are worse than it is.
    busy = round(os.getloadavg()[1] / (os.cpu_count() or 1), 1)
    rows = [{"group": name, "load": busy} | asdict(check) for check in found]
    rows = [row for row in kept if row["group"] != name] + rows
    rows.sort(key=lambda row: (int(row["check"]) if row["check"].isdigit() else 99, row["what"]))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def keep(*_: object) -> None:
    """The figures are written group by group: there is no table of ratios."""
