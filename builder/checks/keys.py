"""What is to be unique, or to have an index, is something an index can hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from runtime.definitions import AppDef, FieldDef, FormDef
from runtime.infra.errors import Problem
from runtime.kinds.families import SEVERAL
from runtime.kinds.layout_field import LAYOUT

# Too long, or several at once, or nothing at all: neither unique nor found by an index.
_SHAPELESS: Final = frozenset({"lines", "long_text", "rich_text"}) | SEVERAL | LAYOUT
# What the system fills may come to be the same later, in a record nobody has open.
_FILLED: Final = frozenset({"formula", "lookup", "rollup", "rmb"})


def keys(definition: AppDef) -> Iterator[Problem]:
    """Yield fields that cannot be unique or indexed, and groups of fields that are no key."""
    for index, form in enumerate(definition.forms):
        for problem in _form(form):
            yield problem.under(f"/forms/{index}")


def _form(form: FormDef) -> Iterator[Problem]:
    yield from _fields(form.fields, "/fields")
    known = {field.code: field for field in form.fields}
    seen: list[frozenset[str]] = []
    for place, codes in enumerate(form.unique_together):
        yield from _group(codes, known, f"/unique_together/{place}")
        if frozenset(codes) in seen:
            params = {"code": ", ".join(codes)}
            yield Problem(f"/unique_together/{place}", "code_twice", params)
        seen.append(frozenset(codes))


def _fields(fields: Sequence[FieldDef], pointer: str) -> Iterator[Problem]:
    for place, field in enumerate(fields):
        at, params = f"{pointer}/{place}", {"kind": field.kind}
        if field.unique and field.kind in _SHAPELESS | _FILLED:
            yield Problem(f"{at}/unique", "unique_not_possible", params)
        if field.index and field.kind in _SHAPELESS:
            yield Problem(f"{at}/index", "index_not_possible", params)
        yield from _fields(field.columns, f"{at}/options/fields")


def _group(codes: Sequence[str], known: Mapping[str, FieldDef], pointer: str) -> Iterator[Problem]:
    for place, code in enumerate(codes):
        field = known.get(code)
        if field is None:
            yield Problem(f"{pointer}/{place}", "field_unknown", {"name": code})
        elif field.kind in _SHAPELESS | _FILLED | {"document_number"}:
            yield Problem(f"{pointer}/{place}", "unique_not_possible", {"kind": field.kind})
