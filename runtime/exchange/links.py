"""Which column points to which table: told by lookups and sums, or by the values alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from typing import Final

from runtime.exchange import cells
from runtime.exchange.cells import column_number
from runtime.exchange.formulas.columns import Conversion
from runtime.exchange.formulas.shapes import rollup_of, walk
from runtime.exchange.found import Found

_KEYS: Final = frozenset({"text", "integer", "select"})
_CODE: Final = re.compile(
    r"编码|编号|条码|条形码|货号|单号|料号|件号|代码|款号|学号|工号|(?<![a-z])id$|id$|no\.?$|code|key"
    r"|sku|isbn|barcode|link$",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"名|称|客户|供应商|物料|商品|name|title", re.IGNORECASE)
# Every list has its own of these: that two lists both count 001, 002 relates nothing.
_GENERIC: Final = re.compile(r"编码|编号|代码|序号|名称|id|code|no|number|name", re.IGNORECASE)
_WORD: Final = re.compile(r"[0-9a-z]+|[\u3400-\u9fff]+")
_MOST_KEYS: Final = 200_000
_NEARLY: Final = 95
_ALIKE_LETTERS: Final = 4
_ALIKE_SIGNS: Final = 2
# Values that two lists do not have in common by chance, and how many of them say something.
_LONG: Final = re.compile(r"([\u3400-\u9fff].*){4}|.{6}")
_FEWEST: Final = 4


@dataclass(frozen=True)
class Link:
    """A column whose values are keys of another table."""

    from_table: str
    from_column: int
    to_table: str
    to_column: int
    kind: str
    matched: int
    of: int
    # Said by a person, whatever the values look like.
    told: bool = False

    @property
    def makes_reference(self) -> bool:
        """Whether a field of its own kind should stand for it."""
        return self.told or (self.kind in {"lookup", "reference", "parent-child"} and self.of > 0)


@dataclass(frozen=True)
class _Key:
    """A column with its values, for comparing it with others."""

    found: Found
    column: int

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Its filled values in order."""
        told = (self.found.cell(row, self.column) for row in self.found.table.rows)
        return tuple(_plain(cell) for cell in told if cell is not None and _plain(cell))

    @cached_property
    def distinct(self) -> frozenset[str]:
        """Its different values."""
        return frozenset(self.values)

    @cached_property
    def written(self) -> frozenset[str]:
        """Its different values as people write them: a line break is no part of a name."""
        return frozenset("".join(text.split()) for text in self.distinct)

    @property
    def is_unique(self) -> bool:
        """Whether every record has one of its own."""
        complete = len(self.values) * 100 >= len(self.found.table.rows) * _NEARLY
        # A long list typed by people has a code twice now and then.
        doubled = len(self.values) - len(self.distinct)
        return bool(self.values) and complete and doubled * 1000 <= len(self.values)

    @cached_property
    def is_digits(self) -> bool:
        """Whether its values are small numbers, which prove little by being found elsewhere."""
        return all(text.isdigit() and len(text) < 8 for text in self.distinct)

    @property
    def name(self) -> str:
        """What its header says."""
        return self.found.columns[self.column].name


def _plain(cell: cells.Cell) -> str:
    if cell.kind == cells.NUMBER:
        return cells.plain_text(cell.value)
    return cell.value.strip() if cell.kind == cells.TEXT else ""


def links(
    tables: Sequence[Found],
    conversions: Mapping[tuple[str, int], Conversion],
    alike: Sequence[frozenset[str]] = (),
) -> dict[tuple[str, int], Link]:
    """Return for each column that points somewhere where it points to."""
    found: dict[tuple[str, int], Link] = {}
    by_key = {table.key: table for table in tables}
    for (key, _), conversion in conversions.items():
        for link in _of_formula(by_key, by_key[key], conversion):
            known = found.get((key, link.from_column))
            if known is None or (known.kind == "shared-key" and link.kind == "lookup"):
                found[key, link.from_column] = link
    computed = {place for place, conversion in conversions.items() if conversion.holds}
    for link in _of_values([found for found in tables if not found.sheet.has_pivot], alike):
        if (link.from_table, link.from_column) in computed:
            continue
        known = found.get((link.from_table, link.from_column))
        if known is None or known.kind == "shared-key":
            found[link.from_table, link.from_column] = link
    return found


def overruled(
    found: Mapping[tuple[str, int], Link],
    tables: Sequence[Found],
    told: Mapping[tuple[str, int], tuple[str, str] | None],
) -> dict[tuple[str, int], Link]:
    """Return the links with what a person said: a column points there, or (None) nowhere."""
    by_key = {table.key: table for table in tables}
    kept = {place: link for place, link in found.items() if place not in told}
    said = {place: _told(by_key, place, to) for place, to in told.items()}
    return {**kept, **{place: link for place, link in said.items() if link is not None}}


def _told(
    tables: Mapping[str, Found], place: tuple[str, int], to: tuple[str, str] | None
) -> Link | None:
    """What a person said a column points to, where both are there."""
    here = tables.get(place[0])
    there = None if to is None else tables.get(to[0])
    if to is None or here is None or there is None:
        return None
    number = column_number(to[1])
    if place[1] not in here.columns or number not in there.columns or here is there:
        return None
    made = _link(_Key(here, place[1]), _Key(there, number), "reference")
    return replace(made, told=True)


def _of_formula(tables: Mapping[str, Found], home: Found, conversion: Conversion) -> Iterator[Link]:
    if conversion.tree is None:
        return
    for node in walk(conversion.tree):
        if node[0] == "look" and node[1][0] == "own" and node[2] != home.key:
            there = _Key(tables[node[2]], column_number(node[3]))
            yield _link(_Key(home, column_number(node[1][1])), there, "lookup")
        rollup = rollup_of(node)
        if rollup is None or rollup.table == home.key:
            continue
        for col, wanted in rollup.pairs:
            if wanted[0] == "own":
                far = _Key(tables[rollup.table], column_number(col))
                yield _link(_Key(home, column_number(wanted[1])), far, "shared-key")


