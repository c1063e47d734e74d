"""A kind is complete: file, place in the tuple, template, test row."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from runtime.kinds.fields import FIELD_TYPES
from runtime.kinds.functions import FAMILIES, FUNCTIONS
from runtime.kinds.nodes import NODE_TYPES

ROOT = Path(__file__).resolve().parents[2]
KINDS = ROOT / "runtime" / "kinds"
TEMPLATES = ROOT / "runtime" / "screens" / "templates" / "fields"
FIELD_TESTS = ROOT / "tests" / "unit" / "kinds"
NODE_TESTS = ROOT / "tests" / "unit" / "workflow"

MEMBERS = {"kind", "options", "operators", "formula_type", "columns", "schema", "parse", "format"}


def files(folder: str) -> set[str]:
    return {path.stem for path in (KINDS / folder).glob("*.py")} - {"__init__"}


def text_of(folder: Path) -> str:
    return "".join(
        path.read_text() for path in sorted(folder.rglob("*.*")) if path.suffix != ".pyc"
    )


def homes(kinds: Iterable[object]) -> set[str]:
    """The modules the kinds of a tuple come from."""
    return {type(kind).__module__.rpartition(".")[2] for kind in kinds}


def test_field_types__are_the_files() -> None:
    assert set(FIELD_TYPES) == homes(FIELD_TYPES.values()) == files("fields")


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_field_type__has_its_eight_members(kind: str) -> None:
    field_type = type(FIELD_TYPES[kind])
    assert [name for name in MEMBERS if not hasattr(field_type, name)] == []
    own = {name for name in vars(field_type) if not name.startswith("_")}
    shared = {name for parent in field_type.__mro__[1:-1] for name in parent.__annotations__}
    assert own <= MEMBERS | shared


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_field_type__has_a_template_with_input_and_display(kind: str) -> None:
    template = (TEMPLATES / f"{kind}.html").read_text()
    assert "macro input(" in template
    assert "macro display(" in template


def test_field_templates__belong_to_a_field_type() -> None:
    shared = {path.stem for path in TEMPLATES.glob("_*.html")}
    assert {path.stem for path in TEMPLATES.glob("*.html")} - shared == set(FIELD_TYPES)


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_field_type__has_a_row_of_tests(kind: str) -> None:
    assert f'"{kind}"' in text_of(FIELD_TESTS)


def test_workflow_nodes__are_the_files() -> None:
    assert homes(NODE_TYPES.values()) == files("nodes")


@pytest.mark.parametrize("kind", NODE_TYPES)
def test_workflow_node__has_a_row_of_tests(kind: str) -> None:
    assert kind in text_of(NODE_TESTS)


def test_function_families__are_the_files() -> None:
    assert set(FAMILIES) == files("functions")


def test_functions__are_explained_in_both_languages_with_an_example() -> None:
    bare = [
        name
        for name, function in FUNCTIONS.items()
        if not (function.help("zh") and function.help("en") and function.examples)
    ]
    assert bare == []
