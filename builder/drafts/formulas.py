"""Formulas of a draft keep to the fields they mean when a field is renamed."""

from builder.drafts.working import Working
from builder.formula_places import formula_places
from builder.stored_formulas import with_ids
from runtime.compile import compile_app
from runtime.definitions import read_app, shape_problems
from runtime.infra.errors import ValidationFailed


def keep_by_ids(work: Working, *names: str) -> None:
    """Write formulas in which one of the names stands by ids, before the name means nothing.

    A draft that is not whole yet keeps its formulas as they are; what they name wrongly is a
    problem then.
    """
    source = work.source
    if any(shape_problems(source)):
        return
    if not any(name in place.text for place in formula_places(source) for name in names if name):
        return
    try:
        app = compile_app(read_app(source), 1)
    except ValidationFailed:
        return
    work.take_over(with_ids(source, app))
