"""What people are told is what the code does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from build_tools import docs, reference
from runtime.infra.messages import catalogue

ROOT = Path(__file__).resolve().parents[2]
FILES = [*ROOT.glob("runtime/**/*.py"), *ROOT.glob("builder/**/*.py")]
# The kernel refuses with names of its own; runtime.posting puts them into words.
PRODUCT = [path for path in FILES if "kernel" not in path.parts]

# Where the code of a message stands among the arguments of what carries it.
CARRIERS = {
    "AppError": 0, "NotFound": 0, "Forbidden": 0, "Conflict": 0, "ValidationFailed": 0,
    "Refused": 0, "Unavailable": 0, "BadRequest": 0, "Problem": 1, "Unreadable": 1,
}  # fmt: skip


def codes(path: Path) -> Iterator[tuple[str, int]]:
    """Literal message codes in a module, with their lines."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        place = CARRIERS.get(node.func.id)
        named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        values = named or ([] if place is None else node.args[place : place + 1])
        if place is not None and values and isinstance(values[0], ast.Constant):
            yield str(values[0].value), node.lineno


def test_message_codes__have_a_text() -> None:
    found = [(path, code, line) for path in PRODUCT for code, line in codes(path)]
    assert len(found) > 50
    missing = [
        f"{path.relative_to(ROOT)}:{line} {code}"
        for path, code, line in found
        if code not in catalogue()
    ]
    assert missing == []


def test_messages__fill_in_the_same_in_both_languages() -> None:
    def placeholders(text: str) -> set[str]:
        return set(re.findall(r"\{([a-z_]+)\}", text))

    odd = [
        code
        for code, texts in catalogue().items()
        # What an author wrote comes in both languages: {message} and {message_en}.
        if placeholders(texts["zh"])
        != {name.removesuffix("_en") for name in placeholders(texts["en"])}
    ]
    assert odd == []


def test_reference__is_what_the_code_says() -> None:
    assert reference.out_of_date() == []


@pytest.mark.parametrize("check", docs.CHECKS, ids=lambda check: check.__name__)
def test_docs__hold_together(check: object) -> None:
    assert callable(check)
    assert list(check()) == []


def test_make_targets__of_the_readme_exist() -> None:
    named = set(re.findall(r"`?make ([a-z-]+)", (ROOT / "README.md").read_text()))
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named
    assert named <= known
