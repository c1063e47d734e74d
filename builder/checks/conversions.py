"""A conversion names forms and fields that are there, and fills only what a person could fill."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from runtime.definitions import AppDef, ConversionDef, ConvertedLinesDef, FieldDef, FormDef
from runtime.definitions.conversion import HEADER, LINE_NO, RECORD
from runtime.infra.errors import Problem
from runtime.kinds.families import FILES
from runtime.kinds.layout_field import LAYOUT

_COMPUTED: Final = frozenset({"formula", "lookup", "rollup", "document_number", "rmb"})
# What is never filled by another record.
UNTAKEN: Final = _COMPUTED | FILES | LAYOUT | {"lines"}
AMOUNTS: Final = frozenset({"number", "quantity", "money", "percent"})
_TEXTS: Final = frozenset({"text", "long_text", "email", "phone", "url"})

Fields = Mapping[str, FieldDef]


@dataclass(frozen=True)
class Shape:
    """What decides whether one field can be filled from another: its kind, and where it points."""

    kind: str
    form: str = ""


def conversions(definition: AppDef) -> Iterator[Problem]:
    """Yield what a conversion names wrongly."""
    codes = [each.code for each in definition.conversions]
    for index, each in enumerate(definition.conversions):
        pointer = f"/conversions/{index}"
        if each.code in codes[:index]:
            yield Problem(f"{pointer}/code", "code_twice", {"code": each.code})
        source, target = definition.form(each.source), definition.form(each.target)
        for name, code, form in (("from", each.source, source), ("to", each.target, target)):
            if form is None:
                yield Problem(f"{pointer}/{name}", "form_unknown", {"name": code})
        if source is not None and target is not None:
            for problem in _Sides(each, source, target).problems():
                yield problem.under(pointer)


@dataclass(frozen=True)
class _Sides:
    conversion: ConversionDef
    source: FormDef
    target: FormDef

    def problems(self) -> Iterator[Problem]:
        header, wanted = _by_code(self.source.fields), _by_code(self.target.fields)
        yield from self._map("/map", self.conversion.map, _Names(header, {}), wanted)
        lines = self.conversion.lines
        if lines is None:
            return
        table = wanted.get(lines.target)
        if table is None or table.kind != "lines":
            yield Problem("/lines/to", "check_lines_unknown", {"name": lines.target})
            return
        names = _Names(header, header)
        if lines.source is not None:
            rows = header.get(lines.source)
            if rows is None or rows.kind != "lines":
                yield Problem("/lines/from", "check_lines_unknown", {"name": lines.source})
                return
            names = _Names(header, _by_code(rows.columns), has_lines=True)
        yield from self._lines(lines, names, _by_code(table.columns))

    def _lines(
        self, lines: ConvertedLinesDef, names: "_Names", wanted: Fields
    ) -> Iterator[Problem]:
        yield from self._map("/lines/map", lines.map, names, wanted)
        for index, code in enumerate(lines.keep):
            if code not in lines.map:
                yield Problem(f"/lines/keep/{index}", "conversion_not_taken", {"name": code})
        if lines.quantity is None:
            return
        for name, path, found in (
            ("from", lines.quantity.source, names.find(lines.quantity.source)),
            ("to", lines.quantity.target, wanted.get(lines.quantity.target)),
        ):
            pointer = f"/lines/quantity/{name}"
            if found is None:
                yield Problem(pointer, "check_field_unknown", {"name": path})
            elif found.kind not in AMOUNTS:
                yield Problem(pointer, "conversion_no_quantity", {"name": path})

    def _map(
        self, pointer: str, given: Mapping[str, str], names: "_Names", wanted: Fields
    ) -> Iterator[Problem]:
        for code, path in given.items():
            field = wanted.get(code)
            problem, name = "", code
            if field is None:
                problem = "check_field_unknown"
            elif field.kind in UNTAKEN:
                problem = "conversion_not_filled"
            elif path not in {RECORD, LINE_NO} and names.find(path) is None:
                problem, name = "check_field_unknown", path
            elif not self._suits(path, field, names):
                problem = "conversion_kinds_differ"
            if problem:
                yield Problem(f"{pointer}/{code}", problem, {"name": name, "from": path})

    def _suits(self, path: str, field: FieldDef, names: "_Names") -> bool:
        if path == RECORD:
            return field.kind == "reference" and field.options.get("form") == self.source.code
        if path == LINE_NO:
            return field.kind in AMOUNTS and names.has_lines
        found = names.find(path)
        return found is not None and fits(_shape(found), _shape(field))


@dataclass(frozen=True)
class _Names:
    """What a map may name: fields of the source line, or by `header.` of its document."""

    header: Fields
    line: Fields
    has_lines: bool = False

    def find(self, path: str) -> FieldDef | None:
        """The field a path leads to."""
        if path.startswith(HEADER):
            return self.header.get(path.removeprefix(HEADER))
        return (self.line or self.header).get(path)


def _by_code(fields: tuple[FieldDef, ...]) -> Fields:
    return {field.code: field for field in fields}


def fits(source: Shape, target: Shape) -> bool:
    """Whether a value of one field can be one of the other; what is computed is seen when used."""
    if source.kind in _COMPUTED:
        return True
    if source.kind in FILES | LAYOUT | {"lines"}:
        return False
    if source.kind == target.kind == "reference":
        return source.form == target.form
    alike = (AMOUNTS, _TEXTS, frozenset({source.kind}))
    return any(source.kind in family and target.kind in family for family in alike)


def _shape(field: FieldDef) -> Shape:
    return Shape(field.kind, str(field.options.get("form", "")))