def _link(here: _Key, there: _Key, kind: str) -> Link:
    matched = sum(value in there.distinct for value in here.values)
    return Link(
        here.found.key,
        here.column,
        there.found.key,
        there.column,
        kind,
        matched,
        len(here.values),
    )


def _of_values(tables: Sequence[Found], alike: Sequence[frozenset[str]]) -> Iterator[Link]:
    keys = [key for table in tables for key in _candidates(table)]
    targets = [key for key in keys if _is_target(key)]
    for here in keys:
        there = [key for key in targets if _may_point(here, key, alike)]
        best = max(there, key=lambda key: _rank(here, key), default=None)
        if best is not None:
            yield _link(here, best, _kind(here, best, keys))
            continue
        shared = [key for key in keys if _shares(here, key, alike)]
        if shared:
            listed = max(shared, key=lambda key: len(here.written & key.written))
            yield _link(here, listed, "shared-key")


def _shares(here: _Key, there: _Key, alike: Sequence[frozenset[str]]) -> bool:
    """A long list that has some twice, or lacks some: it says what they are, and is no key."""
    if not here.distinct or here.found is there.found or _are_alike(here, there, alike):
        return False
    mostly = len(there.distinct) * 10 >= len(there.values) * 9
    if not mostly or len(there.distinct) <= 2 * len(here.distinct):
        return False
    if _CODE.search(here.name) and _words(here.name) == _words(there.name):
        return here.distinct <= there.distinct
    return _is_of_one_sort(here, there) and _is_mostly_in(here, there)


def _is_of_one_sort(here: _Key, there: _Key) -> bool:
    """Two columns of codes, or two of names, whatever they are called."""
    return any(each.search(here.name) and each.search(there.name) for each in (_CODE, _NAME))


def _is_mostly_in(here: _Key, there: _Key) -> bool:
    """Whether four fifths of the values are there, of which most cannot be so by chance."""
    common = here.written & there.written
    telling = sum(_LONG.search(text) is not None for text in common)
    mostly = len(common) * 5 >= len(here.written) * 4
    return mostly and telling >= _FEWEST and telling * 2 > len(common)


def _candidates(table: Found) -> Iterator[_Key]:
    if len(table.table.rows) > _MOST_KEYS:
        return
    for number, looked in table.columns.items():
        if looked.guess.type in _KEYS and not looked.invented:
            yield _Key(table, number)


def _is_target(key: _Key) -> bool:
    told = _CODE.search(key.name) or _NAME.search(key.name) or key.column == min(key.found.columns)
    return bool(told) and key.is_unique


def _may_point(here: _Key, there: _Key, alike: Sequence[frozenset[str]]) -> bool:
    if here.found.sheet is there.found.sheet or _are_alike(here, there, alike):
        return False
    if here.found.sheet.name.lower() in there.found.sheet.facts.mentions:
        # A table computed out of this one is a report about it, not what it points to.
        return False
    same = _words(here.name) == _words(there.name)
    if not here.distinct:
        # An empty list is filled with the codes of the table that has them.
        return same and not here.found.table.rows and _CODE.search(here.name) is not None
    inside = len(here.distinct & there.distinct)
    # Under another name only a column whose every value is there points there.
    if inside * 100 < len(here.distinct) * (_NEARLY if same else 100):
        return False
    if here.is_unique and len(here.distinct) == len(there.distinct):
        # Two lists of the same things: the first one is the list.
        telling = _GENERIC.fullmatch(_words(here.name)) is None or not here.is_digits
        return same and telling and _is_before(there, here)
    if here.is_digits:
        return same or _begin_alike(here, there)
    return same or len(here.distinct) >= 3 or _begin_alike(here, there)


def _is_before(one: _Key, other: _Key) -> bool:
    sheets = list(one.found.workbook.sheets)
    return sheets.index(one.found.sheet) < sheets.index(other.found.sheet)


def _are_alike(here: _Key, there: _Key, alike: Sequence[frozenset[str]]) -> bool:
    pair = {here.found.key, there.found.key}
    return any(pair <= group for group in alike)


def _words(name: str) -> str:
    return "".join(_WORD.findall(name.lower()))


def _begin_alike(here: _Key, there: _Key) -> bool:
    """ShipVia and the table Shippers: the name says where the numbers belong."""
    if here.is_unique:
        return False
    own = _words(here.name)
    for name in (there.name, there.found.table.label):
        pairs = zip(own, _words(name), strict=False)
        shared = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        needed = _ALIKE_LETTERS if shared.isascii() else _ALIKE_SIGNS
        if len(shared) >= needed:
            return True
    return False


def _rank(here: _Key, there: _Key) -> tuple[bool, bool, bool, int]:
    same = _words(here.name) == _words(there.name)
    hinted = _begin_alike(here, there)
    return same, hinted, _CODE.search(there.name) is not None, -len(there.distinct)


def _kind(here: _Key, there: _Key, keys: Sequence[_Key]) -> str:
    """Lines of a document: they have no key of their own, and the document has a day."""
    has_own = any(key.is_unique for key in keys if key.found is here.found)
    days = [look.guess.type for look in there.found.columns.values()]
    is_line = not has_own and not here.is_unique and {"date", "datetime"} & set(days)
    same = _words(here.name) == _words(there.name)
    return "parent-child" if is_line and same and len(here.values) > 2 else "reference"
