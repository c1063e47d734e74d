"""What a person decided about a table, and the door to the builder that makes forms of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Final, Literal, Protocol

from runtime.compile import App, Field, Form
from runtime.exchange.batches import Batch
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest
from runtime.kinds.families import DEPARTMENTS, FILES, PEOPLE

Json = dict[str, Any]
NEW: Final = "+"
SKIP: Final = ""
SHORT_TEXT: Final = 200

# How the types of `workbook inspect` are called as kinds of fields.
KINDS: Final[Mapping[str, str]] = {
    "text": "text",
    "integer": "number",
    "decimal": "number",
    "money": "money",
    "percent": "percent",
    "date": "date",
    "datetime": "datetime",
    "time": "text",
    "boolean": "boolean",
    "select": "choice",
    "formula": "text",
    "reference": "text",
    "image": "image",
    "url": "text",
}
_QUANTITY: Final = re.compile(r"数量|库存|存量|余量|qty|quantity", re.IGNORECASE)


@dataclass(frozen=True)
class ColumnChoice:
    """What becomes of one column: a new field, the field `take` of the form, or nothing.

    A field of a line table is `lines.qty`. `head` is what the column is called in the sheet.
    """

    col: str
    take: str
    name: str
    kind: str
    create_missing: bool = True
    head: str = ""


Mode = Literal["add", "update", "both", "skip"]
MODES: Final[tuple[Mode, ...]] = ("add", "update", "both", "skip")


@dataclass(frozen=True)
class Choices:
    """Everything decided about one table. `form` is empty for a new form named `label`.

    `key` are the fields by which a row finds the record it means; `mode` says what becomes of what
    is there already: nothing is looked for, it alone is updated, it is updated and the rest added,
    it is left as it is. `clears`: an empty cell empties the field; `submits`: documents go on into
    their flow.
    """

    sheet: str
    header_rows: Mapping[str, int]
    form: str
    label: str
    columns: tuple[ColumnChoice, ...]
    key: tuple[str, ...] = ()
    mode: Mode = "add"
    clears: bool = False
    submits: bool = False
    # What was set right about the tables of the workbook (see `corrected`).
    corrections: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs_builder(self) -> bool:
        """Whether the app's definition has to change."""
        return not self.form or any(column.take == NEW for column in self.columns)


@dataclass(frozen=True)
class Draft:
    """A changed definition, compiled but not published: what the rows would go into."""

    source: Json
    base_version: int
    form: Form
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Target:
    """Where a column goes: a field of the form, or of one of its line tables.

    A number the product gives itself is never written, but it finds the document it belongs to.
    """

    col: str
    field: Field
    lines: str | None = None

    @cached_property
    def place(self) -> str:
        """The field with the line table it stands in, as choices name it."""
        return self.field.code if self.lines is None else f"{self.lines}.{self.field.code}"

    @cached_property
    def reads_as(self) -> str:
        """What the texts of the column mean: files, reference, people, or value."""
        kind = self.field.kind.kind
        if kind in FILES:
            return "files"
        if kind == "reference":
            return kind
        return "people" if kind in PEOPLE | DEPARTMENTS else "value"

    @cached_property
    def known(self) -> dict[Any, Any]:
        """The values of cells that were read before; a plan and what it knows go together."""
        return {}

    @cached_property
    def writes(self) -> bool:
        """Whether what stands in the column is written."""
        return not self.field.is_computed


@dataclass(frozen=True)
class ImportPlan:
    """Rows -> records: which column goes into which field of which form."""

    batch_id: int
    sheet: str
    form: Form
    targets: tuple[Target, ...]
    create_missing: frozenset[str]
    key: tuple[str, ...] = ()
    mode: Mode = "add"
    clears: bool = False
    submits: bool = False

    @cached_property
    def header(self) -> tuple[Target, ...]:
        """The columns of the record itself."""
        return tuple(target for target in self.targets if target.lines is None)

    @cached_property
    def line_tables(self) -> tuple[str, ...]:
        """The line tables that columns go into."""
        return tuple(dict.fromkeys(each.lines for each in self.targets if each.lines is not None))

    @cached_property
    def written(self) -> frozenset[str]:
        """What is handed on of what is read: a number that only finds its document is not."""
        own = (target.place for target in self.header if target.writes)
        return frozenset((*own, *self.line_tables))

    @cached_property
    def takes_files(self) -> bool:
        """Whether a column goes into a field of files."""
        return any(target.reads_as == "files" for target in self.targets)


