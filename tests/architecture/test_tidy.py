"""What no linter knows: sizes, forbidden names, no float and no clock in the kernel."""

import ast
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FUNCTION = 60
LONGEST_MODULE = 400
FORBIDDEN_MODULES = {"utils", "util", "helpers", "helper", "base", "models", "common", "misc"}
FORBIDDEN_ENDINGS = ("Manager", "Service", "Handler", "Helper", "Base")
DYNAMIC = {"importlib", "runpy", "pkgutil"}
IDLE = {"sleep", "skip", "skipif", "xfail"}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "localtime", "gmtime"}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


OURS = modules("runtime", "builder", "build_tools", "bench")
PRODUCT = modules("runtime", "builder")
KERNEL = modules("runtime/kernel")

# A migration is a list of statements that nobody edits afterwards.
FROZEN = {path for path in OURS if path.parent.name == "versions"}


def places(paths: list[Path], odd: Callable[[ast.AST], bool]) -> list[str]:
    """Where an odd piece of code stands, as file:line."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if hasattr(node, "lineno") and odd(node)
    ]


def called(node: ast.AST) -> str:
    """The last name of what is called, nothing for what is no call."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_long_function(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    assert node.end_lineno
    return node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION


def imports_at_run_time(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] in DYNAMIC for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] in DYNAMIC
    return called(node) in {"__import__", "import_module"}


def test_rules__meet_code_that_breaks_them() -> None:
    """The rules below are no empty words."""
    code = ast.parse("import importlib\nclass PostingManager: ...\nx = float(y) + time.time()\n")
    found = list(ast.walk(code))
    assert any(map(imports_at_run_time, found))
    assert {"float", "time"} <= {called(node) for node in found}
    assert len(PRODUCT) > 100
    assert len(KERNEL) > 10


def test_modules__are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in OURS}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_modules__are_named_for_what_they_hold() -> None:
    assert [path for path in OURS if path.stem in FORBIDDEN_MODULES] == []


def test_functions__are_short() -> None:
    assert places([path for path in OURS if path not in FROZEN], is_long_function) == []


def test_classes__are_named_for_what_they_are() -> None:
    odd = places(
        PRODUCT,
        lambda node: isinstance(node, ast.ClassDef) and node.name.endswith(FORBIDDEN_ENDINGS),
    )
    assert odd == []


def test_imports__are_seen_by_the_contracts() -> None:
    assert places(PRODUCT, imports_at_run_time) == []


def test_kernel__has_no_float() -> None:
    odd = places(
        KERNEL,
        lambda node: (
            called(node) == "float"
            or (isinstance(node, ast.Constant) and isinstance(node.value, float))
        ),
    )
    assert odd == []


def test_kernel__has_no_clock() -> None:
    assert places(KERNEL, lambda node: called(node) in CLOCKS) == []


def test_tests__neither_sleep_nor_skip() -> None:
    waiting = {"live.py", "conftest.py"}  # they wait for processes to come up
    paths = [path for path in modules("tests") if path.name not in waiting]
    paths = [path for path in paths if "data" not in path.parts]  # given to us as they are
    odd = places(paths, lambda node: isinstance(node, ast.Attribute) and node.attr in IDLE)
    assert odd == []
