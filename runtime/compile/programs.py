"""What the system fills: defaults, lookups and formulas, in the one order that works."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable, Program
from runtime.formula import CellError, Context, Formula, Work, evaluate, evaluate_in
from runtime.formula.scope import Tables
from runtime.formula.tree import Reference, walk
from runtime.infra.columns import MAX_SCALED, ExactDecimal
from runtime.infra.errors import Problem, ValidationFailed
from runtime.kinds.field_type import Value

Row = Mapping[str, Any]
# Rows of referenced records: form code -> id -> column code -> value.
References = Mapping[str, Mapping[int, Row]]
Place = tuple[str | None, str]

# The work all formulas of one record may do together: thousands of lines pass, a hostile one ends.
RECORD_STEPS: Final = 2_000_000


# Of nothing there is no smallest and no average, but there is a number and a sum.
ZERO_WHEN_EMPTY: Final = frozenset({"sum", "count", "distinct"})


class TooLargeError(Exception):
    """A computed figure that its column cannot hold."""


class Far(Protocol):
    """What formulas read beyond their own record."""

    def related(self, form: str, record_id: int) -> Row:
        """The values of a record that is pointed to; nothing of one that is not there."""
        ...

    def tables(self, work: Work) -> Tables:
        """The columns of other forms, read at the cost of a record's budget."""
        ...


def ordered(fields: Sequence[Field], lines: Sequence[LineTable]) -> tuple[Program, ...]:
    """Return lookups and formulas so that each comes after what it needs.

    Raises ValidationFailed with the cycle as a path when formulas refer to each other.
    """
    programs = {
        (program.lines, program.field.code): program for program in _programs(fields, lines)
    }
    done: dict[Place, Program] = {}

    def visit(place: Place, path: tuple[Place, ...]) -> None:
        if place in done or place not in programs:
            return
        if place in path:
            names = [".".join(filter(None, step)) for step in (*path[path.index(place) :], place)]
            problem = Problem("/fields", "formula_cycle", {"path": " → ".join(names)})
            raise ValidationFailed("definition_invalid", problems=[problem])
        for needed in _needs(programs[place]):
            visit(needed, (*path, place))
        done[place] = programs[place]

    for place in programs:
        visit(place, ())
    return tuple(done.values())


def compute(
    form: Form,
    values: Row,
    references: References,
    now: datetime,
    *,
    far: Far | None = None,
    only: Sequence[Program] | None = None,
) -> dict[str, Any]:
    """Return the values with every lookup and formula filled in, or `only` those.

    `values` has the shape of `validate`'s result, complete (not only what was sent); `references`
    holds the records that reference fields point to, `far` gives what else formulas read. A formula
    that ends in an error value leaves its field empty: one bad cell never blocks a save. A figure
    too large to be kept does, because leaving it out would change a sum without a word:
    ValidationFailed names each.
    """
    result = dict(values)
    work = Work(RECORD_STEPS)
    related = far.related if far else _among(references)
    columns = far.tables(work) if far else None
    tables = {
        table.code: [dict(row) for row in values.get(table.code) or ()] for table in form.lines
    }
    result.update(tables)
    zone = ZoneInfo(form.zone)
    problems: list[Problem] = []
    for program in form.programs if only is None else only:
        field, lines = program.field, program.lines
        places = (
            [(result, None, "")]
            if lines is None
            else [(row, row, f"/{lines}/{index}") for index, row in enumerate(tables[lines])]
        )
        for target, line, pointer in places:
            context = Context(result, tables, now, zone, line, work, related, columns)
            try:
                target[field.code] = _value(field, _Place(form, result, line, references), context)
            except TooLargeError:
                problems.append(Problem(f"{pointer}/{field.code}", "number_too_large"))
                target[field.code] = None
    if problems:
        raise ValidationFailed(problems=problems)
    return result


def defaults(
    fields: Sequence[Field], now: datetime, zone: str, user_id: int | None
) -> dict[str, Value]:
    """Return the values a new header or line starts with."""
    found: dict[str, Value] = {}
    for field in fields:
        if field.default is not None:
            found[field.code] = stored_value(
                field, evaluate(field.default, {}, {}, now=now, zone=ZoneInfo(zone))
            )
        elif field.definition.default is not None:
            found[field.code] = field.kind.schema(field.definition).deserialize(
                field.definition.default
            )
        elif field.kind.kind == "user" and field.options.get("current"):
            found[field.code] = user_id
        elif field.kind.kind == "rollup" and field.options["measure"] in ZERO_WHEN_EMPTY:
            # Nothing refers yet to what is new.
            found[field.code] = Decimal(0)
    return {code: value for code, value in found.items() if value is not None}


