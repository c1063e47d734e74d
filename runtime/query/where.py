"""Conditions joined by and, or, not: read from JSON, written as it, turned into SQL.

`{"all": […]}`, `{"any": […]}`, `{"not": …}` or `{"field", "op", "values"}`. A field is one of the
form, one of its lines (`lines.item`: of any line), one of a record it refers to
(`customer.region`), or one every record has (`created_at`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Union, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, false, func, not_, or_, select, true

from runtime import access
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.query.filters import Filter, Now, bad, condition, in_status
from runtime.query.own_fields import own_fields

Join = Literal["all", "any", "not"]
JOINS: Final[tuple[Join, ...]] = ("all", "any", "not")
DEEPEST: Final = 3
MOST_LEAVES: Final = 30
MOST_VALUES: Final = 50
STATUS: Final = "status"


@dataclass(frozen=True)
class Where:
    """Parts of which all, any, or (there is one) not that one must hold; no part always holds."""

    join: Join
    parts: tuple[Union["Where", Filter], ...] = ()

    @property
    def leaves(self) -> Iterator[Filter]:
        """Every single condition, from left to right."""
        for part in self.parts:
            if isinstance(part, Filter):
                yield part
            else:
                yield from part.leaves


Part = Where | Filter


def read_where(source: Any, pointer: str = "/where") -> Where | None:
    """Read conditions from JSON; None is none. Raises ValidationFailed for any other shape."""
    if source is None or source == {}:
        return None
    part = _read(source, pointer, 1)
    where = part if isinstance(part, Where) else Where("all", (part,))
    if sum(1 for _leaf in where.leaves) > MOST_LEAVES:
        raise bad(pointer, "filter_too_many", most=MOST_LEAVES)
    return where


def _read(source: Any, pointer: str, depth: int) -> Part:
    if not isinstance(source, Mapping):
        raise bad(pointer, "filter_shape")
    if "field" in source:
        return _leaf(source, pointer)
    if len(source) != 1 or (join := next(iter(source))) not in JOINS:
        raise bad(pointer, "filter_shape")
    if depth > DEEPEST:
        raise bad(pointer, "filter_too_deep", most=DEEPEST)
    inner = source[join]
    if join == "not":
        return Where("not", (_read(inner, f"{pointer}/not", depth + 1),))
    if not isinstance(inner, list | tuple) or len(inner) > MOST_LEAVES:
        raise bad(pointer, "filter_shape")
    parts = (_read(each, f"{pointer}/{join}/{i}", depth + 1) for i, each in enumerate(inner))
    return Where(cast("Join", join), tuple(parts))


def _leaf(source: Mapping[str, Any], pointer: str) -> Filter:
    field, operator, values = source["field"], source.get("op"), source.get("values", ())
    is_list = isinstance(values, list | tuple) and len(values) <= MOST_VALUES
    if source.keys() - {"field", "op", "values"} or not is_list:
        raise bad(pointer, "filter_shape")
    texts = (field, operator, *values)
    if not all(isinstance(text, str) and len(text) <= 200 for text in texts):
        raise bad(pointer, "filter_shape")
    return Filter(field, cast("str", operator), tuple(values))


def where_json(part: Part) -> dict[str, Any]:
    """Write conditions the way `read_where` reads them."""
    if isinstance(part, Filter):
        values = {"values": list(part.values)} if part.values else {}
        return {"field": part.field, "op": part.operator, **values}
    inner = [where_json(each) for each in part.parts]
    return {part.join: inner[0] if part.join == "not" else inner}


@dataclass(frozen=True)
class Place:
    """Where a condition's field stands: in the form, in its lines, or in a record referred to."""

    field: Field
    lines: str | None = None
    reference: Field | None = None


def place_of(act: Act, form: Form, path: str) -> Place | None:
    """Return what a path means to the actor; None for what is not there, or not theirs to see."""
    head, _, rest = path.partition(".")
    own = {item.code: item for item in access.visible_fields(act.actor, form)}
    if not rest:
        found = own.get(head) or own_fields(form).get(head)
        return None if found is None or found.column is None else Place(found)
    first = own.get(head)
    if first is None or "." in rest:
        return None
    if first.is_lines:
        inner = access.visible_line_fields(act.actor, form, form.lines_of(head))
        return next((Place(f, lines=head) for f in inner if _is(f, rest)), None)
    return _behind(act, form, first, rest)


def _behind(act: Act, form: Form, reference: Field, code: str) -> Place | None:
    if not reference.target or reference.column is None:
        return None
    target = form.target(reference)
    if not access.may(act.actor, "view", target):
        return None
    fields = access.visible_fields(act.actor, target)
    return next((Place(f, reference=reference) for f in fields if _is(f, code)), None)


def _is(field: Field, code: str) -> bool:
    return field.code == code and field.column is not None


def where_condition(
    act: Act, form: Form, part: Part, pointer: str = "/where"
) -> ColumnElement[bool]:
    """Return the SQL condition. Raises ValidationFailed with the place of what cannot be."""
    if isinstance(part, Filter):
        return _leaf_condition(act, form, part, pointer)
    inner = [
        where_condition(act, form, each, f"{pointer}/{part.join}/{i}")
        for i, each in enumerate(part.parts)
    ]
    if part.join == "not":
        # What cannot be told of an empty value does not hold, so its opposite does.
        return not_(func.coalesce(and_(true(), *inner), false()))
    return or_(false(), *inner) if part.join == "any" and inner else and_(true(), *inner)


def _leaf_condition(act: Act, form: Form, item: Filter, pointer: str) -> ColumnElement[bool]:
    if item.field == STATUS:
        return in_status(form.table.c.status, item)
    place = place_of(act, form, item.field)
    if place is None:
        raise bad(pointer, "field_unknown", name=item.field[:60])
    now = Now(act.now, ZoneInfo(form.zone), act.actor.user_id)
    found = condition(place.field, item, now, pointer)
    if place.lines is not None:
        lines = form.lines_of(place.lines).table
        return exists(select(lines.c.id).where(lines.c.parent_id == form.table.c.id, found))
    if place.reference is not None:
        return _referred(act, form, place.reference, found)
    return found


def _referred(
    act: Act, form: Form, reference: Field, found: ColumnElement[bool]
) -> ColumnElement[bool]:
    """What holds of the record referred to; of one that is not theirs to see nothing is told."""
    assert reference.column is not None, "a reference is stored"
    target = form.target(reference)
    mine = access.row_condition(act.actor, target)
    ids = select(target.table.c.id).where(found, *(() if mine is None else (mine,)))
    return reference.column.in_(ids)
