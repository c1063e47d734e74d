"""What publishing does to the data, in words and with counts, before it is done."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select

from builder.conversion import Place
from builder.plan import Change, Plan
from builder.recompute import Recompute, Version, foreseen
from builder.retyped import Before, places
from runtime.compile import App, Form
from runtime.compile.edges import field_of
from runtime.definitions.label import Label
from runtime.infra.messages import message

LOCALES: Final = ("zh", "en")


@dataclass(frozen=True)
class PlanLine:
    """One thing that is done to the data of a form, in how many records or values.

    `kind` is that of the change, or `recompute`, or `keep_form`. `lost` values will not be there.
    """

    kind: str
    text: Label
    form: str | None = None
    rows: int = 0
    lost: int = 0


def plan_words(
    connection: Connection, app: App, source: Mapping[str, Any], plan: Plan
) -> tuple[PlanLine, ...]:
    """Say what a plan does; `app` was compiled from `source`, and nothing was done yet."""
    words = _Words(connection, app, Before(connection, app.code))
    lines = [line for change in plan.changes for line in words.of_change(change, plan)]
    lines += words.of_removed_forms()
    lines += words.of_computing(source, plan)
    return tuple(lines)


class _Words:
    """What the sentences of one plan share."""

    def __init__(self, connection: Connection, app: App, before: Before) -> None:
        self.connection, self.app, self.before = connection, app, before
        self.places = places(app)
        self.tables = dict(_tables(app))

    def of_change(self, change: Change, plan: Plan) -> Iterator[PlanLine]:
        found = self.tables.get(change.table)
        if found is None:
            return
        form, lines = found
        if change.kind in {"create_table", "renew_table"}:
            yield from self._of_table(change, form, lines)
            return
        if change.kind in {"add_index", "drop_index"}:
            yield from self._of_index(change, form, plan)
            return
        name = self._label(change, form, lines)
        if name is not None:
            yield self._line(change.kind, form, name, change)

    def _of_table(self, change: Change, form: Form, lines: str | None) -> Iterator[PlanLine]:
        if form.aggregate is not None or change.kind == "renew_table":
            yield self._line("renew_table", form, form.label, change)
        elif lines is not None and self.before.has_form(form.code):
            yield self._line("create_lines", form, form.lines_of(lines).label, change)
        elif lines is None:
            yield self._line("create_table", form, form.label, change)

    def _of_index(self, change: Change, form: Form, plan: Plan) -> Iterator[PlanLine]:
        """Indexes of fields that are there; those of new ones come with them."""
        new = {
            (each.table, each.name)
            for each in plan.changes
            if each.kind in {"add_column", "convert_column", "set_aside"}
        }
        table = self.app.metadata.tables[change.table]
        index = next((each for each in table.indexes if each.name == change.name), None)
        if index is None or change.kind == "drop_index":
            return
        columns = [(change.table, name) for name in index.columns.keys()]  # noqa: SIM118 - SQLAlchemy's
        known = [self.places[each] for each in columns if each in self.places]
        if not known or new.intersection(columns):
            return
        labels = Label(*("、".join(f.label.text(at) for _, f in known) for at in LOCALES))
        yield self._line("add_unique" if index.unique else "add_index", form, labels, change)

    def _label(self, change: Change, form: Form, lines: str | None) -> Label | None:
        """What a column is called: now, or as long as it was there."""
        found = self.places.get((change.table, change.name))
        if found is not None:
            return found[1].label
        gone = self.before.field(Place(form.code, lines, change.name.removeprefix("f_")))
        return None if gone is None else gone.label

    def of_removed_forms(self) -> Iterator[PlanLine]:
        """Forms that go: their records stay where they are."""
        definition = self.before.definition
        for gone in () if definition is None else definition.forms:
            if gone.code in self.app.forms:
                continue
            table = self.before.app.forms[gone.code].table
            counted = select(func.count()).select_from(table)
            rows = int(self.connection.execute(counted).scalar_one())
            text = _kept(gone.label, rows)
            yield PlanLine("keep_form", text, gone.code, rows)

    def of_computing(self, source: Mapping[str, Any], plan: Plan) -> Iterator[PlanLine]:
        """What is computed again in the records there are."""
        if self.before.definition is None:
            return
        was = Version(self.before.app, self.before.definition.source)
        created = {each.table for each in plan.changes if each.kind == "create_table"}
        for each in foreseen(self.connection, was, Version(self.app, source), plan):
            form = self.app.forms[each.form]
            if each.rows and form.table.name not in created:
                yield PlanLine("recompute", _computed(form, each), each.form, each.rows)

    def _line(self, kind: str, form: Form, name: Label, change: Change) -> PlanLine:
        code = f"plan_{kind}_lossy" if change.lost else f"plan_{kind}"

        def said(locale: str) -> tuple[str, Mapping[str, Any]]:
            params = {
                "form": form.label.text(locale),
                "field": name.text(locale),
                "rows": f"{change.rows:,}",
                "lost": f"{change.lost:,}",
                "places": change.by,
            }
            return code, params

        return PlanLine(kind, _text(said), form.code, change.rows, change.lost)


def _kept(form: Label, rows: int) -> Label:
    def said(locale: str) -> tuple[str, Mapping[str, Any]]:
        return "plan_keep_form", {"form": form.text(locale), "rows": f"{rows:,}"}

    return _text(said)


def _computed(form: Form, each: Recompute) -> Label:
    def said(locale: str) -> tuple[str, Mapping[str, Any]]:
        names = (_name(form, path, locale) for path in each.fields)
        params = {"form": form.label.text(locale), "rows": f"{each.rows:,}"}
        return "plan_recompute", {**params, "fields": "、".join(dict.fromkeys(names))}

    return _text(said)


def _name(form: Form, path: str, locale: str) -> str:
    lines, _, code = path.rpartition(".")
    field = field_of(form, (lines or None, code))
    return code if field is None else field.label.text(locale)


def _text(said: Callable[[str], tuple[str, Mapping[str, Any]]]) -> Label:
    return Label(*(message(*said(locale), locale) for locale in LOCALES))


def _tables(app: App) -> Iterator[tuple[str, tuple[Form, str | None]]]:
    """Every table of the app that belongs to a form, and to which of its line tables."""
    for form in app.forms.values():
        yield form.table.name, (form, None)
        for each in form.lines:
            yield each.table.name, (form, each.code)
