"""What came out of what: how much of a line is still open, and the chain of documents both ways.

A link only says which line came out of which. How much that is stands in the lines themselves, so a
draft that is changed, a line that is taken out and a document that is cancelled give back at once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from sqlalchemy import and_, func, insert, select

from runtime import access
from runtime.compile.model import Form
from runtime.definitions import ConversionDef, ConvertedLinesDef, Label
from runtime.definitions.conversion import HEADER, LINE_NO, RECORD
from runtime.documents.tables import links
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, Problem
from runtime.query import LineRecord, Record, records_by_id
from runtime.query import labels as titles_of

ZERO: Final = Decimal(0)
HUNDRED: Final = Decimal(100)
NAMED: Final = 5
SHOWN: Final = 30
Side = Literal["source", "target"]


@dataclass(frozen=True)
class Link:
    """One line (or a whole document) that came out of another."""

    conversion: str
    source_id: int
    source_line: int | None
    target_id: int
    target_line: int | None


@dataclass(frozen=True)
class Related:
    """Documents of one form before or after a record; those the actor may view, by title."""

    form: Form
    label: Label
    side: Side
    titles: Mapping[int, str]


def remember(act: Act, form: Form, conversion: ConversionDef, made: Sequence[Link]) -> None:
    """Note what came out of what, in the transaction that made it."""
    rows = [
        {
            "app": form.app_code,
            "conversion": conversion.code,
            "source_form": conversion.source,
            "source_id": link.source_id,
            "source_line": link.source_line,
            "target_form": conversion.target,
            "target_id": link.target_id,
            "target_line": link.target_line,
        }
        for link in made
    ]
    if rows:
        act.connection.execute(insert(links), rows)


def links_to(act: Act, form: Form, target_id: int) -> tuple[Link, ...]:
    """Return what a document came out of."""
    columns = links.c
    here = (columns.app == form.app_code, columns.target_form == form.code)
    query = select(links).where(*here, columns.target_id == target_id).order_by(columns.id)
    return tuple(
        Link(row.conversion, row.source_id, row.source_line, row.target_id, row.target_line)
        for row in act.connection.execute(query)
    )


def converted(
    act: Act,
    source: Form,
    conversion: ConversionDef,
    source_ids: Collection[int],
    *,
    besides: int = 0,
) -> dict[tuple[int, int | None], Decimal]:
    """How much of each line of the sources other documents have taken (`besides`: but that one).

    What was cancelled has given back; a draft has taken already.
    """
    lines, target = conversion.lines, source.siblings[conversion.target]
    if lines is None or lines.quantity is None or not source_ids:
        return {}
    table = target.lines_of(lines.target)
    quantity = table.by_code[lines.quantity.target].column
    assert quantity is not None, "a quantity is kept"
    rows, columns, head = table.table.c, links.c, target.table.c
    taken = func.sum(quantity)
    query = (
        select(columns.source_id, columns.source_line, taken.label("taken"))
        .join(table.table, rows.id == columns.target_line)
        .join(target.table, and_(head.id == rows.parent_id, head.id == columns.target_id))
        .where(columns.app == source.app_code, columns.conversion == conversion.code)
        .where(columns.source_form == source.code, columns.source_id.in_(sorted(source_ids)))
        .where(head.status != "cancelled", head.id != besides)
        .group_by(columns.source_id, columns.source_line)
    )
    found = act.connection.execute(query)
    return {(row.source_id, row.source_line): row.taken or ZERO for row in found}


def lines_of(conversion: ConversionDef, record: Record) -> tuple[LineRecord | None, ...]:
    """The lines of a source that become lines; None is the document as one line."""
    lines = conversion.lines
    if lines is None or lines.source is None:
        return (None,)
    return record.lines.get(lines.source, ())


def taken_from(path: str, record: Record, line: LineRecord | None) -> Any:
    """The value a path of the map leads to."""
    if path == RECORD:
        return record.id
    if path == LINE_NO:
        return None if line is None else line.line_no
    if path.startswith(HEADER):
        return record.values.get(path.removeprefix(HEADER))
    return (record.values if line is None else line.values).get(path)


def quantity_of(
    conversion: ConversionDef, record: Record, line: LineRecord | None
) -> Decimal | None:
    """The whole quantity of a source line; None where the conversion counts nothing."""
    lines = conversion.lines
    if lines is None or lines.quantity is None:
        return None
    found = taken_from(lines.quantity.source, record, line)
    return ZERO if found is None else Decimal(found)


def problems(
    act: Act, form: Form, values: Mapping[str, Any], before: Record | None
) -> Iterator[Problem]:
    """Yield a Problem for each line that takes more than is open, or is not its source's any more.

    The sources are locked, so that two documents cannot take the same rest.
    """
    if before is None or not form.converted_from:
        return
    known = links_to(act, form, before.id)
    for conversion in form.converted_from:
        mine = [link for link in known if link.conversion == conversion.code]
        if mine and conversion.lines is not None:
            source = form.siblings[conversion.source]
            ids = {link.source_id for link in mine}
            _lock(act, source, ids)
            taking = _Taking(
                conversion,
                conversion.lines,
                records_by_id(act.connection, source, ids),
                converted(act, source, conversion, ids, besides=before.id),
                {link.target_line: link for link in mine},
            )
            yield from taking.problems(form, values)


def _lock(act: Act, source: Form, ids: Collection[int]) -> None:
    key = source.table.c.id
    query = select(key).where(key.in_(sorted(ids))).order_by(key)
    act.connection.execute(query.with_for_update(of=source.table)).all()


@dataclass(frozen=True)
class _Taking:
    """One document that takes from others by one conversion."""

    conversion: ConversionDef
    lines: ConvertedLinesDef
    sources: Mapping[int, Record]
    others: Mapping[tuple[int, int | None], Decimal]
    links: Mapping[int | None, Link]

    def problems(self, form: Form, values: Mapping[str, Any]) -> Iterator[Problem]:
        """Go through the lines as they are to be."""
        fields = form.lines_of(self.lines.target).by_code
        sums: dict[tuple[int, int | None], Decimal] = {}
        for index, row in enumerate(values.get(self.lines.target) or ()):
            link = self.links.get(row.get("id"))
            found = None if link is None else self._source(link)
            if link is None or found is None:
                continue
            pointer = f"/{self.lines.target}/{index}"
            for code in self.lines.keep:
                if row.get(code) != taken_from(self.lines.map[code], found[0], found[1]):
                    label = fields[code].label.zh
                    yield Problem(f"{pointer}/{code}", "not_as_in_source", {"label": label})
            yield from self._over(pointer, row, link, sums)

    def _over(
        self,
        pointer: str,
        row: Mapping[str, Any],
        link: Link,
        sums: dict[tuple[int, int | None], Decimal],
    ) -> Iterator[Problem]:
        quantity, found = self.lines.quantity, self._source(link)
        if quantity is None or found is None:
            return
        key = link.source_id, link.source_line
        before = self.others.get(key, ZERO) + sums.get(key, ZERO)
        wanted = row.get(quantity.target) or ZERO
        sums[key] = sums.get(key, ZERO) + wanted
        most = allowed(self.conversion, quantity_of(self.conversion, *found) or ZERO)
        if before + wanted > most:
            rest = format(max(most - before, ZERO).normalize(), "f")
            yield Problem(f"{pointer}/{quantity.target}", "over_converted", {"open": rest})

    def _source(self, link: Link) -> tuple[Record, LineRecord | None] | None:
        """The source of a line; a line of a source that is gone holds nobody to anything."""
        record = self.sources.get(link.source_id)
        if record is None:
            return None
        lines = lines_of(self.conversion, record)
        line = next((each for each in lines if each and each.id == link.source_line), None)
        return None if line is None and link.source_line is not None else (record, line)


def allowed(conversion: ConversionDef, quantity: Decimal) -> Decimal:
    """The most that may be taken of a quantity, tolerance and all."""
    assert conversion.lines is not None
    assert conversion.lines.quantity is not None
    return quantity * (HUNDRED + conversion.lines.quantity.tolerance) / HUNDRED


def require_not_continued(act: Act, form: Form, record: Record) -> None:
    """Refuse to cancel what other documents in force, or drafts, came out of."""
    named: list[str] = []
    for conversion in form.conversions:
        target = form.siblings[conversion.target]
        ids = _other_side(act, form, conversion, record.id, "source")
        key, status = target.table.c.id, target.table.c.status
        query = select(key).where(key.in_(sorted(ids)), status != "cancelled").order_by(key)
        live = act.connection.execute(query.limit(NAMED)).scalars().all()
        titles = _visible(act, target, live)
        named += [f"{target.label.zh} {titles.get(each, '…')}" for each in live]
    if named:
        raise Conflict("is_continued", {"where": "、".join(named[:NAMED])})


def related(act: Act, form: Form, record_id: int) -> tuple[Related, ...]:
    """Return what a record came out of and what came out of it, as far as the actor may view it.

    What may still come out of it is among them, with nothing in it.
    """
    found: list[Related] = []
    sides: tuple[tuple[Side, Sequence[ConversionDef]], ...] = (
        ("target", form.converted_from),
        ("source", form.conversions),
    )
    for side, conversions in sides:
        for conversion in conversions:
            other = form.siblings[conversion.source if side == "target" else conversion.target]
            if access.may(act.actor, "view", other):
                ids = _other_side(act, form, conversion, record_id, side)
                titles = _visible(act, other, ids)
                if titles or side == "source":
                    shown: Side = "source" if side == "target" else "target"
                    found.append(Related(other, conversion.label, shown, titles))
    return tuple(found)


def _other_side(
    act: Act, form: Form, conversion: ConversionDef, record_id: int, side: Side
) -> set[int]:
    """The ids on the other side of a record's links; `side` is the record's own."""
    columns = links.c
    own, other = columns[f"{side}_id"], "target" if side == "source" else "source"
    query = select(columns[f"{other}_id"]).where(
        columns.app == form.app_code,
        columns.conversion == conversion.code,
        columns[f"{side}_form"] == form.code,
        own == record_id,
    )
    return set(act.connection.execute(query.distinct()).scalars())


def _visible(act: Act, form: Form, ids: Collection[int]) -> Mapping[int, str]:
    if not ids:
        return {}
    key = form.table.c.id
    query = select(key).where(key.in_(sorted(ids))).order_by(key).limit(SHOWN)
    mine = access.row_condition(act.actor, form)
    seen = act.connection.execute(query if mine is None else query.where(mine)).scalars().all()
    if form.by_code[form.title] not in access.visible_fields(act.actor, form):
        return {each: f"#{each}" for each in seen}
    return titles_of(act.connection, form, seen)
