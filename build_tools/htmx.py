"""htmx's own upgrade check over templates and scripts, without its false alarms.

It warns of every `hx-target` above another request, because version 2 would have inherited it.
Version 4 does not; a request that states its own target says so on purpose, and is left alone.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "node_modules" / "htmx.org" / "dist" / "scripts" / "upgrade-check.py"
FOLDERS = ("runtime/screens", "builder/designer", "static/js")
FINDING = re.compile(r"(?P<file>/\S+):\d+: \[(?P<kind>\w+)\] .*")
DESCENDANT = re.compile(r"descendant on line (\d+)")


def is_meant(finding: re.Match[str]) -> bool:
    """Whether an inheritance finding is about a request with a target of its own."""
    below = DESCENDANT.search(finding[0])
    if finding["kind"] != "inheritance" or below is None:
        return False
    line = Path(finding["file"]).read_text(encoding="utf-8").splitlines()[int(below[1]) - 1]
    return "hx-target=" in line and "hx-swap=" in line


def findings() -> list[str]:
    """What the check finds and nobody meant."""
    folders = [str(ROOT / folder) for folder in FOLDERS if (ROOT / folder).is_dir()]
    command = [sys.executable, str(PROGRAM), "--ext", ".html,.js", *folders]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [match for match in map(FINDING.match, done.stdout.splitlines()) if match]
    if done.returncode and not found:
        return [done.stdout + done.stderr]
    return [match[0] for match in found if not is_meant(match)]


if __name__ == "__main__":
    faults = findings()
    print("\n".join(faults), end="")
    sys.exit(bool(faults))
