"""The state of a list is its address: view, search, conditions, columns, order, groups, place.

What a view says need not stand in the address; what differs from it does.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from runtime.definitions.view import TOTAL_FNS, ViewColumn, ViewTotal
from runtime.infra.errors import ValidationFailed
from runtime.query import Filter, PageRequest, View, Where, read_where, where_json

SEPARATOR: Final = "~"
SIZES: Final = (20, 50, 100, 200)
DEFAULT_SIZE: Final = 50
MOST_FILTERS: Final = 12
MOST_COLUMNS: Final = 60
MOST_GROUPS: Final = 3
# A condition in an address may be so long.
MOST_LETTERS: Final = 6000


@dataclass(frozen=True)
class Shape:
    """What a view keeps, and an address may say otherwise."""

    filters: tuple[Filter, ...] = ()
    where: Where | None = None
    sort: str = ""
    columns: tuple[ViewColumn, ...] = ()
    group: tuple[str, ...] = ()
    totals: tuple[ViewTotal, ...] = ()


@dataclass(frozen=True)
class ListState(Shape):
    """What a list's address says; `base` is the address without it. All that is in force."""

    base: str = ""
    view: View | None = None
    search: str = ""
    status: str = ""
    size: int = DEFAULT_SIZE
    after: str = ""
    before: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether something keeps records out."""
        return bool(self.search or self.status or self.filters or self.where)

    @property
    def is_changed(self) -> bool:
        """Whether it is not as its view keeps it any more."""
        return any(True for _ in self._differences())

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Everything but search and place, as query parameters."""
        pairs = [] if self.view is None else [("view", self.view.key)]
        pairs += self._differences()
        pairs += [("status", self.status)] if self.status else []
        pairs += [("size", str(self.size))] if self.size != DEFAULT_SIZE else []
        return tuple(pairs)

    @property
    def href(self) -> str:
        """The address of this state."""
        pairs = [("q", self.search)] if self.search else []
        pairs += self.pairs
        pairs += [("after", self.after)] if self.after else []
        pairs += [("before", self.before)] if self.before else []
        return f"{self.base}?{urlencode(pairs)}" if pairs else self.base

    def moved(self, *, after: str = "", before: str = "") -> "ListState":
        """Return the same list further on, or further back."""
        return replace(self, after=after, before=before)

    def changed(self, **parts: Any) -> "ListState":
        """Return the list with other parts, from its beginning."""
        return replace(self, after="", before="", **parts)

    def sorted_by(self, sort: str) -> "ListState":
        """Return the list in another order, from its beginning."""
        return self.changed(sort=sort)

    def in_status(self, status: str) -> "ListState":
        """Return the records of one state only, or of all with the empty text."""
        return self.changed(status=status)

    def filtered(self, filters: tuple[Filter, ...], where: Where | None = None) -> "ListState":
        """Return the list with other conditions, from its beginning."""
        return self.changed(filters=filters[:MOST_FILTERS], where=where)

    def without(self, index: int) -> "ListState":
        """Return the list with one filter taken away."""
        rest = self.filters[:index] + self.filters[index + 1 :]
        return self.filtered(rest, self.where)

    def as_viewed(self) -> "ListState":
        """Return the list as its view keeps it."""
        return ListState(base=self.base, view=self.view, size=self.size, **_parts_of(self.view))

    def request(self, columns: tuple[str, ...] = ()) -> PageRequest:
        """Return what `query` is asked for."""
        status = (Filter("status", "any_of", (self.status,)),) if self.status else ()
        return PageRequest(
            columns=columns or tuple(column.field for column in self.columns),
            filters=status + self.filters,
            where=self.where,
            sort=self.sort,
            search=self.search,
            after=self.after,
            before=self.before,
            size=self.size,
        )

    def _differences(self) -> Iterator[tuple[str, str]]:
        kept = shape_of(self.view)
        if (self.filters, self.where) != (kept.filters, kept.where):
            yield from (("f", write_filter(item)) for item in self.filters)
            if self.where is not None or not self.filters:
                yield "w", "" if self.where is None else write_where(self.where)
        if self.sort != kept.sort:
            yield "sort", self.sort
        if self.columns != kept.columns:
            yield "cols", write_columns(self.columns)
        if self.group != kept.group:
            yield "group", ",".join(self.group)
        if self.totals != kept.totals:
            yield "sum", ",".join(f"{each.field}:{each.fn}" for each in self.totals)


def shape_of(view: View | None) -> Shape:
    """Return what a view keeps; without one, nothing but the form's own list."""
    return Shape(**_parts_of(view))