class FormMaker(Protocol):
    """The builder's part of an import; a deployment without the builder has none."""

    def draft(self, act: Act, app: App, table: Json, choices: Choices) -> Draft:
        """Return the definition with the new form or fields in it; nothing is changed yet."""

    def publish(self, act: Act, draft: Draft, note: str) -> None:
        """Make the draft live in the act's transaction."""


def kind_of(column: Mapping[str, Any]) -> str:
    """Return the kind of field an inspected column is proposed as."""
    kind = KINDS[str(column["type"])]
    if kind == "text" and (int(column.get("longest", 0)) > SHORT_TEXT or "line_breaks" in column):
        return "long_text"
    if kind == "number" and _QUANTITY.search(str(column["name"])):
        return "quantity"
    return kind


def choices_json(choices: Choices) -> Json:
    """Write choices down for the batch."""
    return {
        **{each.name: getattr(choices, each.name) for each in fields(Choices)},
        "header_rows": dict(choices.header_rows),
        "columns": [asdict(column) for column in choices.columns],
        "key": list(choices.key),
    }


def read_choices(source: Mapping[str, Any]) -> Choices:
    """Read choices back."""
    return Choices(
        sheet=source["sheet"],
        header_rows=source.get("header_rows", {}),
        form=source.get("form", ""),
        label=source.get("label", ""),
        columns=tuple(ColumnChoice(**column) for column in source.get("columns", ())),
        key=tuple(source.get("key", ())),
        mode=source.get("mode", "add"),
        clears=source.get("clears", False),
        submits=source.get("submits", False),
        corrections=source.get("corrections", {}),
    )


def table_of(batch: Batch, sheet: str) -> Json:
    """Return the detected table of a sheet."""
    for table in batch.inspection["tables"]:
        if table["sheet"] == sheet:
            found: Json = table
            return found
    raise BadRequest("import_no_table")


def plan_of(batch_id: int, choices: Choices, form: Form, places: Mapping[str, str]) -> ImportPlan:
    """Return the plan for a form that exists or was drafted; `places` are fields by letters."""
    chosen = {column.col: column for column in choices.columns}
    targets = tuple(
        found for col, place in places.items() if (found := target_of(form, col, place)) is not None
    )
    create = {each.place for each in targets if chosen[each.col].create_missing}
    mapped = {each.place for each in targets}
    return ImportPlan(
        batch_id,
        choices.sheet,
        form,
        targets,
        frozenset(create),
        tuple(code for code in choices.key if code in mapped),
        choices.mode,
        choices.clears,
        choices.submits and form.is_document,
    )


def target_of(form: Form, col: str, place: str) -> Target | None:
    """Return where a column goes; None for a field the form does not have."""
    lines, dot, code = place.rpartition(".")
    if not dot:
        field = form.by_code.get(code)
        return None if field is None else Target(col, field)
    table = next((table for table in form.lines if table.code == lines), None)
    found = None if table is None else table.by_code.get(code)
    return None if found is None else Target(col, found, lines)


def taken_fields(columns: Sequence[ColumnChoice]) -> dict[str, str]:
    """Return the codes of existing fields by column letters; a field taken twice is refused."""
    found: dict[str, str] = {}
    for column in columns:
        if column.take in {NEW, SKIP}:
            continue
        if column.take in found.values():
            raise BadRequest("import_field_twice", {"name": column.name})
        found[column.col] = column.take
    return found
