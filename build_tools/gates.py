"""What no linter knows about templates and scripts: nothing inline, no markup from data."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ("runtime/**/*.html", "builder/**/*.html")
SCRIPTS = ("static/js/**/*.js",)
PYTHON = ("runtime/**/*.py", "builder/**/*.py")


@dataclass(frozen=True)
class Gate:
    """A pattern that must not occur in some files, and why."""

    pattern: str
    files: tuple[str, ...]
    why: str


GATES = (
    Gate(r"\sstyle\s*=\s*[\"'{]", TEMPLATES, "the policy forbids inline style: use a class"),
    Gate(r"<style\b", TEMPLATES, "the policy forbids inline style: use static/css"),
    Gate(r"\son[a-z]+\s*=\s*[\"']", TEMPLATES, "the policy forbids inline handlers: use static/js"),
    Gate(r"\bhx-on\b|\bhx-on:", TEMPLATES + SCRIPTS, "hx-on needs eval: use a listener"),
    Gate(r"[\"']js:", TEMPLATES + SCRIPTS, "js: values need eval: use data attributes"),
    Gate(r"hx-trigger=\"[^\"]*\[", TEMPLATES, "trigger filters need eval: use a listener"),
    Gate(
        r"<script(?![^>]*\b(src=|type=\"application/json\"))[^>]*>",
        TEMPLATES,
        "the policy forbids inline script",
    ),
    Gate(r"\|\s*safe\b", TEMPLATES, "markup never comes out of data"),
    Gate(r"\{%-?\s*autoescape\s+false", TEMPLATES, "escaping is never switched off"),
    Gate(r"\.(inner|outer)HTML\s*\+?=|insertAdjacentHTML", SCRIPTS, "build elements, not markup"),
    Gate(r"\beval\(|new Function\(|document\.write\(", SCRIPTS, "no code out of text"),
    Gate(r"\.style\.cssText|setAttribute\([\"']style", SCRIPTS, "the policy forbids inline style"),
    Gate(
        r"(?:\b(?:src|srcset|href|action|formaction|poster|data|hx-[a-z]+)\s*=\s*[\"']?"
        r"|url\([\"']?)https?://",
        TEMPLATES,
        "nothing is loaded from elsewhere",
    ),
    # What a whole template of ours has drawn is markup already, and so is what the cleaner has let
    # through; only these may be kept as such.
    Gate(
        r"\bMarkup\((?!render_template\(|rich\.clean\(|stencil\.filled\()|render_template_string|\.from_string\(",
        PYTHON,
        "markup stands in templates",
    ),
    Gate(r"#\s*(TODO|FIXME|XXX)\b|raise NotImplementedError", PYTHON, "finish it or open an issue"),
)


def breaches(gate: Gate) -> Iterator[str]:
    """Every place where a gate's pattern occurs, as file:line."""
    pattern = re.compile(gate.pattern)
    for glob in gate.files:
        for path in sorted(ROOT.glob(glob)):
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                if pattern.search(line):
                    yield f"{path.relative_to(ROOT)}:{number}: {gate.why}: {line.strip()[:80]}"


def main() -> int:
    """Print every breach; 1 when there is one."""
    found = [text for gate in GATES for text in breaches(gate)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
