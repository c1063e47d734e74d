"""Keyset pages: any page costs what the first one costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)

from runtime import access
from runtime.compile import Field, Form
from runtime.infra import strict_json
from runtime.infra.act import Act
from runtime.infra.columns import ExactDecimal, is_key
from runtime.infra.errors import BadRequest, Problem, ValidationFailed
from runtime.kinds.families import SEVERAL
from runtime.query.filters import Filter
from runtime.query.labels import titles as titles_of
from runtime.query.own_fields import own_fields
from runtime.query.search import search_condition
from runtime.query.where import Where, where_condition

COUNT_CAP: Final = 10_001
# A cursor holds the value of the last row, so long texts would not fit into an address.
UNSORTABLE: Final = frozenset({"long_text", "rich_text"}) | SEVERAL
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


@dataclass(frozen=True)
class Row:
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


def page(act: Act, form: Form, request: PageRequest) -> Page:
    """Return one page of the records the actor may see.

    Raises Forbidden, and ValidationFailed for a column, filter or sort that is not his to use.
    """
    access.require(act.actor, "view", form)
    visible = visible_by_code(act, form)
    columns = _columns(form, visible, request.columns)
    order, descending = _order(visible, request.sort)
    backwards = bool(request.before)
    query = _selected(form, columns, order)
    query = query.where(*narrowed(act, form, request))
    cursor = request.before or request.after
    up = descending == backwards  # ascending in SQL
    start = _read_cursor(cursor, order) if cursor else None
    found = _fetch(act, query, form.table.c.id, order, start, up=up, limit=request.size + 1)
    more, found = len(found) > request.size, found[: request.size]
    if backwards:
        found = found[::-1]
    rows = _rows(act, form, columns, found)
    return Page(
        form=form,
        columns=columns,
        rows=rows,
        next=_cursor(found[-1], order) if found and (more or backwards) else "",
        previous=_cursor(found[0], order) if found and (more if backwards else cursor) else "",
        request=request,
    )


def count(act: Act, form: Form, request: PageRequest) -> int:
    """Count the records of a list up to the cap; `COUNT_CAP` means "that many or more"."""
    access.require(act.actor, "view", form)
    inner: Select[Any] = select(literal_column("1")).select_from(form.table)
    inner = inner.where(*narrowed(act, form, request))
    capped = inner.limit(COUNT_CAP).subquery()
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


def _order(visible: Mapping[str, Field], sort: str) -> tuple[Column[Any] | None, bool]:
    if not sort:
        return None, True  # newest first
    code = sort.removeprefix("-")
    found = visible.get(code)
    if found is None or found.column is None or found.stored.kind in UNSORTABLE:
        raise _bad("/sort", code)
    return found.column, sort.startswith("-")


def _selected(form: Form, columns: Sequence[Field], order: Column[Any] | None) -> Select[Any]:
    table = form.table
    title = form.by_code[form.title].column
    wanted = [table.c.id, table.c.version, table.c.status]
    wanted += [column.column for column in columns if column.column is not None]
    wanted += [extra for extra in (order, title) if extra is not None]
    return select(*dict.fromkeys(wanted))


def _fetch(  # noqa: PLR0913 - one keyset read
    act: Act,
    query: Select[Any],
    key: Column[Any],
    order: Column[Any] | None,
    start: tuple[Any, int] | None,
    *,
    up: bool,
    limit: int,
) -> list[Mapping[Any, Any]]:
    """Read the rows beyond `start`. Empty values stand first going up and last going down."""
    found: list[Mapping[Any, Any]] = []
    for condition, ordering in _ranges(order, key, start, up=up):
        part = query.order_by(*ordering).limit(limit - len(found))
        part = part if condition is None else part.where(condition)
        found += act.connection.execute(part).mappings()
        if len(found) == limit:
            break
    return found


_Range = tuple[ColumnElement[bool] | None, list[ColumnElement[Any]]]


def _ranges(
    order: Column[Any] | None, key: Column[Any], start: tuple[Any, int] | None, *, up: bool
) -> list[_Range]:
    """What is read one after the other, up to the end of the list.

    Values and empty ones are ranges of their own, each one plain range of an index: the databases
    do not agree where in an index the empty ones stand.
    """
    by_key = key.asc() if up else key.desc()
    if order is None:
        beyond = None if start is None else (key > start[1] if up else key < start[1])
        return [(beyond, [by_key])]
    empty: _Range = order.is_(None), [by_key]
    filled: _Range = order.is_not(None), [order.asc() if up else order.desc(), by_key]
    if start is None:
        return [empty, filled] if up else [filled, empty]
    value, last = start
    if value is None:
        rest = and_(order.is_(None), key > last if up else key < last)
        return [(rest, [by_key]), *([filled] if up else [])]
    here = tuple_(order, key)
    there = tuple_(literal(value, order.type), literal(last, key.type))
    return [(here > there if up else here < there, filled[1]), *([] if up else [empty])]


def _cursor(row: Mapping[Any, Any], order: Column[Any] | None) -> str:
    value = None if order is None else row[order.name]
    return strict_json.dumps([_plain(value), row["id"]])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value


def _read_cursor(text: str, order: Column[Any] | None) -> tuple[Any, int]:
    source = strict_json.loads(text, max_bytes=2000, max_depth=2)
    if not isinstance(source, list) or len(source) != 2 or not is_key(source[1]):
        raise BadRequest("cursor_invalid")
    value, key = source
    if order is None or value is None:
        return None, key
    try:
        return _typed(value, order), key
    except (ValueError, ArithmeticError, TypeError) as error:
        raise BadRequest("cursor_invalid") from error


def _typed(value: Any, order: Column[Any]) -> Any:
    kind = order.type.python_type
    if kind is Decimal:
        number = Decimal(value)
        if not isinstance(order.type, ExactDecimal) or not order.type.holds(number):
            raise ValueError
        return number
    if kind is date:
        return date.fromisoformat(value)
    if kind is time:
        return time.fromisoformat(value)
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    if type(value) is not kind or (kind is int and not is_key(value)):
        raise TypeError
    return value


def _rows(
    act: Act, form: Form, columns: tuple[Field, ...], found: Sequence[Mapping[Any, Any]]
) -> tuple[Row, ...]:
    titles: dict[str, dict[int, str]] = {}
    for column in columns:
        if column.target and column.column is not None:
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
