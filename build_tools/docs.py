"""Documentation checks: links lead somewhere, code map and decisions are complete."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
LONGEST_DECISION = 25


def pages() -> list[Path]:
    """Every page of documentation."""
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def broken_links() -> Iterator[str]:
    """Links within the repository that lead nowhere."""
    for page in pages():
        for target in LINK.findall(page.read_text()):
            if not (page.parent / target).exists():
                yield f"{page.relative_to(ROOT)}: link to {target} leads nowhere"


def rooms() -> list[str]:
    """The rooms of the house: packages and modules directly below runtime and builder."""
    found = [*ROOT.glob("runtime/*/__init__.py"), *ROOT.glob("builder/*/__init__.py")]
    return sorted(str(path.parent.relative_to(ROOT)) for path in found)


def rooms_without_a_word() -> Iterator[str]:
    """Rooms that the code map does not mention."""
    code_map = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    for room in rooms():
        if f"`{room}" not in code_map:
            yield f"docs/explanation/architecture.md: no word about {room}"


def odd_decisions() -> Iterator[str]:
    """Decision records that are too long or not numbered without a gap."""
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    for number, record in enumerate(records, start=1):
        name = record.relative_to(ROOT)
        if not record.name.startswith(f"{number:04}-"):
            yield f"{name}: expected number {number:04}"
        if len(record.read_text().splitlines()) > LONGEST_DECISION:
            yield f"{name}: more than {LONGEST_DECISION} lines"


CHECKS = (broken_links, rooms_without_a_word, odd_decisions)


def main() -> int:
    """Print every fault; 1 when there is one."""
    found = [text for check in CHECKS for text in check()]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
