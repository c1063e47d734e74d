"""What of one form a conversion can take, and what of another it can fill."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from builder.checks.conversions import AMOUNTS, UNTAKEN, Shape, fits
from builder.designer.panel_spot import columns_of
from runtime.definitions.conversion import HEADER, LINE_NO, RECORD
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
UNTAKEN_SOURCES: Final = frozenset({"lines", "note", "divider", "button", "query", "attachment"})


@dataclass(frozen=True)
class Source:
    """One thing a field can be filled from."""

    path: str
    text: str
    shape: Shape


@dataclass(frozen=True)
class Row:
    """A field that can be filled: from what, and from what it is filled now."""

    code: str
    text: str
    required: bool
    sources: tuple[Source, ...]
    chosen: str
    keeps: bool = False


@dataclass(frozen=True)
class Lines:
    """The lines of a conversion: which tables there are, which is filled, from where, how much."""

    targets: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    target: str = ""
    source: str = ""
    rows: tuple[Row, ...] = ()
    amounts_from: tuple[Source, ...] = ()
    amounts_to: tuple[tuple[str, str], ...] = ()
    quantity_from: str = ""
    quantity_to: str = ""
    tolerance: str = ""


def header_rows(source: Json, target: Json, given: Json) -> tuple[Row, ...]:
    """The fields of the target document, each with what it may take."""
    taken = tuple(_sources(source["fields"]))
    return tuple(_rows(target["fields"], (_record(source), *taken), given, ()))


def lines_of(source: Json, target: Json, given: Json | None) -> Lines:
    """The lines of a conversion as the sheet shows them; `given` is None where there are none."""
    targets, sources = tuple(_tables(target)), tuple(_tables(source))
    table = _table(target, str((given or {}).get("to", "")))
    if given is None or table is None:
        return Lines(targets, sources)
    near = _table(source, str(given.get("from", "")))
    offered = tuple(_offered(source, near))
    quantity: Json = given.get("quantity", {})
    amounts = tuple(each for each in offered if each.shape.kind in AMOUNTS | {"formula", "rollup"})
    return Lines(
        targets=targets,
        sources=sources,
        target=str(table["code"]),
        source=str(near["code"]) if near else "",
        rows=tuple(_rows(columns_of(table), offered, given.get("map", {}), given.get("keep", ()))),
        amounts_from=tuple(each for each in amounts if each.path != LINE_NO),
        amounts_to=tuple(
            (str(each["code"]), _name(each))
            for each in columns_of(table)
            if each["kind"] in AMOUNTS
        ),
        quantity_from=str(quantity.get("from", "")),
        quantity_to=str(quantity.get("to", "")),
        tolerance=str(quantity.get("tolerance", "")),
    )


def suggested(source: Json, target: Json) -> dict[str, Any]:
    """What a new conversion carries over: what is called the same on both sides, and the lines."""
    made: dict[str, Any] = {"map": _alike(header_rows(source, target, {}))}
    tables = [[table for table, _text in _tables(form)] for form in (source, target)]
    if tables[1]:
        near = {"from": tables[0][0]} if tables[0] else {}
        lines: dict[str, Any] = {**near, "to": tables[1][0]}
        made["lines"] = lines | {"map": _alike(lines_of(source, target, lines).rows)}
    return made


def _measured(columns: Sequence[Json]) -> Iterator[tuple[str, str]]:
    for each in columns:
        if each["kind"] in AMOUNTS:
            yield str(each["code"]), _name(each)


def _alike(rows: Sequence[Row]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        same = [
            each for each in row.sources if row.code in (each.path, each.path.rpartition(".")[2])
        ]
        record = [each for each in row.sources if each.path == RECORD]
        if same or record:
            found[row.code] = (record or same)[0].path
    return found


def _rows(
    fields: Sequence[Json], offered: Sequence[Source], given: Json, keep: Sequence[str]
) -> Iterator[Row]:
    for field in fields:
        if field["kind"] in UNTAKEN:
            continue
        shape = _shape(field)
        code = str(field["code"])
        sources = tuple(each for each in offered if _fills(each, shape))
        chosen = str(given.get(code, ""))
        if sources or chosen:
            yield Row(
                code, _name(field), bool(field.get("required")), sources, chosen, code in keep
            )


def _fills(source: Source, target: Shape) -> bool:
    if source.path == RECORD:
        return target.kind == "reference" and target.form == source.shape.form
    if source.path == LINE_NO:
        return target.kind in AMOUNTS
    return fits(source.shape, target)


def _offered(source: Json, near: Json | None) -> Iterator[Source]:
    """What a line may take: of the source line, its number, its document, the document itself."""
    if near is not None:
        yield from _sources(columns_of(near))
        yield Source(LINE_NO, _("行号"), Shape(LINE_NO))
        for each in _sources(source["fields"]):
            text = _("单据的%(what)s", what=each.text)
            yield Source(HEADER + each.path, text, each.shape)
    else:
        yield from _sources(source["fields"])
    yield _record(source)


def _record(source: Json) -> Source:
    text = _("这张%(what)s本身", what=_name(source))
    return Source(RECORD, text, Shape(RECORD, str(source["code"])))


def _sources(fields: Sequence[Json]) -> Iterator[Source]:
    for field in fields:
        if field["kind"] not in UNTAKEN_SOURCES:
            yield Source(str(field["code"]), _name(field), _shape(field))


def _tables(form: Json) -> Iterator[tuple[str, str]]:
    for field in form["fields"]:
        if field["kind"] == "lines":
            yield str(field["code"]), _name(field)


def _table(form: Json, code: str) -> Json | None:
    found: Iterator[Json] = (each for each in form["fields"] if each["kind"] == "lines")
    return next((each for each in found if each["code"] == code), None)


def _shape(field: Json) -> Shape:
    return Shape(str(field["kind"]), str(field.get("options", {}).get("form", "")))


def _name(part: Json) -> str:
    return label(part.get("label")) or str(part["code"])
