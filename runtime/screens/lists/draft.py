"""Conditions while somebody builds them: rows, groups of rows, what is added and taken away.

The sheet is a plain form: its fields, in their order, say the conditions; a button says what to do.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as made
from typing import Final, Literal, cast
from urllib.parse import parse_qsl

from runtime.infra.errors import ValidationFailed
from runtime.query import Filter, Where, read_where, where_json
from runtime.query.where import MOST_LEAVES, Part

GroupJoin = Literal["all", "any", "none"]
GROUP_JOINS: Final[tuple[GroupJoin, ...]] = ("all", "any", "none")
# The marks of the sheet's fields: a row's field, comparison and values; a group's begin and end.
FIELD, OPERATOR, VALUE = "ff", "fo", "fv"
ROOT, GROUP, END, KEPT, DO = "fj", "gj", "ge", "fx", "do"


@dataclass
class Row:
    """One comparison, not yet complete perhaps."""

    field: str = ""
    operator: str = ""
    values: list[str] = made(default_factory=list)
    # What is wrong with it, in words.
    problem: str = ""


@dataclass
class Group:
    """Rows of which all, any or none hold."""

    join: GroupJoin = "any"
    rows: list[Row] = made(default_factory=list)


@dataclass
class Draft:
    """The conditions of the sheet; `kept` are such as it cannot show, which stay as they are."""

    join: Literal["all", "any"] = "all"
    items: list[Row | Group] = made(default_factory=list)
    kept: list[Where] = made(default_factory=list)

    @property
    def rows(self) -> Iterator[Row]:
        """Every row, also those of groups, from the first to the last."""
        for item in self.items:
            yield from item.rows if isinstance(item, Group) else (item,)


def draft_of(filters: Iterable[Filter], where: Where | None) -> Draft:
    """Make a draft of conditions in force."""
    singles = [_row(item) for item in filters]
    if where is None:
        return Draft(items=[*singles])
    if where.join == "any" and not singles and (found := _items(where)) is not None:
        return Draft("any", found)
    parts: tuple[Part, ...] = where.parts if where.join == "all" else (where,)
    draft = Draft(items=[*singles])
    for part in parts:
        item = _item(part)
        if item is None:
            draft.kept.append(part if isinstance(part, Where) else Where("all", (part,)))
        else:
            draft.items.append(item)
    return draft


def _items(where: Where) -> list[Row | Group] | None:
    found = [_item(part) for part in where.parts]
    return None if any(item is None for item in found) else cast("list[Row | Group]", found)


def _item(part: Part) -> Row | Group | None:
    if isinstance(part, Filter):
        return _row(part)
    join, inner = cast("GroupJoin", part.join), part.parts
    if part.join == "not":
        join, inner = "none", _denied(part.parts[0])
    rows = [_row(each) for each in inner if isinstance(each, Filter)]
    return Group(join, rows) if len(rows) == len(inner) else None


def _denied(part: Part) -> tuple[Part, ...]:
    if isinstance(part, Where) and part.join == "any":
        return part.parts
    return (part,)


def _row(item: Filter) -> Row:
    return Row(item.field, item.operator, list(item.values))


def where_of(draft: Draft) -> tuple[tuple[Filter, ...], Where | None]:
    """Return the conditions a draft says: single ones that must all hold, and the rest."""
    parts: list[Part] = []
    for item in draft.items:
        if isinstance(item, Row):
            parts.append(_filter(item))
        elif item.rows:
            inner = tuple(_filter(row) for row in item.rows)
            denied = Where("not", (Where("any", inner),))
            parts.append(denied if item.join == "none" else Where(item.join, inner))
    parts += draft.kept
    if draft.join == "any" and len(parts) > 1:
        return (), Where("any", tuple(parts))
    filters = tuple(part for part in parts if isinstance(part, Filter))
    groups = tuple(part for part in parts if isinstance(part, Where))
    if not groups:
        return filters, None
    return filters, groups[0] if len(groups) == 1 else Where("all", groups)


def _filter(row: Row) -> Filter:
    return Filter(row.field, row.operator, tuple(row.values))


def read_draft(query: bytes) -> Draft:
    """Read the fields of the sheet, in their order."""
    draft, group = Draft(), None
    for name, value in parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True):
        if name == ROOT:
            draft.join = "any" if value == "any" else "all"
        elif name == GROUP:
            join: GroupJoin = next((each for each in GROUP_JOINS if each == value), "any")
            group = Group(join)
            draft.items.append(group)
        elif name == END:
            group = None
        elif name == KEPT:
            draft.kept += _kept(value)
        elif sum(1 for _each in draft.rows) <= MOST_LEAVES:
            _take(draft, group, name, value)
    return draft


def _take(draft: Draft, group: Group | None, name: str, value: str) -> None:
    rows: list[Row | Group] | list[Row] = draft.items if group is None else group.rows
    if name == FIELD:
        rows.append(Row(value[:62]))
    last = rows[-1] if rows else None
    if not isinstance(last, Row):
        return
    if name == OPERATOR:
        last.operator = value[:40]
    elif name == VALUE and value.strip() and len(last.values) < 50:
        last.values.append(value.strip()[:200])


def _kept(text: str) -> list[Where]:
    try:
        found = read_where(json.loads(text[:6000]))
    except (ValueError, RecursionError, ValidationFailed):
        return []
    return [] if found is None else [found]


def kept_text(where: Where) -> str:
    """Write conditions the sheet cannot show, for it to carry them along."""
    return json.dumps(where_json(where), ensure_ascii=False, separators=(",", ":"))


def carry_out(draft: Draft, act: str) -> None:
    """Do what a button says: `row`, `row:1` (in a group), `group`, `drop:2`, `ungroup:0`."""
    verb, _, number = act.partition(":")
    at = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else None
    groups = [item for item in draft.items if isinstance(item, Group)]
    if verb == "row" and at is None:
        draft.items.append(Row())
    elif verb == "row" and at is not None and at < len(groups):
        groups[at].rows.append(Row())
    elif verb == "group":
        draft.items.append(Group("any", [Row()]))
    elif verb == "drop" and at is not None:
        _drop(draft, at)
    elif verb == "ungroup" and at is not None and at < len(groups):
        draft.items.remove(groups[at])


def _drop(draft: Draft, at: int) -> None:
    rows = list(draft.rows)
    if at >= len(rows):
        return
    gone = rows[at]
    for item in list(draft.items):
        if item is gone:
            draft.items = [each for each in draft.items if each is not gone]
        elif isinstance(item, Group):
            item.rows = [row for row in item.rows if row is not gone]
    draft.items = [each for each in draft.items if isinstance(each, Row) or each.rows]