def _parts_of(view: View | None) -> dict[str, Any]:
    if view is None:
        return {}
    filters, where = split(view.where)
    kept = view.definition
    return {
        "filters": filters,
        "where": where,
        "sort": view.sort,
        "columns": kept.columns,
        "group": kept.group,
        "totals": kept.totals,
    }


def split(where: Where | None) -> tuple[tuple[Filter, ...], Where | None]:
    """Part conditions that must all hold into single ones and the groups among them."""
    if where is None:
        return (), None
    if where.join != "all":
        return (), where
    filters = tuple(part for part in where.parts if isinstance(part, Filter))
    groups = tuple(part for part in where.parts if not isinstance(part, Filter))
    if len(filters) > MOST_FILTERS:
        return (), where
    if len(groups) == 1 and isinstance(groups[0], Where):
        return filters, groups[0]
    return filters, Where("all", groups) if groups else None


def joined_where(filters: Sequence[Filter], where: Where | None) -> Where | None:
    """Put single conditions and groups together again: what a view keeps."""
    if not filters:
        return where
    rest: tuple[Where, ...] = () if where is None else (where,)
    return Where("all", (*filters, *rest))


def read_state(
    base: str,
    source: MultiDict[str, str] | Mapping[str, str],
    view: View | None = None,
) -> ListState:
    """Read an address; what it leaves out is as the view has it, or has its default."""
    texts: MultiDict[str, str] = MultiDict(source)
    size = texts.get("size", DEFAULT_SIZE, type=int)
    parts = {**_parts_of(view), **dict(_told(texts))}
    return ListState(
        base=base,
        view=view,
        search=" ".join(texts.get("q", "").split())[:100],
        status=texts.get("status", "")[:40],
        size=size if size in SIZES else DEFAULT_SIZE,
        after=texts.get("after", "")[:2000],
        before=texts.get("before", "")[:2000],
        **parts,
    )


def _told(texts: MultiDict[str, str]) -> Iterator[tuple[str, Any]]:
    """What an address says of columns, conditions, order and groups."""
    if "f" in texts or "w" in texts:
        told = texts.getlist("f")[:MOST_FILTERS]
        yield "filters", tuple(filter(None, map(read_filter, told)))
        yield "where", read_where_text(texts.get("w", ""))
    if "sort" in texts:
        yield "sort", texts["sort"][:200]
    if "cols" in texts:
        yield "columns", read_columns(texts["cols"])
    if "group" in texts:
        codes = texts["group"].split(",")
        yield "group", tuple(code[:60] for code in codes if code)[:MOST_GROUPS]
    if "sum" in texts:
        yield "totals", tuple(_totals(texts["sum"]))


def _totals(text: str) -> Iterator[ViewTotal]:
    for each in text.split(",")[:12]:
        field, _, fn = each.partition(":")
        for known in TOTAL_FNS:
            if field and fn == known:
                yield ViewTotal(field[:60], known)


def read_columns(text: str) -> tuple[ViewColumn, ...]:
    """Read `no!:120,customer`: a column each, `!` stays in sight, a number is its width."""
    return tuple(_column(each) for each in text.split(",")[:MOST_COLUMNS] if each)


def _column(text: str) -> ViewColumn:
    code, _, width = text.partition(":")
    pixels = int(width) if width.isascii() and width.isdecimal() and len(width) < 5 else 0
    pixels = min(max(pixels, 48), 800) if pixels else 0
    return ViewColumn(code.removesuffix("!")[:60], pixels, code.endswith("!"))


def write_columns(columns: Sequence[ViewColumn]) -> str:
    """Write columns the way `read_columns` reads them."""
    return ",".join(
        f"{each.field}{'!' if each.pinned else ''}{f':{each.width}' if each.width else ''}"
        for each in columns
    )


def read_where_text(text: str) -> Where | None:
    """Read conditions from an address. Raises ValidationFailed for what are none."""
    if not text:
        return None
    try:
        return read_where(json.loads(text[:MOST_LETTERS]))
    except (ValueError, RecursionError) as error:
        raise ValidationFailed("filter_invalid") from error


def write_where(where: Where) -> str:
    """Write conditions the way `read_where_text` reads them."""
    return json.dumps(where_json(where), ensure_ascii=False, separators=(",", ":"))


def read_filter(text: str) -> Filter | None:
    """Read `field~operator~value~value`; anything else is no filter."""
    field, *rest = text.split(SEPARATOR)
    if not field or not rest:
        return None
    return Filter(field[:60], rest[0][:40], tuple(value[:200] for value in rest[1:20] if value))


def write_filter(item: Filter) -> str:
    """Write a filter the way `read_filter` reads it."""
    values = (value.replace(SEPARATOR, " ") for value in item.values)
    return SEPARATOR.join((item.field, item.operator, *values))
