"""Scripted flows: each row of `scripts.txt` is a flow, what people do, and what comes of it.

After every act the run is looked at: it waits for somebody or has ended, and its log gives the same
run. The last test prints which modes met which acts.
"""

import sys
from collections import Counter
from pathlib import Path

import pytest

from runtime.workflow.engine import EventRefused
from tests.unit.workflow.scripted import FLOWS
from tests.unit.workflow.stories import Story

SCRIPTS = Path(__file__).with_name("scripts.txt")
ACTS = {
    "+": "approve", "-": "reject", "*": "fill", "<": "send back", "^": "send back and return",
    ">": "reassign", "~": "delegate", "(": "add before", ")": "add after", "|": "add beside",
    "\\": "remove", "?": "take back", "!": "withdraw", "#": "terminate", "@": "reactivate",
    ",": "time passes", ";": "time rejects", ":": "time escalates",
}  # fmt: skip


def rows() -> list[tuple[str, str, str, str]]:
    """Flow, conditions that hold, acts, what is heard."""
    found = []
    for line in SCRIPTS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, acts, heard = (cell.strip() for cell in line.split(" || "))
            flow, _, holds = name.partition(" ")
            found.append((flow, holds, acts, heard))
    return found


def told(flow: str, holds: str, acts: str) -> str:
    """What is heard when these acts happen; a refused act says why and changes nothing."""
    story = Story(FLOWS[flow], holds=holds)
    story.check()
    for act in acts.split():
        before, heard = story.instance, len(story.heard)
        try:
            story.tell(act)
        except EventRefused as refusal:
            assert story.instance == before, "what is refused changes nothing"
            story.heard[heard:] = [f"[{refusal.code}]"]
        story.check()
    return " ".join(story.heard)


@pytest.mark.parametrize("flow", sorted(FLOWS))
def test_script(flow: str) -> None:
    own = [row for row in rows() if row[0] == flow]
    assert own, f"no script is about {flow}"
    for _, holds, acts, heard in own:
        assert told(flow, holds, acts) == heard, f"{flow} {holds} || {acts}"


def test_scripts__cover_every_mode_with_every_act() -> None:
    found = rows()
    assert len({row[:3] for row in found}) == len(found) >= 200
    pairs = Counter(
        (flow, ACTS[sign])
        for flow, _, acts, _ in found
        for act in acts.split()
        for sign in {each for each in act if each in ACTS}
    )
    modes = ["any", "all", "in_order", "percent", "count", "any_counts", "percent_counts"]
    for act in ACTS.values():
        counts = (f"{pairs[mode, act]:4}" for mode in modes)
        sys.stdout.write(f"{act:22}{''.join(counts)}\n")
    missing = {(m, a) for m in modes for a in ACTS.values() if a != "fill"} - set(pairs)
    assert not missing
