"""`python -m build_tools.wrong_edits [FOLDER] [--seed N] [--count N]`: the run, in lines."""

import argparse
from collections import Counter
from pathlib import Path
from typing import Final

from build_tools.wrong_edits.draw import draw, tried
from builder.packages import read_package

JXC: Final = Path(__file__).parents[2] / "app_templates" / "jxc"


def main() -> None:
    """Make wrong edits of an app, try its own tests on each, list what nobody noticed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=JXC)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--count", type=int, default=100)
    asked = parser.parse_args()
    source = read_package(asked.folder)
    by: Counter[str] = Counter()
    survivors: list[str] = []
    for number, each in enumerate(tried(source, draw(source, asked.seed, asked.count)), 1):
        by[each.by] += 1
        line = f"{each.edit.operator}: {each.edit.what}"
        print(f"{number:4} {each.by:8} {line}  {each.said}", flush=True)
        if each.by == "nobody":
            survivors.append(line)
    total = sum(by.values())
    print(
        f"{total - by['nobody']} of {total} caught: {by['refused']} refused, {by['test']} by tests"
    )
    print("\n".join(("nobody noticed:", *survivors)) if survivors else "none survived")


if __name__ == "__main__":
    main()
