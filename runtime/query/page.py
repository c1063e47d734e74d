"""Keyset pages: any page costs what the first one costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal_column, select

from runtime import access
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed
from runtime.infra.statements import at_most
from runtime.kinds.families import SEVERAL
from runtime.query.alongside import joinable, read_alongside, selected
from runtime.query.filters import Filter
from runtime.query.keyset import Range, SortKey, cursor, ranges, read_cursor
from runtime.query.labels import titles as titles_of
from runtime.query.own_fields import own_fields
from runtime.query.search import search_condition
from runtime.query.where import Where, where_condition

COUNT_CAP: Final = 10_001
# A cursor holds the value of the last row, so long texts would not fit into an address.
UNSORTABLE: Final = frozenset({"long_text", "rich_text"}) | SEVERAL
MOST_KEYS: Final = 5
SIZES: Final = (20, 50, 100, 200)


@dataclass(frozen=True)
class PageRequest:
    """What a list shows.

    `sort` are field codes joined by commas, each `-code` for descending; `after` is a cursor. Both
    `filters` and `where` must hold; `ids` are those that were picked by hand, None for all.
    """

    columns: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    where: Where | None = None
    ids: tuple[int, ...] | None = None
    sort: str = ""
    search: str = ""
    after: str = ""
    before: str = ""
    size: int = 50


class Row(NamedTuple):
    """One record on a list: values by field code, and what its references are called."""

    id: int
    version: int
    status: str
    values: Mapping[str, Any]
    titles: Mapping[str, str]
    columns: tuple[Field, ...]

    @property
    def shown(self) -> Mapping[str, str]:
        """Every value the way people read it."""
        return {
            column.code: self.titles[column.code]
            if column.code in self.titles
            else column.format(self.values[column.code])
            for column in self.columns
        }


@dataclass(frozen=True)
class Page:
    """One page. `next` and `previous` are cursors, empty at the ends."""

    form: Form
    columns: tuple[Field, ...]
    rows: tuple[Row, ...]
    next: str = ""
    previous: str = ""
    request: PageRequest = field(default_factory=PageRequest)
    # Names of people that were read with the rows, by the code of the field.
    people: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def page(act: Act, form: Form, request: PageRequest) -> Page:
    """Return one page of the records the actor may see.

    Raises Forbidden, and ValidationFailed for a column, filter or sort that is not his to use.
    """
    access.require(act.actor, "view", form)
    visible = visible_by_code(act, form)
    columns = _columns(form, visible, request.columns)
    keys = _order(visible, request.sort)
    backwards = bool(request.before)
    joined = joinable(act, form, columns, keys)
    query = selected(form, columns, keys, joined).where(*narrowed(act, form, request))
    text = request.before or request.after
    start = read_cursor(text, keys) if text else None
    parts = ranges(keys, form.table.c.id, start, backwards=backwards)
    found = _fetch(act, query, parts, request.size + 1)
    more, found = len(found) > request.size, found[: request.size]
    if backwards:
        found = found[::-1]
    called = read_alongside(form, joined, found)
    rows = _rows(act, form, columns, found, called.titles)
    return Page(
        form=form,
        columns=columns,
        rows=rows,
        next=cursor(found[-1], keys) if found and (more or backwards) else "",
        previous=cursor(found[0], keys) if found and (more if backwards else text) else "",
        request=request,
        people=called.people,
    )


def count(act: Act, form: Form, request: PageRequest, cap: int = COUNT_CAP) -> int:
    """Count the records of a list up to a cap, which means "that many or more"."""
    access.require(act.actor, "view", form)
    inner: Select[Any] = select(literal_column("1")).select_from(form.table)
    inner = inner.where(*narrowed(act, form, request))
    capped = inner.limit(at_most(cap)).subquery()
    return int(act.connection.execute(select(func.count()).select_from(capped)).scalar_one())


def visible_by_code(act: Act, form: Form) -> dict[str, Field]:
    """Return what a list may show and sort by: fields the actor sees, and those of every record."""
    seen = {item.code: item for item in access.visible_fields(act.actor, form)}
    return {**own_fields(form), **seen}


def matching(act: Act, form: Form, request: PageRequest) -> Select[tuple[int]]:
    """Return the ids of all records a list has, on every page of it, as a query without an order.

    Raises as `page` does.
    """
    access.require(act.actor, "view", form)
    return select(form.table.c.id).where(*narrowed(act, form, request))


def narrowed(act: Act, form: Form, request: PageRequest) -> list[ColumnElement[bool]]:
    """Return the conditions of a list: what was asked for, and what the actor may see."""
    asked = [
        where_condition(act, form, item, f"/filters/{index}")
        for index, item in enumerate(request.filters)
    ]
    extra = (
        None if request.where is None else where_condition(act, form, request.where),
        search_condition(act, form, request.search),
        access.row_condition(act.actor, form),
    )
    picked = () if request.ids is None else (form.table.c.id.in_(request.ids),)
    return [*asked, *picked, *(each for each in extra if each is not None)]


def _columns(form: Form, visible: Mapping[str, Field], codes: Sequence[str]) -> tuple[Field, ...]:
    wanted = codes or form.list_columns
    unknown = [code for code in codes if code not in visible]
    if unknown:
        raise _bad("/columns", unknown[0])
    return tuple(
        visible[code] for code in wanted if code in visible and visible[code].column is not None
    )


def _order(visible: Mapping[str, Field], sort: str) -> tuple[SortKey, ...]:
    """Read the order; none is newest first."""
    codes = sort.split(",") if sort else []
    if len(codes) > MOST_KEYS:
        raise _bad("/sort", sort)
    keys = []
    for code in codes:
        found = visible.get(code.removeprefix("-"))
        if found is None or found.column is None or found.stored.kind in UNSORTABLE:
            raise _bad("/sort", code.removeprefix("-"))
        keys.append(SortKey(found.column, code.startswith("-")))
    return tuple(keys)


def _fetch(
    act: Act, query: Select[Any], parts: Sequence[Range], limit: int
) -> list[Mapping[Any, Any]]:
    """Read so many rows, one range after the other."""
    found: list[Mapping[Any, Any]] = []
    for each in parts:
        part = query.order_by(*each.order).limit(at_most(limit - len(found)))
        part = part if each.condition is None else part.where(each.condition)
        found += act.connection.execute(part).mappings()
        if len(found) == limit:
            break
    return found


def _rows(
    act: Act,
    form: Form,
    columns: tuple[Field, ...],
    found: Sequence[Mapping[Any, Any]],
    known: Mapping[str, Mapping[int, str]],
) -> tuple[Row, ...]:
    titles = dict(known)
    for column in columns:
        if column.target and column.code not in known and column.column is not None:
            keys = {row[column.column.name] for row in found} - {None}
            titles[column.code] = titles_of(act, form.target(column), keys)
    return tuple(_row(columns, titles, row) for row in found)


def _row(
    columns: tuple[Field, ...], titles: Mapping[str, Mapping[int, str]], row: Mapping[Any, Any]
) -> Row:
    values: dict[str, Any] = {}
    for column in columns:
        assert column.column is not None, "listed columns are stored"
        value = row[column.column.name]
        values[column.code] = tuple(value) if isinstance(value, list) else value
    called = {
        code: "" if values[code] is None else known.get(values[code], f"#{values[code]}")
        for code, known in titles.items()
    }
    return Row(row["id"], row["version"], row["status"], values, called, columns)


def _bad(pointer: str, name: str) -> ValidationFailed:
    problem = Problem(pointer, "field_unknown", {"name": name[:60]})
    return ValidationFailed("filter_invalid", problems=[problem])
