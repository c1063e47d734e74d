"""Aggregate tables: forms nobody fills, fed by the records of others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeEngine

from runtime.compile.derived import Deriving
from runtime.compile.feeds import (
    FIGURES,
    condition,
    field_at,
    is_telling,
    kept_as,
    read_path,
    scale_of,
    scope_of,
    steady_formula,
    table_at,
)
from runtime.compile.field import Field
from runtime.compile.figures import Aggregate, Feed, Measure, Path, Rows, Share
from runtime.compile.model import Form, Siblings
from runtime.compile.rollups import fits, values_table
from runtime.compile.schemas import record_schema
from runtime.compile.tables import short_name
from runtime.definitions import AggregateDef, AppDef, FieldDef, MeasureDef, ShareDef
from runtime.definitions.aggregate import SourceDef
from runtime.formula import Formula, FormulaError, parse
from runtime.formula.tree import Reference
from runtime.formula.types import item as item_type
from runtime.infra.columns import ExactDecimal, Instant, Key
from runtime.infra.errors import Problem
from runtime.kinds.fields import FIELD_TYPES

# How many rows of its sources stand behind a group; one that has none left is gone.
ROWS: Final = "h_rows"
# A dimension has few values and says something by itself.
DIVIDING: Final = frozenset(
    "text choice reference user date boolean document_number".split()  # noqa: SIM905
)


def resolve(
    definition: AppDef,
    forms: dict[str, Form],
    siblings: Siblings,
    metadata: MetaData,
    version: int,
) -> list[Problem]:
    """Add the aggregate tables to the forms of the app."""
    problems: list[Problem] = []
    sources = dict(forms)
    for index, wanted in enumerate(definition.aggregates):
        builder = _Builder(definition, wanted, sources, metadata)
        made = builder.build(version, siblings)
        problems += [problem.under(f"/aggregates/{index}") for problem in builder.problems]
        if made is not None:
            forms[wanted.code] = made
    return problems


def feeds_of(form: Form) -> Iterator[tuple[Form, Feed]]:
    """The aggregate tables a form feeds, in order of their codes, with each of its feeds."""
    for code in sorted(form.siblings):
        table = form.siblings[code]
        for feed in table.aggregate.feeds if table.aggregate else ():
            if feed.rows.form == form.code:
                yield table, feed


class _Builder:
    """Compiles one aggregate table; holds what its parts share."""

    def __init__(
        self,
        app: AppDef,
        definition: AggregateDef,
        forms: Mapping[str, Form],
        metadata: MetaData,
    ) -> None:
        self.app, self.definition, self.forms, self.metadata = app, definition, forms, metadata
        self.problems: list[Problem] = []

    def build(self, version: int, siblings: Siblings) -> Form | None:
        """Resolve dimensions, measures, sources and checks."""
        definition = self.definition
        dimensions = self._dimensions()
        measures = self._measures()
        if self.problems:
            return None
        feeds = tuple(self._feeds(measures))
        if self.problems:
            return None
        table = self._table(dimensions, measures)
        dimensions = [_bound(field, table) for field in dimensions]
        measures = [self._kept(replace(each, field=_bound(each.field, table)), table)
                    for each in measures]  # fmt: skip
        deriving = Deriving(self.definition, dimensions, measures, self.problems)
        measures = deriving.measures_in_order()
        checks = tuple(deriving.checks())
        if self.problems:
            return None
        fields = (*dimensions, *(measure.field for measure in measures))
        by_code = {field.code: field for field in fields}
        told = tuple(each.code for each in definition.dimensions)
        told += tuple(each.code for each in definition.measures)
        fields = tuple(by_code[code] for code in told)
        return Form(
            app_code=self.app.code,
            code=definition.code,
            label=definition.label,
            type="aggregate",
            icon=definition.icon,
            fields=fields,
            by_code=MappingProxyType(by_code),
            lines=(),
            table=table,
            title=fields[0].code,
            list_columns=told,
            search_fields=tuple(field.code for field in dimensions),
            sections=(),
            schema=record_schema(fields),
            programs=(),
            siblings=siblings,
            zone=self.app.zone,
            currency=self.app.currency,
            version=version,
            roles={role.code: role for role in self.app.roles},
            aggregate=Aggregate(tuple(dimensions), tuple(measures), feeds, checks),
        )

    def _problem(self, pointer: str, code: str, **params: Any) -> None:
        self.problems.append(Problem(pointer, code, params))

    # -- what it is divided by

    def _dimensions(self) -> list[Field]:
        found: list[Field] = []
        codes = [dimension.code for dimension in self.definition.dimensions]
        for index, source in enumerate(self.definition.sources):
            self._source(index, source, codes)
        for place, dimension in enumerate(self.definition.dimensions):
            kinds: dict[tuple[str, str | None], FieldDef] = {}
            for index, source in enumerate(self.definition.sources):
                definition = self._dimension(index, source, dimension.code)
                if definition is not None:
                    target = definition.options.get("form")
                    kinds.setdefault((definition.kind, target), definition)
            if len(kinds) > 1:
                names = ", ".join(sorted(kind for kind, _ in kinds))
                self._problem(f"/dimensions/{place}", "aggregate_dimensions_differ", kinds=names)
            if kinds:
                (kept, *_) = kinds.values()
                kept = replace(kept, code=dimension.code, label=dimension.label, id=dimension.code)
                found.append(Field(kept, FIELD_TYPES[kept.kind], FIELD_TYPES[kept.kind], kept))
        return found

    def _source(self, index: int, source: SourceDef, codes: Sequence[str]) -> None:
        pointer = f"/sources/{index}"
        form = self.forms.get(source.form)
        if form is None:
            self._problem(f"{pointer}/form", "form_unknown", name=source.form)
            return
        if source.lines is not None and table_at(form, source.lines) is None:
            self._problem(f"{pointer}/lines", "field_unknown", name=source.lines)
        for code in codes:
            if code not in source.dimensions:
                self._problem(f"{pointer}/dimensions", "property_missing", name=code)
        for code in source.dimensions:
            if code not in codes:
                self._problem(f"{pointer}/dimensions/{code}", "property_unknown", name=code)

    def _dimension(self, index: int, source: SourceDef, code: str) -> FieldDef | None:
        form, text = self.forms.get(source.form), source.dimensions.get(code)
        if form is None or text is None:
            return None
        pointer, path = f"/sources/{index}/dimensions/{code}", read_path(text)
        field = field_at(form, path)
        if field is None or (path.lines is not None and path.lines != source.lines):
            self._problem(pointer, "field_unknown", name=text)
            return None
        if path.part:
            if field.stored.kind != "date":
                self._problem(pointer, "aggregate_month_of_date", name=text)
                return None
            return FieldDef(code=code, kind="text", label=field.label, readonly=True)
        if field.stored.kind not in DIVIDING or not is_telling(field):
            self._problem(pointer, "aggregate_dimension_kind", kind=field.stored.kind)
            return None
        kind = "text" if field.stored.kind == "document_number" else field.stored.kind
        kept = {"form", "options", "max_length"}
        options = {name: value for name, value in field.stored_as.options.items() if name in kept}
        return FieldDef(code=code, kind=kind, label=field.label, readonly=True, options=options)

    # -- what is measured

    def _measures(self) -> list[Measure]:
        found: list[Measure] = []
        for place, measure in enumerate(self.definition.measures):
            shares = [
                (index, source.measures[measure.code])
                for index, source in enumerate(self.definition.sources)
                if measure.code in source.measures
            ]
            op = self._operation(place, measure, [share for _, share in shares])
            field = self._measure_field(measure)
            read = [self._read(index, share) for index, share in shares]
            brought = self._brought(op, field, read, f"/measures/{place}") if op else None
            found.append(Measure(field, op, brought=brought))
        codes = {measure.code for measure in self.definition.measures}
        for index, source in enumerate(self.definition.sources):
            for code in source.measures:
                if code not in codes:
                    pointer = f"/sources/{index}/measures/{code}"
                    self._problem(pointer, "property_unknown", name=code)
        return found

    def _measure_field(self, measure: MeasureDef) -> Field:
        code, label = measure.code, measure.label
        own = FieldDef(code=code, kind="rollup", label=label, id=code, readonly=True)
        kind, kept = kept_as(own, measure.result, measure.places, self.app.zone)
        return Field(own, FIELD_TYPES["rollup"], kind, kept)

    def _operation(self, place: int, measure: MeasureDef, shares: Sequence[ShareDef]) -> str:
        pointer = f"/measures/{place}"
        operations = {share.op for share in shares}
        if measure.formula and shares:
            self._problem(f"{pointer}/formula", "aggregate_measure_twice", name=measure.code)
        elif not measure.formula and not shares:
            self._problem(pointer, "aggregate_measure_unfed", name=measure.code)
        elif len(operations) > 1:
            names = ", ".join(sorted(operations))
            self._problem(pointer, "aggregate_operations_differ", names=names)
        taking = operations and not operations & {"sum", "count"}
        if taking and any(share.sign < 0 for share in shares):
            self._problem(pointer, "aggregate_sign", name=measure.code)
        return next(iter(operations), "")

    def _read(self, index: int, share: ShareDef) -> Field | None:
        """The field whose values are measured, where the formula is nothing but its name."""
        source = self.definition.sources[index]
        form = self.forms.get(source.form)
        path = None if form is None else self._direct(form, source.lines, share.of)
        return None if form is None or path is None else field_at(form, path)

    def _brought(
        self, op: str, field: Field, read: Sequence[Field | None], pointer: str
    ) -> TypeEngine[Any]:
        """How one value of a row is kept: exactly, whatever the measure rounds to in the end."""
        (own,) = field.stored.columns(field.stored_as)
        if op in {"sum", "count", "min", "max"}:
            return own.type
        kept = {repr(each.column.type): each.column.type for each in read if each is not None
                and each.column is not None and scale_of(each) is None}  # fmt: skip
        if kept and (len(kept) > 1 or any(each is None or scale_of(each) is not None
                                          for each in read)):  # fmt: skip
            self._problem(pointer, "aggregate_dimensions_differ", kinds=", ".join(sorted(kept)))
        if kept:
            return next(iter(kept.values()))
        places = scale_of(field) or 0
        return ExactDecimal(max((scale_of(each) or 0) if each else places for each in read))

    def _direct(self, form: Form, lines: str | None, text: str) -> Path | None:
        try:
            tree = parse(text, scope_of(form)(lines)).tree if text else None
        except (FormulaError, KeyError):
            return None
        if isinstance(tree, Reference) and tree.is_own and not tree.many:
            return Path(tree.lines, tree.code)
        return None

    # -- where rows come from

    def _feeds(self, measures: Sequence[Measure]) -> Iterator[Feed]:
        for index, source in enumerate(self.definition.sources):
            form, pointer = self.forms[source.form], f"/sources/{index}"
            where = None
            if source.where:
                where = condition(
                    source.where, form, source.lines, f"{pointer}/where", self.problems
                )
            shares = []
            for code, share in source.measures.items():
                measure = next(each for each in measures if each.code == code)
                at = f"{pointer}/measures/{code}/of"
                shares.append(self._share(form, source.lines, share, measure, at))
            dimensions = (source.dimensions[each.code] for each in self.definition.dimensions)
            yield Feed(
                Rows(form.code, source.lines, where),
                tuple(read_path(text) for text in dimensions),
                tuple(shares),
            )

    def _share(
        self, form: Form, lines: str | None, share: ShareDef, measure: Measure, pointer: str
    ) -> Share:
        if not share.of:
            if share.op != "count":
                self._problem(pointer, "property_missing", name="of")
            elif measure.field.stored.kind not in FIGURES:
                self._unfit(share.op, measure.field.stored.kind, pointer)
            return Share(measure.code, share.sign)
        formula = steady_formula(share.of, form, lines, pointer, self.problems)
        direct = self._direct(form, lines, share.of)
        source = None if direct is None else field_at(form, direct)
        if source is not None and share.op != "count":
            if not is_telling(source):
                self._unfit(share.op, source.stored.kind, pointer)
            fits(share.op, source, measure.field, pointer, self.problems)
        elif formula is not None:
            self._check_computed(share.op, formula, measure, pointer)
        return Share(measure.code, share.sign, formula, direct)

    def _check_computed(self, op: str, formula: Formula, measure: Measure, pointer: str) -> None:
        """A computed value is brought onto the scale of its measure before anything is added."""
        if measure.field.stored.kind not in FIGURES:
            self._unfit(op, measure.field.stored.kind, pointer)
        elif op != "count" and item_type(formula.type) not in {*FIGURES, "any"}:
            self._unfit(op, formula.type, pointer)

    def _unfit(self, op: str, kind: str, pointer: str) -> None:
        self._problem(pointer, "rollup_measure_kind", measure=op, kind=kind)

    # -- what is kept

    def _table(self, dimensions: Sequence[Field], measures: Sequence[Measure]) -> Table:
        name = f"g_{self.app.code}__{self.definition.code}"
        divided = [
            Column(column.name, column.type, nullable=False)
            for field in dimensions
            for column in field.stored.columns(field.stored_as)
        ]
        figures = [
            column
            for measure in measures
            for column in measure.field.stored.columns(measure.field.stored_as)
        ]
        names = [column.name for column in divided]
        return Table(
            name,
            self.metadata,
            Column("id", Key(), primary_key=True, autoincrement=True),
            Column("version", Integer, nullable=False),
            Column("status", Text, nullable=False),
            Column("created_by", Key()),
            Column("created_at", Instant(), nullable=False),
            Column("updated_by", Key()),
            Column("updated_at", Instant(), nullable=False),
            Column("search_text", Text, nullable=False),
            *divided,
            Column(ROWS, Key(), nullable=False),
            *figures,
            UniqueConstraint(*names, name=short_name(f"uq_{name}__group")),
            *(Index(short_name(f"ix_{name}__{each}"), each) for each in names[1:]),
            sqlite_strict=True,
            sqlite_autoincrement=True,
            info={"derived": True},
        )

    def _kept(self, measure: Measure, table: Table) -> Measure:
        brought = measure.brought
        if measure.op == "average":
            assert brought is not None, "an average is of something"
            total: Column[Any] = Column(f"h_{measure.code}_total", brought)
            number: Column[Any] = Column(f"h_{measure.code}_number", Key())
            table.append_column(total)
            table.append_column(number)
            return replace(measure, total=total, number=number)
        if measure.op in {"min", "max", "distinct"}:
            assert brought is not None, "values are compared"
            name = short_name(f"v_{self.app.code}__{self.definition.code}__{measure.code}")
            return replace(measure, values=values_table(self.metadata, name, brought))
        return measure


def _bound(field: Field, table: Table) -> Field:
    return replace(field, column=table.c[f"f_{field.code}"])
