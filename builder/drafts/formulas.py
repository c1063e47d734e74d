"""Formulas of a draft keep to the fields they mean when a field is renamed."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from builder.drafts.working import Working
from builder.stored_formulas import with_ids
from runtime.compile import compile_app
from runtime.definitions import read_app, shape_problems
from runtime.infra.errors import ValidationFailed

# Where formulas and conditions stand in the JSON of an app.
_WRITTEN: Final = frozenset({"formula", "where", "when", "of", "default", "condition", "text"})


def keep_by_ids(work: Working, *names: str) -> None:
    """Write formulas in which one of the names stands by ids, before the name means nothing.

    A draft that is not whole yet keeps its formulas as they are; what they name wrongly is a
    problem then.
    """
    source = work.source
    if not any(name in text for text in _texts(source) for name in names if name):
        return
    if any(shape_problems(source)):
        return
    try:
        app = compile_app(read_app(source), 1)
    except ValidationFailed:
        return
    work.take_over(with_ids(source, app))


def _texts(value: Any) -> Iterator[str]:
    """Every formula of an app, also of one that is not whole yet."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if isinstance(each, str):
                if name in _WRITTEN or each.startswith("="):
                    yield each
            else:
                yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
