"""What runs: apps, forms and fields with all names resolved. Frozen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema
from sqlalchemy import MetaData, Table

from runtime.compile.field import Field
from runtime.compile.figures import Aggregate, RollUp
from runtime.compile.graph import Graph
from runtime.definitions import (
    ConversionDef,
    Label,
    MenuDef,
    PostingDef,
    PrintoutDef,
    RoleDef,
    SectionDef,
    StockDef,
    TabDef,
    ViewDef,
    WorkflowDef,
)
from runtime.definitions.rule import Effect
from runtime.formula import Formula

# Documents that take part in sums over their form, and those whose values may still change.
COUNTING = frozenset({"submitted", "approved", "posted"})
CHANGEABLE = frozenset({"draft", "rejected"})


@dataclass(frozen=True, eq=False)
class LineTable:
    """The line table of a form: its own fields and its own physical table."""

    field: Field
    fields: tuple[Field, ...]
    table: Table
    schema: Schema

    @property
    def code(self) -> str:
        """The code of the lines field."""
        return self.field.code

    @property
    def label(self) -> Label:
        """What people call the lines."""
        return self.field.label

    @property
    def options(self) -> Mapping[str, Any]:
        """`min`, `max`, `stops`, `stock`."""
        return self.field.options

    @property
    def by_code(self) -> Mapping[str, Field]:
        """The line's fields by code."""
        return {item.code: item for item in self.fields}


class Siblings(Mapping[str, "Form"]):
    """All forms of an app by code, and the graph of what depends on what between them."""

    def __init__(self, forms: Mapping[str, "Form"]) -> None:
        self._forms = forms
        self.graph = Graph()

    def __getitem__(self, code: str) -> "Form":
        return self._forms[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._forms)

    def __len__(self) -> int:
        return len(self._forms)


@dataclass(frozen=True, eq=False)
class Check:
    """What must hold for a record, or for each row of a line table; `field` is pointed at."""

    lines: str | None
    field: str
    formula: Formula
    message: Label
    is_warning: bool = False


@dataclass(frozen=True, eq=False)
class Rule:
    """What happens to fields of the header, or of each row of a line table, while `when` holds.

    `inside` are the fields of its sections.
    """

    code: str
    lines: str | None
    when: Formula
    effect: Effect
    fields: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Form:
    """A form ready to run. `siblings` are all forms of the same app, itself included."""

    app_code: str
    code: str
    label: Label
    type: str
    icon: str
    fields: tuple[Field, ...]
    by_code: Mapping[str, Field]
    lines: tuple[LineTable, ...]
    table: Table
    title: str
    list_columns: tuple[str, ...]
    search_fields: tuple[str, ...]
    sections: tuple[SectionDef, ...]
    schema: Schema
    programs: tuple["Program", ...]
    siblings: Siblings
    zone: str
    currency: str
    version: int
    workflow: WorkflowDef | None = None
    # Every workflow of the app, by code: some are steps of others, some begin by themselves.
    workflows: Mapping[str, WorkflowDef] = field(default_factory=dict)
    posting: PostingDef | None = None
    stock: StockDef | None = None
    checks: tuple[Check, ...] = ()
    rules: tuple[Rule, ...] = ()
    tabs: tuple[TabDef, ...] = ()
    views: tuple[ViewDef, ...] = ()
    printouts: tuple[PrintoutDef, ...] = ()
    # What each role of the app grants, by role code; `access` alone reads it.
    roles: Mapping[str, RoleDef] = field(default_factory=dict)
    # The conditions that grants on it name, by their text.
    row_rules: Mapping[str, Formula] = field(default_factory=dict)
    # Figures over records that refer to its own, by the code of the field.
    rollups: Mapping[str, RollUp] = field(default_factory=dict)
    # What its records may become, and what they may have come from.
    conversions: tuple[ConversionDef, ...] = ()
    converted_from: tuple[ConversionDef, ...] = ()
    # Of an aggregate table, which is read like a form and written by nobody: how it is fed.
    aggregate: Aggregate | None = None

    @property
    def is_document(self) -> bool:
        """Whether records have a life cycle."""
        return self.type == "document"

    def counts(self, status: str) -> bool:
        """Whether a record in that status takes part in sums and columns over the whole form."""
        return not self.is_document or status in COUNTING

    def may_change(self, status: str) -> bool:
        """Whether computed values still follow what they are computed from.

        What was decided keeps what it said.
        """
        return not self.is_document or status in CHANGEABLE

    def lines_of(self, code: str) -> LineTable:
        """Return the line table with that code."""
        return next(table for table in self.lines if table.code == code)

    def target(self, item: Field) -> "Form":
        """Return the form a reference field points to."""
        assert item.target is not None, f"{item.code} refers to nothing"
        return self.siblings[item.target]


@dataclass(frozen=True)
class Program:
    """One computed field and where it stands: in the header (`lines` None) or in a line table."""

    lines: str | None
    field: Field


@dataclass(frozen=True, eq=False)
class App:
    """An app ready to run; `version` is the published version it was compiled from."""

    code: str
    label: Label
    version: int
    forms: Siblings
    roles: Mapping[str, RoleDef]
    workflows: Mapping[str, WorkflowDef]
    menus: tuple[MenuDef, ...]
    currency: str
    zone: str
    stock: StockDef | None = None
    metadata: MetaData = field(default_factory=MetaData)
