"""What a person decided about a table, and the door to the builder that makes forms of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from runtime.compile import App, Field, Form
from runtime.exchange.batches import Batch
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest

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
    "image": "text",
    "url": "text",
}
_QUANTITY: Final = re.compile(r"数量|库存|存量|余量|qty|quantity", re.IGNORECASE)


@dataclass(frozen=True)
class ColumnChoice:
    """What becomes of one column: a new field, the field `take` of the form, or nothing."""

    col: str
    take: str
    name: str
    kind: str
    create_missing: bool = True


@dataclass(frozen=True)
class Choices:
    """Everything decided about one table. `form` is empty for a new form named `label`."""

    sheet: str
    header_rows: Mapping[str, int]
    form: str
    label: str
    columns: tuple[ColumnChoice, ...]

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
class ImportPlan:
    """Rows -> records: which column goes into which field of which form."""

    batch_id: int
    sheet: str
    form: Form
    columns: tuple[tuple[str, Field], ...]
    create_missing: frozenset[str]


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
    columns = [
        {
            "col": column.col,
            "take": column.take,
            "name": column.name,
            "kind": column.kind,
            "create_missing": column.create_missing,
        }
        for column in choices.columns
    ]
    return {
        "sheet": choices.sheet,
        "header_rows": dict(choices.header_rows),
        "form": choices.form,
        "label": choices.label,
        "columns": columns,
    }


def read_choices(source: Mapping[str, Any]) -> Choices:
    """Read choices back."""
    return Choices(
        sheet=source["sheet"],
        header_rows=source.get("header_rows", {}),
        form=source.get("form", ""),
        label=source.get("label", ""),
        columns=tuple(ColumnChoice(**column) for column in source.get("columns", ())),
    )


def table_of(batch: Batch, sheet: str) -> Json:
    """Return the detected table of a sheet."""
    for table in batch.inspection["tables"]:
        if table["sheet"] == sheet:
            found: Json = table
            return found
    raise BadRequest("import_no_table")


def plan_of(batch_id: int, choices: Choices, form: Form, fields: Mapping[str, str]) -> ImportPlan:
    """Return the plan for a form that exists or was drafted; `fields` are codes by letters."""
    chosen = {column.col: column for column in choices.columns}
    columns = tuple(
        (col, form.by_code[code]) for col, code in fields.items() if code in form.by_code
    )
    create = {field.code for col, field in columns if chosen[col].create_missing}
    return ImportPlan(batch_id, choices.sheet, form, columns, frozenset(create))


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
