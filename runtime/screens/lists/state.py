"""The state of a list is its address: search, filters, order, place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from runtime.query import Filter, PageRequest

SEPARATOR: Final = "~"
SIZES: Final = (20, 50, 100, 200)
DEFAULT_SIZE: Final = 50
MOST_FILTERS: Final = 12


@dataclass(frozen=True)
class ListState:
    """What a list's address says; `base` is the address without it."""

    base: str
    search: str = ""
    status: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    size: int = DEFAULT_SIZE
    after: str = ""
    before: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether something keeps records out."""
        return bool(self.search or self.status or self.filters)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Everything but search and place, as query parameters."""
        pairs = [("f", write_filter(item)) for item in self.filters]
        pairs += [("status", self.status)] if self.status else []
        pairs += [("sort", self.sort)] if self.sort else []
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

    def sorted_by(self, sort: str) -> "ListState":
        """Return the list in another order, from its beginning."""
        return replace(self, sort=sort, after="", before="")

    def in_status(self, status: str) -> "ListState":
        """Return the records of one state only, or of all with the empty text."""
        return replace(self, status=status, after="", before="")

    def filtered(self, filters: tuple[Filter, ...]) -> "ListState":
        """Return the list with other filters, from its beginning."""
        return replace(self, filters=filters[:MOST_FILTERS], after="", before="")

    def without(self, index: int) -> "ListState":
        """Return the list with one filter taken away."""
        return self.filtered(self.filters[:index] + self.filters[index + 1 :])

    def request(self, columns: tuple[str, ...] = ()) -> PageRequest:
        """Return what `query` is asked for."""
        status = (Filter("status", "any_of", (self.status,)),) if self.status else ()
        return PageRequest(
            columns=columns,
            filters=status + self.filters,
            sort=self.sort,
            search=self.search,
            after=self.after,
            before=self.before,
            size=self.size,
        )


def read_state(base: str, source: MultiDict[str, str] | Mapping[str, str]) -> ListState:
    """Read an address; what it leaves out has its default."""
    texts: MultiDict[str, str] = MultiDict(source)
    filters = tuple(filter(None, map(read_filter, texts.getlist("f")[:MOST_FILTERS])))
    size = texts.get("size", DEFAULT_SIZE, type=int)
    return ListState(
        base=base,
        search=" ".join(texts.get("q", "").split())[:100],
        status=texts.get("status", "")[:40],
        filters=filters,
        sort=texts.get("sort", "")[:60],
        size=size if size in SIZES else DEFAULT_SIZE,
        after=texts.get("after", "")[:2000],
        before=texts.get("before", "")[:2000],
    )


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
