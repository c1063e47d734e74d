"""`make docs`: write docs/reference out of the code; with --check say what is out of date."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from runtime.infra.messages import FOLDER as MESSAGE_FOLDER
from runtime.infra.settings import SETTINGS
from runtime.infra.strict_json import loads
from runtime.kinds.fields import FIELD_TYPES
from runtime.kinds.function import Function
from runtime.kinds.functions import CATEGORIES, FAMILIES
from runtime.kinds.nodes import NODE_TYPES

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by `make docs` out of the code: change it there. -->"


def cell(text: object) -> str:
    """Text that is safe within a table."""
    return " ".join(str(text).replace("|", "\\|").split())


def table(*columns: str, rows: list[tuple[object, ...]]) -> str:
    """A table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines)


def sentence(thing: object) -> str:
    """The first sentence of a docstring."""
    return (thing.__doc__ or "").strip().splitlines()[0]


def settings() -> str:
    """Every setting with its default and meaning."""
    rows: list[tuple[object, ...]] = [
        (
            f"`{each.name}`",
            each.type.__name__,
            f"`{each.default}`" if each.default else "",
            each.help,
        )
        for each in SETTINGS
    ]
    return "# Settings\n\nRead once from the environment.\n\n" + table(
        "name", "type", "default", "meaning", rows=rows
    )


def errors() -> str:
    """Every code a person or a program may be answered with, by area."""
    parts = [
        "# Error codes",
        "A problem carries one of these codes; people read the text, programs the code.",
    ]
    for path in sorted(MESSAGE_FOLDER.glob("*.json")):
        texts = loads(path.read_bytes())
        assert isinstance(texts, Mapping)
        rows: list[tuple[object, ...]] = [
            (f"`{code}`", languages["zh"], languages["en"])
            for code, languages in sorted(texts.items())
        ]
        parts += [f"## {path.stem}", table("code", "中文", "English", rows=rows)]
    return "\n\n".join(parts)


def fields() -> str:
    """Every field type with its options and what a filter offers."""
    rows: list[tuple[object, ...]] = []
    for kind, field_type in FIELD_TYPES.items():
        options = ", ".join(f"`{name}`" for name in field_type.options.get("properties", {}))
        operators = ", ".join(field_type.operators)
        rows.append((f"`{kind}`", sentence(type(field_type)), options, operators))
    return "# Field types\n\n" + table("kind", "what it holds", "options", "filters", rows=rows)


def nodes() -> str:
    """Every workflow node."""
    rows: list[tuple[object, ...]] = [
        (f"`{kind}`", sentence(type(node))) for kind, node in NODE_TYPES.items()
    ]
    return "# Workflow nodes\n\n" + table("type", "what it does", rows=rows)


LEFT_OUT = (
    "Left out are functions of a person or a device (IP, GETUSERNAME, TEXTUSER, TEXTDEPT, "
    "TEXTPHONE, TEXTLOCATION, GETPOSITION), RECNO (a document number field counts), HLOOKUP "
    "(there are columns only) and REGEX (no text a person types may make the server search for "
    "long). A function that takes a list takes a column of a line table or of another form."
)


def functions() -> str:
    """Every formula function by category, with its examples, which are tests as well."""
    known = [each for members in FAMILIES.values() for each in members]
    native = sum(not each.server_only for each in known)
    parts = [
        "# Formula functions",
        f"{len(known)} functions; the browser computes {native} of them while one types, "
        "those marked S only the server. Excel's meaning holds where others differ.",
        LEFT_OUT,
    ]
    for category, labels in CATEGORIES.items():
        rows = [function_row(each) for each in known if each.category == category]
        heads = ("function", "also", "中文", "English", "examples")
        parts += [f"## {labels['en']} {labels['zh']}", table(*heads, rows=rows)]
    return "\n\n".join(parts)


def function_row(function: Function) -> tuple[object, ...]:
    """A function as the reference tells it."""
    aliases = ", ".join(f"`{alias}`" for alias in function.aliases)
    return (
        f"`{function.signature}`" + (" S" if function.server_only else ""),
        "; ".join(filter(None, (aliases, "、".join(function.words)))),
        function.help("zh"),
        function.help("en"),
        "; ".join(f"`{shown.formula}` → `{shown.value}`" for shown in function.examples),
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings,
    "errors.md": errors,
    "field-types.md": fields,
    "workflow-nodes.md": nodes,
    "functions.md": functions,
}


def written(page: Callable[[], str]) -> str:
    """A whole page as it stands in the file."""
    return f"{NOTE}\n\n{page()}\n"


def out_of_date() -> list[str]:
    """The pages that differ from what the code says now."""
    paths = {name: REFERENCE / name for name in PAGES}
    return [
        name
        for name, path in paths.items()
        if not path.exists() or path.read_text() != written(PAGES[name])
    ]


def main() -> int:
    """Write the pages, or with --check name those that are out of date."""
    old = out_of_date()
    if "--check" in sys.argv:
        for name in old:
            print(f"docs/reference/{name} is out of date: run `make docs`")
        return 1 if old else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in old:
        (REFERENCE / name).write_text(written(PAGES[name]))
        print(f"docs/reference/{name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
