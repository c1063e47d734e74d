"""From one document to the next: what is open, and a draft made of what was chosen of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select

from runtime import access
from runtime.compile.model import COUNTING, Form
from runtime.definitions import ConversionDef
from runtime.documents import lifecycle, links, stored
from runtime.documents.links import Link, lines_of, quantity_of, taken_from
from runtime.infra.act import Act
from runtime.infra.errors import Conflict, NotFound, Problem, ValidationFailed
from runtime.query import LineRecord, Record, records_by_id
from runtime.query.record import for_actor

# Other records that may become one with a record: so many are looked at, so many shown.
LOOKED_AT: Final = 40
OFFERED: Final = 10


@dataclass(frozen=True)
class OpenLine:
    """A line of a source and what is left of it; without a quantity it can always be taken."""

    record: Record
    line: LineRecord | None
    quantity: Decimal | None
    taken: Decimal
    open: Decimal | None

    @property
    def key(self) -> str:
        """What names the line in a request: the record, and the line where it has lines."""
        return f"{self.record.id}" if self.line is None else f"{self.record.id}.{self.line.id}"


@dataclass(frozen=True)
class Taken:
    """What is taken of which line; without a quantity, all that is open."""

    source_id: int
    line_id: int | None = None
    quantity: Decimal | None = None


def conversion_of(act: Act, form: Form, code: str) -> ConversionDef:
    """Return a conversion of the form that the actor may carry out."""
    found = next((each for each in form.conversions if each.code == code), None)
    if found is None:
        raise NotFound
    access.require(act.actor, "view", form)
    access.require(act.actor, "create", form.siblings[found.target])
    return found


def offered(act: Act, form: Form, record: Record) -> tuple[ConversionDef, ...]:
    """Return the conversions of a record that the actor may carry out, where something is open."""
    if form.is_document and record.status not in COUNTING:
        return ()
    return tuple(
        each
        for each in form.conversions
        if access.may(act.actor, "create", form.siblings[each.target])
        and any(one.open is None or one.open > 0 for one in _open(act, form, each, [record]))
    )


def open_lines(act: Act, form: Form, code: str, record_ids: Sequence[int]) -> tuple[OpenLine, ...]:
    """Return the lines of records the actor may view, with what is left of each."""
    conversion = conversion_of(act, form, code)
    condition = access.row_condition(act.actor, form)
    found = records_by_id(act.connection, form, record_ids, condition)
    if not found.keys() >= set(record_ids):
        raise NotFound
    seen = [for_actor(act, found[key]) for key in dict.fromkeys(record_ids)]
    return _open(act, form, conversion, seen)


def joinable(act: Act, form: Form, code: str, record_ids: Sequence[int]) -> tuple[Record, ...]:
    """Return the latest records that could become one document with these: their headers agree."""
    conversion = conversion_of(act, form, code)
    whole = records_by_id(act.connection, form, record_ids[:1])
    seen = {item.code for item in access.visible_fields(act.actor, form)}
    taken = set(conversion.map.values())
    if not whole or conversion.lines is None or not taken <= seen:
        # What has the record itself in its header is of one record.
        return ()
    first, columns = next(iter(whole.values())), form.table.c
    query = select(columns.id).where(columns.id.not_in(list(record_ids)))
    if form.is_document:
        query = query.where(columns.status.in_(sorted(COUNTING)))
    for item in (form.by_code[each] for each in sorted(taken)):
        if item.column is not None:
            query = query.where(item.column.is_not_distinct_from(first.values.get(item.code)))
    mine = access.row_condition(act.actor, form)
    query = query if mine is None else query.where(mine)
    ids = act.connection.execute(query.order_by(columns.id.desc()).limit(LOOKED_AT)).scalars().all()
    found = records_by_id(act.connection, form, ids)
    lines = _open(act, form, conversion, [for_actor(act, found[key]) for key in ids])
    live = {one.record.id: one.record for one in lines if one.open is None or one.open > 0}
    return tuple(live.values())[:OFFERED]


def convert(
    act: Act, form: Form, code: str, takes: Sequence[Taken], *, key: str | None = None
) -> Record:
    """Make a draft of the next form out of what was taken, through the one write path.

    Several records become one where what is taken of their headers is the same.
    """
    conversion = conversion_of(act, form, code)
    sources = _sources(act, form, takes)
    target = form.siblings[conversion.target]
    chosen = _chosen(act, form, conversion, sources, takes)
    values = _header(act, target, conversion, list(sources.values()))
    if conversion.lines is not None:
        values[conversion.lines.target] = [
            _line(act, target, conversion, one, quantity) for one, quantity in chosen
        ]
    made = lifecycle.create(act, target, values, key=key)
    if not links.links_to(act, target, made.id):
        _link(act, target, conversion, made.id, [one for one, _ in chosen])
    return made


def _sources(act: Act, form: Form, takes: Sequence[Taken]) -> Mapping[int, Record]:
    """The records that are taken from, locked in order and as the actor sees them."""
    found: dict[int, Record] = {}
    for record_id in sorted({take.source_id for take in takes}):
        record = stored.labelled(act, stored.lock(act, form, record_id, "view"))
        if form.is_document and record.status not in COUNTING:
            raise Conflict("not_convertible", {"title": record.title})
        found[record_id] = for_actor(act, record)
    if not found:
        raise ValidationFailed(problems=[Problem("/lines", "nothing_taken")])
    return found


def _open(
    act: Act, form: Form, conversion: ConversionDef, records: Sequence[Record]
) -> tuple[OpenLine, ...]:
    taken = links.converted(act, form, conversion, {record.id for record in records})
    found: list[OpenLine] = []
    for record in records:
        for line in lines_of(conversion, record):
            whole = quantity_of(conversion, record, line)
            gone = taken.get((record.id, line.id if line else None), Decimal(0))
            rest = None if whole is None else max(whole - gone, Decimal(0))
            found.append(OpenLine(record, line, whole, gone, rest))
    return tuple(found)


def _chosen(
    act: Act,
    form: Form,
    conversion: ConversionDef,
    sources: Mapping[int, Record],
    takes: Sequence[Taken],
) -> list[tuple[OpenLine, Decimal | None]]:
    """What is taken of which line: it must be there, and not more than is open."""
    known = {one.key: one for one in _open(act, form, conversion, list(sources.values()))}
    chosen: list[tuple[OpenLine, Decimal | None]] = []
    problems: list[Problem] = []
    for index, take in enumerate(takes):
        own = "" if take.line_id is None else f".{take.line_id}"
        one = known.pop(f"{take.source_id}{own}", None)
        if one is None:
            problems.append(Problem(f"/lines/{index}", "line_unknown"))
            continue
        quantity = one.open if take.quantity is None else take.quantity
        if one.quantity is not None and quantity is not None:
            most = links.allowed(conversion, one.quantity) - one.taken
            if quantity <= 0 or quantity > most:
                rest = format(max(most, Decimal(0)).normalize(), "f")
                code = "over_converted" if quantity > 0 or most <= 0 else "quantity_not_positive"
                problems.append(Problem(f"/lines/{index}/quantity", code, {"open": rest}))
        chosen.append((one, quantity))
    if problems:
        raise ValidationFailed(problems=problems)
    return chosen


def _header(
    act: Act, target: Form, conversion: ConversionDef, sources: Sequence[Record]
) -> dict[str, Any]:
    writable = _writable(act, target, None)
    values: dict[str, Any] = {}
    for code, path in conversion.map.items():
        given = [record.id if path == "$id" else record.values.get(path) for record in sources]
        if any(value != given[0] for value in given):
            label = target.by_code[code].label.zh
            raise ValidationFailed(problems=[Problem("/lines", "sources_differ", {"label": label})])
        if code in writable and given[0] is not None:
            values[code] = given[0]
    return values


def _line(
    act: Act, target: Form, conversion: ConversionDef, one: OpenLine, quantity: Decimal | None
) -> dict[str, Any]:
    lines = conversion.lines
    assert lines is not None, "a conversion without lines makes none"
    values = {code: taken_from(path, one.record, one.line) for code, path in lines.map.items()}
    if lines.quantity is not None:
        values[lines.quantity.target] = quantity
    writable = _writable(act, target, lines.target)
    return {code: each for code, each in values.items() if code in writable and each is not None}


def _writable(act: Act, form: Form, lines: str | None) -> set[str]:
    """What the actor may fill in: the rest begins as any new record does."""
    fixed = access.fixed_fields(act.actor, form, "create")
    if lines is None:
        fields, prefix = access.visible_fields(act.actor, form), ""
    else:
        fields = access.visible_line_fields(act.actor, form, form.lines_of(lines))
        prefix = f"{lines}."
    return {
        item.code
        for item in fields
        if not item.is_computed
        and not item.definition.readonly
        and f"{prefix}{item.code}" not in fixed
    }


def _link(
    act: Act, target: Form, conversion: ConversionDef, made: int, chosen: Sequence[OpenLine]
) -> None:
    """Note which line came out of which; they stand in the order in which they were taken."""
    rows: Sequence[LineRecord | None] = [None] * len(chosen)
    if conversion.lines is not None:
        whole = records_by_id(act.connection, target, [made])[made]
        rows = whole.lines[conversion.lines.target]
    pairs = zip(chosen, rows, strict=True)
    found = [
        Link(
            conversion.code,
            one.record.id,
            one.line.id if one.line else None,
            made,
            row.id if row else None,
        )
        for one, row in pairs
    ]
    links.remember(act, target, conversion, found)