def wanted_references(form: Form, values: Row) -> dict[str, set[int]]:
    """Return which records of which forms the reference fields point to: form code -> ids."""
    wanted: dict[str, set[int]] = {}

    def note(fields: Sequence[Field], row: Row) -> None:
        for field in fields:
            if field.kind.kind == "reference" and row.get(field.code) is not None:
                wanted.setdefault(str(field.options["form"]), set()).add(row[field.code])

    note(form.fields, values)
    for table in form.lines:
        for row in values.get(table.code) or ():
            note(table.fields, row)
    return wanted


def stored_value(field: Field, value: Any) -> Value:
    """Bring a computed value onto the field's scale; an error value leaves the field empty.

    Raises TooLargeError for a figure beyond what the column holds.
    """
    if value is None or isinstance(value, CellError):
        return None
    column = field.stored.columns(field.stored_as)
    kept = column[0].type if column else None
    if isinstance(kept, ExactDecimal):
        return _on_scale(value, kept.scale)
    if field.stored.formula_type in _AS:
        return _AS[field.stored.formula_type](value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value) or None if not isinstance(value, (int, tuple)) else value


def _date_of(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _time_of(value: Any) -> time | None:
    if isinstance(value, datetime):
        return value.time().replace(microsecond=0)
    return value.replace(microsecond=0) if isinstance(value, time) else None


# What a value must be to be kept by a field of that type; anything else leaves the field empty.
_AS: Final[Mapping[str, Callable[[Any], Value]]] = {
    "boolean": lambda value: value if isinstance(value, bool) else None,
    "date": _date_of,
    "datetime": lambda value: value if isinstance(value, datetime) else None,
    "time": _time_of,
}


def _on_scale(value: Any, scale: int) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        return None
    exact = Decimal(value)
    if not exact.is_finite():
        return None
    # A figure the column cannot hold is never wrapped, cut or silently left out.
    if abs(exact) >= Decimal(MAX_SCALED).scaleb(-scale):
        raise TooLargeError
    return exact.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)


def _programs(fields: Sequence[Field], lines: Sequence[LineTable]) -> Iterator[Program]:
    for table in lines:
        for field in table.fields:
            if field.formula is not None or field.kind.kind == "lookup":
                yield Program(table.code, field)
    for field in fields:
        if field.formula is not None or field.kind.kind == "lookup":
            yield Program(None, field)


def _needs(program: Program) -> Iterator[Place]:
    if program.field.formula is not None:
        yield from sorted(set(places_read(program.field.formula)), key=str)


def places_read(formula: Formula) -> Iterator[Place]:
    """The places of its own record a formula reads, the references it goes through among them."""
    for each in walk(formula.tree):
        if isinstance(each, Reference) and each.form is None:
            yield each.lines, each.code
        elif isinstance(each, Reference) and each.via is not None:
            yield each.lines, each.via


def _among(references: References) -> Callable[[str, int], Row]:
    return lambda form, record_id: references.get(form, {}).get(record_id, {})


@dataclass(frozen=True)
class _Place:
    """Where a cell stands: in the header, or in a line, of a form's values."""

    form: Form
    header: Row
    line: Row | None
    references: References


def _value(field: Field, place: _Place, context: Context) -> Value:
    if field.formula is None:
        return _looked_up(field, place)
    return stored_value(field, evaluate_in(field.formula, context))


def _looked_up(field: Field, place: _Place) -> Value:
    name = str(field.options["reference"])
    source = place.line if place.line is not None and name in place.line else place.header
    key = source.get(name)
    reference = _reference_field(place.form, name)
    if key is None or reference is None:
        return None
    record = place.references.get(str(reference.options["form"]), {}).get(key, {})
    return record.get(str(field.options["field"]))


def _reference_field(form: Form, name: str) -> Field | None:
    places = [*form.fields, *(field for table in form.lines for field in table.fields)]
    return next((f for f in places if f.code == name and f.kind.kind == "reference"), None)
