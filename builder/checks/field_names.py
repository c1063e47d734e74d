"""Codes and ids of fields are unique and no system column's."""

from collections.abc import Iterator, Sequence

from runtime.definitions import AppDef, FieldDef
from runtime.infra.errors import Problem

# What every record has of its own; a field of that name could be taken for it.
SYSTEM = frozenset(
    {
        "id",
        "version",
        "status",
        "created_by",
        "created_at",
        "updated_by",
        "updated_at",
        "search_text",
        "parent_id",
        "line_no",
        "csrf_token",
        "lines_count",
    }
)
# Words that mean something in a formula.
WORDS = frozenset({"true", "false", "null", "and", "or", "not", "if"})


def field_names(definition: AppDef) -> Iterator[Problem]:
    """Yield field codes that stand twice, are the system's, or are words of formulas."""
    for index, form in enumerate(definition.forms):
        yield from _named(form.fields, f"/forms/{index}/fields")
        for place, field in enumerate(form.fields):
            if field.kind == "lines":
                if len(field.code) > 20:
                    pointer = f"/forms/{index}/fields/{place}/code"
                    yield Problem(pointer, "property_too_long", {"wanted": "20"})
                yield from _named(field.columns, f"/forms/{index}/fields/{place}/options/fields")


def _named(fields: Sequence[FieldDef], pointer: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, field in enumerate(fields):
        if field.code in SYSTEM or field.code in WORDS:
            yield Problem(f"{pointer}/{index}/code", "code_reserved", {"code": field.code})
        if field.code in seen:
            yield Problem(f"{pointer}/{index}/code", "code_twice", {"code": field.code})
        if field.id != field.code and field.id in seen:
            yield Problem(f"{pointer}/{index}/id", "code_twice", {"code": field.id})
        seen |= {field.code, field.id}
