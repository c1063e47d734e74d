"""Options have codes of their own, and choices take sets that are there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runtime.definitions import AppDef, FieldDef
from runtime.infra.errors import Problem


def option_sets(definition: AppDef) -> Iterator[Problem]:
    """Yield sets and options that stand twice, and choices of a set that is not there."""
    known = [each.code for each in definition.option_sets]
    for index, each in enumerate(definition.option_sets):
        pointer = f"/option_sets/{index}"
        if each.code in known[:index]:
            yield Problem(f"{pointer}/code", "code_twice", {"code": each.code})
        yield from _twice(each.options, f"{pointer}/options")
    for index, form in enumerate(definition.forms):
        yield from _fields(form.fields, f"/forms/{index}/fields", known)


def _fields(fields: Sequence[FieldDef], pointer: str, known: Sequence[str]) -> Iterator[Problem]:
    for place, field in enumerate(fields):
        at = f"{pointer}/{place}/options"
        wanted = field.options.get("set")
        if wanted is None:
            yield from _twice(field.options.get("options", ()), f"{at}/options")
        elif wanted not in known:
            yield Problem(f"{at}/set", "option_set_unknown", {"name": wanted})
        yield from _fields(field.columns, f"{at}/fields", known)


def _twice(options: Any, pointer: str) -> Iterator[Problem]:
    # What is not a list of options is told of by the kind's own schema.
    given = [each for each in options if isinstance(each, Mapping)]
    codes = [each.get("code") for each in given]
    for place, code in enumerate(codes):
        if code is not None and code in codes[:place]:
            yield Problem(f"{pointer}/{place}/code", "code_twice", {"code": code})
