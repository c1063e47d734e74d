"""What a person decided about a whole workbook: which tables become forms, and what of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from runtime.compile import App, Form
from runtime.exchange.adoption import KINDS, NEW, ColumnChoice, kind_of
from runtime.exchange.names import clean
from runtime.infra.act import Act

Json = dict[str, Any]
REFERENCE: Final = "reference"
COMPUTED: Final = "computed"
PICTURE: Final = "image"
_GENERIC: Final = frozenset({"sheet", "工作表", ""})


@dataclass(frozen=True)
class ColumnPlan:
    """What becomes of one column."""

    take: bool
    name: str
    kind: str


@dataclass(frozen=True)
class SheetPlan:
    """What becomes of one table; columns nobody spoke of go as they are proposed."""

    key: str
    label: str
    taken: bool = True
    with_lines: bool = True
    columns: Mapping[str, ColumnPlan] = field(default_factory=dict)

    def takes(self, column: Json) -> bool:
        """Whether a column becomes a field."""
        decided = self.columns.get(str(column["col"]))
        return is_wanted(column) if decided is None else decided.take

    def kind(self, column: Json) -> str:
        """What kind of field it becomes: a kind, `reference` or `computed`."""
        decided = self.columns.get(str(column["col"]))
        return proposed_kind(column) if decided is None else decided.kind

    def choice(self, column: Json) -> ColumnChoice:
        """The choice a plain field of its values is made of."""
        col, kind = str(column["col"]), self.kind(column)
        decided = self.columns.get(col)
        name = str(column["name"]) if decided is None else decided.name
        plain = value_kind(column) if kind in {REFERENCE, COMPUTED} else kind
        return ColumnChoice(col, NEW, name, plain, create_missing=False, head=str(column["name"]))


@dataclass(frozen=True)
class Part:
    """One table of a workbook as it goes into its form."""

    key: str
    label: str
    form: Form
    places: Mapping[str, str]
    header: tuple[str, ...]
    # Of look-alike sheets: the table they are seen as, and what tells this one apart.
    of: str = ""
    constant: tuple[str, str] | None = None

    @property
    def planned_as(self) -> str:
        """The key of the table it was decided about."""
        return self.of or self.key


@dataclass(frozen=True)
class Whole:
    """A changed definition, not yet published: every form, in the order rows go in.

    `kept` are the columns that keep their values because what they did could not be said.
    """

    source: Json
    base_version: int
    parts: tuple[Part, ...]
    kept: Mapping[tuple[str, str], str]


class WholeMaker(Protocol):
    """The builder's part; a deployment without the builder has none."""

    def draft_all(self, act: Act, app: App, inspection: Json, plans: Sequence[SheetPlan]) -> Whole:
        """Return the definition with all forms in it; nothing is changed yet."""

    def publish_all(self, act: Act, whole: Whole, note: str) -> None:
        """Make it live in the act's transaction."""


def table_key(table: Mapping[str, Any]) -> str:
    """Return what a table is called in the inspection."""
    return str(table.get("key", table["sheet"]))


def is_wanted(column: Mapping[str, Any]) -> bool:
    """Whether a column is worth a field of its own accord."""
    return bool(column["filled"]) or not column.get("unnamed")


def value_type(column: Mapping[str, Any]) -> str:
    """Return the type of what stands in the cells, whatever put it there."""
    found = str(column["type"])
    if found == "formula":
        return str(column.get("result_type", "text"))
    return "text" if found == "reference" else found


def value_kind(column: Mapping[str, Any]) -> str:
    """Return the kind of field its values would be."""
    kind = value_type(column)
    return kind_of({**column, "type": kind if kind in KINDS else "text"})


def special_kinds(column: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a column may be beside its values: a formula, what it points to, a picture."""
    computes = bool(column.get("formula") or column.get("offer"))
    refers, shows = bool(column.get("to_table")), column["type"] == PICTURE
    return (*[COMPUTED] * computes, *[REFERENCE] * refers, *[PICTURE] * shows)


def proposed_kind(column: Mapping[str, Any]) -> str:
    """Return what is proposed for a column: what it does where that is proved, else its values."""
    if column["type"] == "formula" and column.get("formula"):
        return COMPUTED
    if column["type"] == "reference" and column.get("to_table"):
        return REFERENCE
    return PICTURE if column["type"] == PICTURE else value_kind(column)


def proposed(
    inspection: Mapping[str, Any], file: str, told: Mapping[str, Json] | None = None
) -> tuple[SheetPlan, ...]:
    """Return a plan that takes every table with rows; `told` is what a person said otherwise."""
    return tuple(
        _planned(table, file, (told or {}).get(table_key(table), {}))
        for table in inspection["tables"]
    )


def _planned(table: Mapping[str, Any], file: str, told: Mapping[str, Any]) -> SheetPlan:
    said = told.get("columns", {})
    return SheetPlan(
        table_key(table),
        str(told["label"]) if "label" in told else _label(table, file),
        taken=bool(told.get("taken", bool(table["n_rows"]))),
        with_lines=bool(told.get("with_lines", True)),
        columns={
            col: _column_plan(column, said[col])
            for column in table["columns"]
            if (col := str(column["col"])) in said
        },
    )


def _column_plan(column: Mapping[str, Any], told: Mapping[str, Any]) -> ColumnPlan:
    return ColumnPlan(
        bool(told.get("take", is_wanted(column))),
        str(told.get("name") or column["name"]),
        str(told.get("kind") or proposed_kind(column)),
    )


def difference(before: SheetPlan, after: SheetPlan, table: Json) -> Json:
    """What a person changed of a table's plan, as an edit tells it; {} for nothing."""
    names = ("label", "taken", "with_lines")
    found: Json = {
        name: getattr(after, name)
        for name in names
        if getattr(after, name) != getattr(before, name)
    }
    columns = {}
    for column in table["columns"]:
        col = str(column["col"])
        old, new = _plan_of(before, column), _plan_of(after, column)
        changed = {
            name: getattr(new, name)
            for name in ("take", "name", "kind")
            if getattr(new, name) != getattr(old, name)
        }
        if changed:
            columns[col] = changed
    return {**found, "columns": columns} if columns else found


def _plan_of(plan: SheetPlan, column: Json) -> ColumnPlan:
    name = plan.choice(column).name
    return ColumnPlan(plan.takes(column), name, plan.kind(column))


def _label(table: Mapping[str, Any], file: str) -> str:
    label = str(table.get("label") or table["sheet"])
    generic = label.strip().lower().rstrip("0123456789 ") in _GENERIC
    return clean(file.rpartition(".")[0] if generic else label)[:60] or table_key(table)


def relations_of(inspection: Mapping[str, Any]) -> Iterator[Json]:
    """Yield how tables hang together, in words a page can show."""
    for relation in inspection.get("relations", ()):
        if relation.get("kind") in {"lookup", "reference", "parent-child", "shared-key"}:
            yield dict(relation)
