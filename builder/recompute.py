"""Two versions of an app -> what existing records have to be computed again, and the job for it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from builder.plan import Plan
from runtime.compile import App, Field, Form
from runtime.compile.edges import field_of
from runtime.compile.graph import Node
from runtime.documents import recompute
from runtime.formula.tree import Reference, walk
from runtime.infra.act import Act


@dataclass(frozen=True)
class Version:
    """A version of an app and the JSON it was compiled from."""

    app: App
    source: Mapping[str, Any]


@dataclass(frozen=True)
class Recompute:
    """What publishing computes again: fields of a form in so many of its records."""

    form: str
    fields: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Recomputing:
    """Everything that is computed again, and the job that does it, where there is any."""

    forms: tuple[Recompute, ...] = ()
    job: int | None = None

    @property
    def rows(self) -> int:
        """How many records it goes through, each as often as one of its forms is taken up."""
        return sum(each.rows for each in self.forms)


NOTHING: Final = Recomputing()


def ask(act: Act, before: Version | None, after: Version, plan: Plan) -> Recomputing:
    """Ask for whatever the new version computes in another way than the one before."""
    if before is None:
        return NOTHING
    app = after.app
    nodes, new = _nodes(before, after, plan)
    forms = tuple(_planned(act.connection, app, nodes, new))
    if not any(each.rows for each in forms):
        return NOTHING
    return Recomputing(forms, recompute.ask(act, app.forms[nodes[0].form], nodes, new))


def foreseen(
    connection: Connection, before: Version, after: Version, plan: Plan
) -> tuple[Recompute, ...]:
    """What publishing will compute again, before anything is done: of forms that are there."""
    missing = {
        change.table for change in plan.changes if change.kind in {"create_table", "renew_table"}
    }
    return tuple(_planned(connection, after.app, *_nodes(before, after, plan), missing))


def _nodes(
    before: Version, after: Version, plan: Plan
) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """What is computed again, and what of it no record has had."""
    new = tuple(_new(after.app, plan))
    return (*_changed(before, after), *_reading(after.app, plan), *new), new


def _planned(
    connection: Connection,
    app: App,
    nodes: Iterable[Node],
    new: Iterable[Node],
    missing: Collection[str] = (),
) -> Iterable[Recompute]:
    for each in recompute.passes_of(app, nodes, new):
        if app.forms[each.form].table.name in missing:
            continue
        fields = tuple(".".join(filter(None, node.place)) for node in each.nodes)
        yield Recompute(each.form, fields, recompute.rows_of(connection, app, each))


def _new(app: App, plan: Plan) -> Iterable[Node]:
    """Computed fields whose column has just been added: no record has had them.

    Figures whose table was made anew, as what they are taken of is kept in another way, are so too.
    """
    kinds = {"add_column", "set_aside"}
    added = {(change.table, change.name) for change in plan.changes if change.kind in kinds}
    renewed = {change.table for change in plan.changes if change.kind == "renew_table"}
    for node in app.forms.graph.order:
        field = _field(app, node)
        column = None if field is None else field.column
        is_added = column is not None and (column.table.name, column.name) in added
        if is_added or renewed.intersection(_tables(app, node)):
            yield node


def _reading(app: App, plan: Plan) -> Iterable[Node]:
    """Computed fields that read a field whose values were converted."""
    converted = {
        (change.table, change.name)
        for change in plan.changes
        if change.kind in {"convert_column", "set_aside"}
    }
    for edge in app.forms.graph.edges if converted else ():
        read = _field(app, edge.reads)
        column = None if read is None else read.column
        if column is not None and (column.table.name, column.name) in converted:
            yield edge.node


def _tables(app: App, node: Node) -> Iterable[str]:
    """The tables that only hold what a figure needs: its own, and of the values it counts."""
    form = app.forms[node.form]
    kept = [form.rollups[node.field].values] if node.field in form.rollups else []
    if form.aggregate is not None:
        kept = [form.table, *(measure.values for measure in form.aggregate.measures)]
    return [table.name for table in kept if table is not None]


def _changed(before: Version, after: Version) -> Iterable[Node]:
    """Computed fields that are computed in another way now."""
    for node in after.app.forms.graph.order:
        if _recipe(before, node) != _recipe(after, node):
            yield node


def _recipe(version: Version, node: Node) -> Any:
    """How a field is computed: equal recipes make equal values of equal values."""
    form = version.app.forms.get(node.form)
    field = _field(version.app, node)
    if form is None or field is None:
        return None
    if form.aggregate is not None:
        # A table of figures is one thing: whatever changes of it, it is added up anew.
        return _table(version.source, node.form)
    options = {name: value for name, value in field.options.items() if name != "formula"}
    kept = field.stored.kind, dict(field.stored_as.options)
    return field.kind.kind, options, kept, _formula(field), _where(form, field), form.zone


def _table(source: Mapping[str, Any], code: str) -> Any:
    """The JSON of an aggregate table without what people read and what it refuses."""
    found = next(each for each in source["aggregates"] if each["code"] == code)
    return [found[name] for name in ("dimensions", "measures", "sources")]


def _formula(field: Field) -> Any:
    """The text with fields by their ids, and the types of what it reads: they decide its own."""
    formula = field.formula
    if formula is None:
        return None
    read = (each for each in walk(formula.tree) if isinstance(each, Reference))
    types = sorted({(each.form or "", each.lines or "", each.code, each.type) for each in read})
    return formula.stored, formula.type, types


def _where(form: Form, field: Field) -> str:
    made = form.rollups.get(field.code)
    return "" if made is None or made.rows.where is None else made.rows.where.stored


def _field(app: App, node: Node) -> Field | None:
    form = app.forms.get(node.form)
    return None if form is None else field_of(form, node.place)
