"""What formulas and fields of a flow read: a document as it stands, or as it was typed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from runtime.compile.formulas import form_names, form_scope
from runtime.compile.model import Form
from runtime.documents import references
from runtime.documents.prepare import as_values
from runtime.documents.related import far
from runtime.formula import CellError, Context, Formula, FormulaError, Work, evaluate_in, parse
from runtime.infra.act import Act
from runtime.infra.errors import Conflict
from runtime.query import Record, records_by_id
from runtime.workflow.world import Line, Person

Values = Mapping[str, Any]


@lru_cache(maxsize=1024)
def parsed(form: Form, text: str, lines: str | None = None) -> Formula:
    """A formula of a flow over documents of a form; inside a loop, over a line of it too.

    Raises FormulaError.
    """
    names = {
        each.code: form_names(
            each.code, each.label, each.fields, {table.code: table.fields for table in each.lines}
        )
        for each in form.siblings.values()
    }
    inner = {table.code: table.fields for table in form.lines}
    return parse(text, form_scope(form.fields, inner, names)(lines))


class DocumentFacts:
    """A document and what it refers to, for the formulas of a flow."""

    def __init__(self, act: Act, form: Form, values: Values, created_by: int | None) -> None:
        self.act, self.form, self.values = act, form, values
        self.created_by = created_by

    @classmethod
    def of(cls, act: Act, record: Record) -> "DocumentFacts":
        """What is known of a stored document, all of it."""
        return cls(act, record.form, as_values(record), record.created_by)

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where its days begin."""
        return ZoneInfo(self.form.zone)

    def value(self, text: str, line: Line) -> Any:
        """What a formula comes to, or a CellError."""
        table, row = self._row(line)
        try:
            formula = parsed(self.form, text, table)
        except FormulaError as error:
            # The form has changed since the run began.
            raise Conflict("flow_formula_wrong", {"reason": error.code}) from error
        loaded = references.load(self.act, self.form, self.values)
        seen, work = far(self.act, self.form, loaded), Work()
        tables = {each.code: self.values.get(each.code) or () for each in self.form.lines}
        context = Context(
            self.values, tables, self.act.now, self.zone, row, work, seen.related,
            seen.tables(work),
        )  # fmt: skip
        return evaluate_in(formula, context)

    def holds(self, formula: str, line: Line) -> bool:
        """Whether a condition is true; what ends in an error is not."""
        return self.value(formula, line) is True

    def text(self, formula: str, line: Line) -> str:
        """What a formula says, as text; nothing where it ends in an error."""
        found = self.value(formula, line)
        return "" if found is None or isinstance(found, CellError) else str(found)

    def people(self, path: str, line: Line) -> Sequence[Person]:
        """Whom a field names, or a field of the record it refers to."""
        if path == "created_by" and "created_by" not in self.form.by_code:
            return [] if self.created_by is None else [Person("user", self.created_by)]
        return list(self._people(path, self._row(line)[1] or {}))

    def moment(self, field: str, line: Line) -> datetime | None:
        """The date a field names."""
        row = self._row(line)[1] or {}
        found = row.get(field, self.values.get(field))
        if isinstance(found, datetime):
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        return datetime.combine(found, time(), self.zone) if isinstance(found, date) else None

    def lines(self, code: str) -> Sequence[int]:
        """The lines of a table; those that were only typed are numbered from the end."""
        rows = self.values.get(code) or ()
        return [row.get("id", -number) for number, row in enumerate(rows, start=1)]

    def _people(self, path: str, row: Values) -> Iterator[Person]:
        name, _, inner = path.partition(".")
        form, value = self.form, row.get(name, self.values.get(name))
        field = form.by_code.get(name) or _of_lines(form, name)
        if inner and field is not None and field.target and value is not None:
            form = form.siblings[field.target]
            found = records_by_id(self.act.connection, form, [value]).get(value)
            field = form.by_code.get(inner)
            value = None if found is None else found.values.get(inner)
        if field is None or value is None:
            return
        kind = field.stored.kind
        for key in value if isinstance(value, (tuple, list)) else (value,):
            if kind in ("user", "users"):
                yield Person("user", int(key))
            elif kind in ("department", "departments"):
                yield Person("department", int(key))

    def _row(self, line: Line) -> tuple[str | None, Values | None]:
        """The line a step stands on, where it stands on one of the document's own."""
        for key in reversed(line):
            for table in self.form.lines:
                for number, row in enumerate(self.values.get(table.code) or (), start=1):
                    if row.get("id", -number) == key:
                        return table.code, row
        return None, None


def _of_lines(form: Form, code: str) -> Any:
    return next((table.by_code[code] for table in form.lines if code in table.by_code), None)
