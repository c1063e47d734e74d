"""Bounds and forms of texts say something: values that exist, the least below the most."""

from collections.abc import Iterator

from marshmallow import ValidationError

from runtime.definitions import FieldDef
from runtime.infra.errors import Problem
from runtime.kinds.bounds import SIDES, fixed_bound
from runtime.kinds.fields import FIELD_TYPES
from runtime.kinds.patterns import BadExpressionError, compiled


def option_problems(field: FieldDef, pointer: str) -> Iterator[Problem]:
    """Yield what is wrong with the options of a field beyond their shape.

    Bounds that are no values or the wrong way round, and expressions that are none.
    """
    yield from _sides(field, pointer)
    yield from _lengths(field, pointer)
    yield from _expression(field, pointer)


def _sides(field: FieldDef, pointer: str) -> Iterator[Problem]:
    bare = {key: value for key, value in field.options.items() if key not in SIDES}
    unbounded = FieldDef(field.code, field.kind, field.label, options=bare)
    found = {}
    for side in SIDES:
        bound = field.options.get(side)
        text = fixed_bound(bound)
        # A line table counts its rows, a rating its stars: these bounds are no values of the field.
        if text is None or not isinstance(bound, str):
            continue
        try:
            found[side] = FIELD_TYPES[field.kind].schema(unbounded).deserialize(text)
        except ValidationError:
            yield Problem(f"{pointer}/{side}", "bound_unreadable", {"text": text[:60]})
    if len(found) == len(SIDES) and found["min"] > found["max"]:
        yield Problem(f"{pointer}/max", "bounds_crossed")


def _lengths(field: FieldDef, pointer: str) -> Iterator[Problem]:
    least, most = field.options.get("min_length"), field.options.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Problem(f"{pointer}/max_length", "bounds_crossed")


def _expression(field: FieldDef, pointer: str) -> Iterator[Problem]:
    expression = field.options.get("expression")
    if not isinstance(expression, str):
        return
    try:
        compiled(expression)
    except BadExpressionError as error:
        yield Problem(f"{pointer}/expression", "pattern_invalid", {"reason": str(error)[:100]})
