"""The compiler: one pass over the definitions, every Problem collected, then the frozen App."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import MetaData, Table

from runtime.compile import aggregates, rollups
from runtime.compile.checks import compile_checks
from runtime.compile.edges import app_graph
from runtime.compile.feeds import kept_as
from runtime.compile.field import Field
from runtime.compile.formulas import aggregate_names, field_formula, form_names, form_scope
from runtime.compile.links import link_problems
from runtime.compile.model import App, Check, Form, LineTable, Rule, Siblings
from runtime.compile.options import option_problems
from runtime.compile.programs import ordered
from runtime.compile.row_rules import compile_row_rules
from runtime.compile.rules import compile_rules, cycles
from runtime.compile.schemas import record_schema
from runtime.compile.tables import form_table, line_table
from runtime.definitions import AppDef, FieldDef, FormDef
from runtime.definitions.form import read_field
from runtime.definitions.loader import field_problems, schema_problems
from runtime.formula.scope import FormNames
from runtime.infra.errors import Problem, ValidationFailed
from runtime.kinds.families import DRAWABLE, FILES, NOT_IN_LINES
from runtime.kinds.field_type import FieldType
from runtime.kinds.fields import FIELD_TYPES
from runtime.kinds.layout_field import LAYOUT


def compile_app(definition: AppDef, version: int, *, is_checked: bool = False) -> App:
    """Compile an app. Raises ValidationFailed with every option, formula and name that is wrong.

    Options of fields need not be checked again of what was published: that is half the time.
    """
    problems = [] if is_checked else list(kind_problems(definition))
    if problems:
        raise ValidationFailed("definition_invalid", problems=problems)
    metadata = MetaData()
    forms: dict[str, Form] = {}
    siblings = Siblings(forms)
    builders = [_FormBuilder(definition, form, metadata) for form in definition.forms]
    names = _names_of(definition, builders)
    for index, builder in enumerate(builders):
        try:
            forms[builder.form.code] = builder.build(version, siblings, names)
        except ValidationFailed as error:
            problems.extend(problem.under(f"/forms/{index}") for problem in error.problems)
    places = {each.code: place for place, each in enumerate(definition.forms)}
    if not problems:
        # Only now is every form known that another one takes from.
        problems += rollups.resolve(forms, metadata, places)
        problems += aggregates.resolve(definition, forms, siblings, metadata, version)
    if not problems:
        problems += compile_row_rules(forms, definition.roles)
    if not problems:
        siblings.graph, problems = app_graph(siblings, places)
        problems += _rule_cycles(siblings, places)
    if problems:
        raise ValidationFailed("definition_invalid", problems=problems)
    return App(
        code=definition.code,
        label=definition.label,
        version=version,
        forms=siblings,
        roles={role.code: role for role in definition.roles},
        workflows={flow.code: flow for flow in definition.workflows},
        menus=definition.menus,
        currency=definition.currency,
        zone=definition.zone,
        stock=definition.stock,
        metadata=metadata,
    )


def _rule_cycles(siblings: Siblings, places: Mapping[str, int]) -> Iterator[Problem]:
    for code, form in siblings.items():
        yield from (each.under(f"/forms/{places[code]}") for each in cycles(form, siblings.graph))


def _names_of(definition: AppDef, builders: Sequence["_FormBuilder"]) -> Mapping[str, FormNames]:
    """Every form and aggregate table of the app, before any formula is read."""
    names = {builder.form.code: builder.names() for builder in builders}
    tables = {each.code: aggregate_names(each, names) for each in definition.aggregates}
    return {**names, **tables}


def kind_problems(definition: AppDef) -> Iterator[Problem]:
    """Yield what fields say wrongly, or do not say, of what their kinds need to know."""
    for index, form in enumerate(definition.forms):
        for place, field in enumerate(form.fields):
            pointer = f"/forms/{index}/fields/{place}"
            yield from _option_problems(field, pointer)
            if field.kind == "lines":
                for inner, column in enumerate(field.options.get("fields", ())):
                    yield from _line_field_problems(column, f"{pointer}/options/fields/{inner}")


def _line_field_problems(source: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    shape = list(field_problems(source))
    if shape:
        yield from (problem.under(pointer) for problem in shape)
        return
    field = read_field(source)
    if field.kind == "lines":
        yield Problem(f"{pointer}/kind", "lines_inside_lines")
    if field.kind in NOT_IN_LINES:
        yield Problem(f"{pointer}/kind", "kind_not_in_lines", {"kind": field.kind})
    if field.kind == "rollup":
        # Nothing can refer to a line.
        yield Problem(f"{pointer}/kind", "rollup_inside_lines")
    if field.kind in LAYOUT | {"rich_text"}:
        yield Problem(f"{pointer}/kind", "layout_inside_lines")
    yield from _option_problems(field, pointer)


def _option_problems(field: FieldDef, pointer: str) -> Iterator[Problem]:
    if field.kind not in FIELD_TYPES:
        yield Problem(f"{pointer}/kind", "field_kind_unknown", {"kind": field.kind})
        return
    shape = list(schema_problems(FIELD_TYPES[field.kind].options, field.options))
    for problem in shape or option_problems(field, ""):
        yield problem.under(f"{pointer}/options")


class _FormBuilder:
    """Compiles one form; holds what its parts share."""

    def __init__(self, app: AppDef, form: FormDef, metadata: MetaData) -> None:
        self.app, self.form, self.metadata = app, form, metadata
        self.problems: list[Problem] = []
        self.header = [
            self._resolve(field, form.fields, f"/fields/{i}") for i, field in enumerate(form.fields)
        ]
        self.inner = {
            field.code: [
                self._resolve(column, field.columns, f"/fields/{i}/options/fields/{j}")
                for j, column in enumerate(field.columns)
            ]
            for i, field in enumerate(form.fields)
            if field.kind == "lines"
        }

    def names(self) -> FormNames:
        """The form as formulas of others know it."""
        return form_names(self.form.code, self.form.label, self.header, self.inner)

    def build(self, version: int, siblings: Siblings, names: Mapping[str, FormNames]) -> Form:
        """Compile formulas, tables, schemas and the order of computation."""
        form, header, inner = self.form, self.header, self.inner
        checks, rules = self._compile_formulas(names)
        if self.problems:
            raise ValidationFailed("definition_invalid", problems=self.problems)
        table = form_table(self.metadata, self.app.code, form, _columns(header))
        header = [_bound(field, table) for field in header]
        lines = tuple(
            self._line_table(field, inner[field.code]) for field in header if field.is_lines
        )
        fields = tuple(header)
        return Form(
            app_code=self.app.code,
            code=form.code,
            label=form.label,
            type=form.type,
            icon=form.icon,
            fields=fields,
            by_code=MappingProxyType({field.code: field for field in fields}),
            lines=lines,
            table=table,
            title=form.title or _first_text(fields),
            list_columns=form.list_columns or _listable(fields),
            search_fields=_found_by(form, fields),
            sections=form.sections,
            tabs=form.tabs,
            views=form.views,
            printouts=tuple(each for each in self.app.printouts if each.form == form.code),
            schema=record_schema(fields),
            programs=ordered(fields, lines),
            siblings=siblings,
            zone=self.app.zone,
            currency=self.app.currency,
            version=version,
            workflow=self._workflow(),
            workflows={flow.code: flow for flow in self.app.workflows},
            posting=form.posting,
            stock=self.app.stock,
            checks=checks,
            rules=rules,
            roles={role.code: role for role in self.app.roles},
            conversions=tuple(each for each in self.app.conversions if each.source == form.code),
            converted_from=tuple(each for each in self.app.conversions if each.target == form.code),
        )

    def _workflow(self) -> Any:
        return next((flow for flow in self.app.workflows if flow.code == self.form.workflow), None)

    def _line_table(self, field: Field, columns: list[Field]) -> LineTable:
        definitions = [column.definition for column in columns]
        table = line_table(
            self.metadata,
            self.app.code,
            self.form.code,
            field.code,
            definitions,
            _columns(columns),
        )
        bound = tuple(_bound(column, table) for column in columns)
        return LineTable(field=field, fields=bound, table=table, schema=record_schema(bound))

    def _resolve(self, field: FieldDef, peers: tuple[FieldDef, ...], pointer: str) -> Field:
        kind = FIELD_TYPES[field.kind]
        stored, stored_as = kind, field
        if field.kind in {"formula", "rollup"}:
            stored, stored_as = self._result(field)
        elif field.kind == "lookup":
            looked = self._looked_up(field, peers, pointer)
            stored, stored_as = looked or (stored, stored_as)
        elif field.kind == "datetime":
            field = replace(field, options={**field.options, "zone": self.app.zone})
            stored_as = field
        elif field.kind == "reference" and self.app.form(str(field.options["form"])) is None:
            self.problems.append(
                Problem(f"{pointer}/options/form", "form_unknown", {"name": field.options["form"]})
            )
        found = Field(definition=field, kind=kind, stored=stored, stored_as=stored_as)
        if found.drawn_from is not None:
            self._drawn(found.drawn_from, peers, pointer)
        self.problems += link_problems(self.app, field, peers, pointer)
        return found

    def _drawn(self, name: str, peers: tuple[FieldDef, ...], pointer: str) -> None:
        source = next((peer for peer in peers if peer.code == name), None)
        if source is None or source.kind not in DRAWABLE:
            params = {"name": name}
            self.problems.append(Problem(f"{pointer}/options/field", "field_unknown", params))

    def _result(self, field: FieldDef) -> tuple[FieldType, FieldDef]:
        return kept_as(
            field, str(field.options["result"]), field.options.get("places"), self.app.zone
        )

    def _looked_up(
        self, field: FieldDef, peers: tuple[FieldDef, ...], pointer: str
    ) -> tuple[FieldType, FieldDef] | None:
        name = field.options["reference"]
        reference = next((peer for peer in (*peers, *self.form.fields) if peer.code == name), None)
        if reference is None or reference.kind != "reference":
            self.problems.append(
                Problem(f"{pointer}/options/reference", "reference_field_unknown", {"name": name})
            )
            return None
        target = self.app.form(str(reference.options["form"]))
        wanted = field.options["field"]
        column = target and next((c for c in target.fields if c.code == wanted), None)
        if not column or column.kind in FILES | {"lines", "lookup"}:
            self.problems.append(
                Problem(f"{pointer}/options/field", "lookup_field_unknown", {"name": wanted})
            )
            return None
        if column.kind in {"formula", "rollup"}:
            kind, definition = self._result(column)
        else:
            kind, definition = FIELD_TYPES[column.kind], column
        kept = replace(definition, code=field.code, label=field.label, unique=False, required=False)
        return kind, kept

    def _compile_formulas(
        self, names: Mapping[str, FormNames]
    ) -> tuple[tuple[Check, ...], tuple[Rule, ...]]:
        header, inner = self.header, self.inner
        scope = form_scope(header, inner, names)
        for i, field in enumerate(header):
            header[i] = field_formula(field, scope(None), f"/fields/{i}", self.problems)
        places = {field.code: i for i, field in enumerate(header)}
        for code, columns in inner.items():
            for j, column in enumerate(columns):
                pointer = f"/fields/{places[code]}/options/fields/{j}"
                columns[j] = field_formula(column, scope(code), pointer, self.problems)
        checks = compile_checks(self.form.checks, header, inner, scope, self.problems)
        return checks, compile_rules(self.form, header, inner, scope, self.problems)


def _columns(fields: list[Field]) -> list[Any]:
    return [column for field in fields for column in field.stored.columns(field.stored_as)]


def _bound(field: Field, table: Table) -> Field:
    name = f"f_{field.code}"
    return replace(field, column=table.c[name]) if name in table.c else field


def _listable(fields: tuple[Field, ...]) -> tuple[str, ...]:
    plain = (
        field.code
        for field in fields
        if field.column is not None and field.kind.kind not in {"long_text", "rich_text"}
    )
    return tuple(plain)[:8]


def _found_by(form: FormDef, fields: tuple[Field, ...]) -> tuple[str, ...]:
    """What a record is found by; a figure that others move would only be out of date there."""
    moved = {field.code for field in fields if field.kind.kind == "rollup"}
    codes = form.search or _listable(tuple(f for f in fields if f.code not in moved))[:4]
    return tuple(code for code in codes if code not in moved)


def _first_text(fields: tuple[Field, ...]) -> str:
    kept = [f for f in fields if f.column is not None]
    texts = (f.code for f in kept if f.stored.kind in {"text", "document_number"})
    return next(texts, (kept or fields)[0].code)
