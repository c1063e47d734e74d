"""What was sent becomes what is stored: read, defaulted, filled, computed, checked. Writes nothing.

Every Problem is found in one pass, each with a pointer into what was sent (`/lines/3/qty`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime import access
from runtime.compile import compute, defaults, missing, validate
from runtime.compile.checks import failures, warnings
from runtime.compile.field import Field
from runtime.compile.limits import outside
from runtime.compile.model import Form, LineTable
from runtime.compile.programs import wanted_references
from runtime.compile.rules import NO_RULES, At, States, states
from runtime.documents import links, references
from runtime.documents.kept_files import foreign_files as _foreign_files
from runtime.documents.locked import Closed, fixed_of
from runtime.documents.own_department import own_departments
from runtime.documents.references import Loaded
from runtime.documents.related import far
from runtime.documents.taken import taken
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed
from runtime.query import Record
from runtime.query.record import records_by_id

if TYPE_CHECKING:
    from runtime.documents.crowd import Crowd

Values = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """Complete values of a record: every field, lines as rows with their `id` when they had one.

    `referenced` are the records they point to, for titles.
    """

    values: Mapping[str, Any]
    referenced: Loaded


def prepare(
    act: Act,
    form: Form,
    sent: Mapping[str, Any],
    before: Record | None,
    *,
    complete: bool,
    crowd: "Crowd | None" = None,
) -> Prepared:
    """Make complete values of what was sent and what was there before.

    `complete` asks for required fields and lines too, and for what the author's checks ask: a draft
    may still lack them. `crowd` has read what many records need at once. Raises ValidationFailed
    with every Problem.
    """
    values, problems = validate(form, sent) if crowd is None else crowd.read(sent)
    problems += _unseen(act, form, sent)
    start = _Start(act, form, values, {} if before is None else as_values(before), crowd)
    known = wanted_references(form, start.was) if start.was else {}
    try:
        settled = _settle(start, known)
    except ValidationFailed as error:
        # A figure too large: nothing can be said of what hangs on it.
        raise ValidationFailed(problems=_one_per_place([*problems, *error.problems])) from None
    closed, drawn = settled.closed, settled.drawn
    problems = [each for each in problems if not closed.states.is_hidden(_at(each.pointer))]
    problems += [*closed.refused(values, drawn.values), *drawn.strange]
    problems += references.check(form, drawn.values, known, drawn.loaded)
    problems += references.check_users(act, form, drawn.values, start.was)
    problems += _foreign_files(act, form, drawn.values, before)
    problems += taken(act, form, drawn.values, before, crowd)
    problems += links.problems(act, form, drawn.values, before)
    if complete:
        problems += missing(form, drawn.values, closed.states)
    if problems:
        raise ValidationFailed(problems=_one_per_place(problems))
    seen = far(act, form, drawn.loaded) if crowd is None else crowd.far(drawn.loaded)
    computed = compute(form, drawn.values, references.rows(drawn.loaded), act.now, far=seen)
    broken = [
        each
        for each in outside(form, computed, act.now, seen, complete=complete)
        if not closed.states.is_hidden(_at(each.pointer))
    ]
    broken += failures(form, computed, act.now, seen) if complete else ()
    if broken:
        raise ValidationFailed(problems=broken)
    return Prepared(computed, drawn.loaded)


def states_of(
    act: Act, form: Form, sent: Mapping[str, Any], record_id: int | None = None
) -> States:
    """What the rules say of a record as it stands, or of what has been typed over it so far."""
    if not form.rules:
        return NO_RULES
    # The rules ask the whole record, whatever the actor sees of it.
    found = records_by_id(act.connection, form, [] if record_id is None else [record_id])
    was = as_values(found[record_id]) if record_id in found else {}
    start = _Start(act, form, validate(form, sent)[0], was)
    try:
        return _settle(start, wanted_references(form, was)).closed.states
    except ValidationFailed:
        return NO_RULES


def warnings_of(
    act: Act, form: Form, sent: Mapping[str, Any], record_id: int | None = None
) -> tuple[Problem, ...]:
    """What the author would have people think twice about, of a record as it was typed.

    Nothing that is refused anyway: what cannot be read or computed is for `prepare` to say.
    """
    if not any(check.is_warning for check in form.checks):
        return ()
    found = records_by_id(act.connection, form, [] if record_id is None else [record_id])
    was = as_values(found[record_id]) if record_id in found else {}
    start = _Start(act, form, validate(form, sent)[0], was)
    try:
        settled = _settle(start, wanted_references(form, was) if was else {})
        drawn, seen = settled.drawn, far(act, form, settled.drawn.loaded)
        rows = references.rows(drawn.loaded)
        computed = compute(form, drawn.values, rows, act.now, far=seen)
    except ValidationFailed:
        return ()
    hidden = settled.closed.states
    told = warnings(form, computed, act.now, seen)
    return tuple(each for each in told if not hidden.is_hidden(_at(each.pointer)))


def as_typed(
    act: Act, form: Form, sent: Mapping[str, Any], record_id: int | None = None
) -> Mapping[str, Any]:
    """A record as it would stand: what was typed over what is there, filled and computed.

    Nothing is checked but what has to be to know its figures; raises ValidationFailed for those.
    """
    found = records_by_id(act.connection, form, [] if record_id is None else [record_id])
    was = as_values(found[record_id]) if record_id in found else {}
    start = _Start(act, form, validate(form, sent)[0], was)
    drawn = _settle(start, wanted_references(form, was) if was else {}).drawn
    seen, rows = far(act, form, drawn.loaded), references.rows(drawn.loaded)
    return compute(form, drawn.values, rows, act.now, far=seen)


def problems_of(
    act: Act, form: Form, sent: Mapping[str, Any], record_id: int | None = None
) -> tuple[Problem, ...]:
    """What keeps a record, as it stands or typed over so far, from being kept as a draft."""
    found = records_by_id(act.connection, form, [] if record_id is None else [record_id])
    try:
        prepare(act, form, sent, found.get(record_id or 0), complete=False)
    except ValidationFailed as error:
        return error.problems
    return ()


@dataclass(frozen=True)
class _Start:
    """What was sent over what was there."""

    act: Act
    form: Form
    values: Values
    was: Values
    crowd: "Crowd | None" = None

    def load(self, values: Values) -> Loaded:
        """Load what the values point to, or take what was loaded for many."""
        if self.crowd is not None:
            return self.crowd.load(values)
        return references.load(self.act, self.form, values)


@dataclass(frozen=True)
class _Drawn:
    """What was sent, defaulted and filled, with the records it points to; nothing is checked."""

    values: Values
    strange: list[Problem]
    loaded: Loaded


@dataclass(frozen=True)
class _Settled:
    drawn: _Drawn
    closed: Closed


def _settle(start: _Start, known: Mapping[str, set[int]]) -> _Settled:
    """Leave out what may not be written; what the rules say of the rest may close more, in turn.

    No rule closes what it asks itself (the compiler sees to that), so each round settles at least
    one rule for good and the rounds come to an end.
    """
    act, form = start.act, start.form
    fixed = fixed_of(act, form, is_new=not start.was)
    closed = Closed(form, fixed, NO_RULES)
    for _ in range(len(form.rules) + 1):
        kept = closed.without(start.values)
        drawn = _draw(start, kept)
        closed = Closed(form, fixed, _said(act, form, drawn, known))
        if closed.without(start.values) == kept:
            return _Settled(drawn, closed)
    raise AssertionError(f"the rules of {form.code} do not settle")


def _said(act: Act, form: Form, drawn: _Drawn, known: Mapping[str, set[int]]) -> States:
    """What the rules say of values; a reference that may not stand there tells them nothing."""
    if not form.rules:
        return NO_RULES
    values = drawn.values
    for problem in references.check(form, values, known, drawn.loaded):
        values = _blanked(values, *problem.pointer.split("/")[1:])
    seen = far(act, form, drawn.loaded)
    rows = references.rows(drawn.loaded)
    return states(form, compute(form, values, rows, act.now, far=seen), act.now, seen)


def _blanked(values: Values, code: str, row: str = "", column: str = "") -> Values:
    if not row:
        return {**values, code: None}
    rows = [*values[code]]
    rows[int(row)] = {**rows[int(row)], column: None}
    return {**values, code: rows}


def _at(pointer: str) -> At:
    """The field a pointer leads to, as rules know it."""
    code, *rest = pointer.split("/")[1:] or [""]
    if len(rest) == 2 and rest[0].isdecimal():
        return code, int(rest[0]), rest[1]
    return None, 0, code


def _draw(start: _Start, values: Values) -> _Drawn:
    act, form, was = start.act, start.form, start.was
    merged, strange = _merged(act, form, values, was)
    loaded = start.load(merged)
    if _fill(form, merged, was, loaded):
        loaded = start.load(merged)
    return _Drawn(merged, strange, loaded)


def as_values(record: Record) -> Values:
    """A stored record in the shape that is sent: lines as rows with their ids."""
    lines = {
        code: [{"id": line.id, **line.values} for line in rows]
        for code, rows in record.lines.items()
    }
    return {**record.values, **lines}


def _unseen(act: Act, form: Form, sent: Mapping[str, Any]) -> Iterator[Problem]:
    """Fields the actor may not see, answered like those that do not exist."""
    if not access.hidden_fields(act.actor, form):
        return
    visible = {field.code for field in access.visible_fields(act.actor, form)}
    yield from _unknown(form.by_code, visible, sent, "")
    for table in form.lines:
        rows = sent.get(table.code)
        shown = {field.code for field in access.visible_line_fields(act.actor, form, table)}
        for index, row in enumerate(rows if isinstance(rows, (list, tuple)) else ()):
            if isinstance(row, Mapping):
                yield from _unknown(table.by_code, shown, row, f"/{table.code}/{index}")


def _unknown(
    fields: Mapping[str, Field], visible: set[str], row: Mapping[str, Any], pointer: str
) -> Iterator[Problem]:
    for code in row:
        if code in fields and code not in visible:
            yield Problem(f"{pointer}/{code}", "field_unknown", {"name": code})


def _merged(
    act: Act, form: Form, values: Mapping[str, Any], was: Mapping[str, Any]
) -> tuple[Values, list[Problem]]:
    """Put what was sent over what was there; what is new starts with its defaults."""
    merged: Values = {field.code: None for field in form.fields if not field.is_lines}
    merged |= was or _defaults(act, form, form.fields)
    merged |= values
    problems: list[Problem] = []
    for table in form.lines:
        if table.code in values or not was:
            rows, strange = _merged_lines(act, form, table, values, was)
            merged[table.code] = rows
            problems += strange
    return merged, problems


def _merged_lines(
    act: Act, form: Form, table: LineTable, values: Mapping[str, Any], was: Mapping[str, Any]
) -> tuple[list[Values], list[Problem]]:
    before = {row["id"]: row for row in was.get(table.code) or ()}
    fresh = dict.fromkeys(field.code for field in table.fields)
    fresh |= _defaults(act, form, table.fields)
    rows: list[Values] = []
    problems: list[Problem] = []
    for index, row in enumerate(values.get(table.code) or ()):
        # Each line may be named once, and only by the document it belongs to.
        start = before.pop(row["id"], None) if "id" in row else fresh
        if start is None:
            problems.append(Problem(f"/{table.code}/{index}/id", "line_unknown"))
        rows.append({**(start or fresh), **row})
    return rows, problems


def _defaults(act: Act, form: Form, fields: Sequence[Field]) -> Values:
    return own_departments(act, fields) | defaults(fields, act.now, form.zone, act.actor.user_id)


def _fill(form: Form, merged: Values, was: Mapping[str, Any], loaded: Loaded) -> bool:
    """Copy from references that are new or were changed; what stays keeps what it has.

    True where references were copied too.
    """
    points = False
    for lines, field in references.referring(form):
        if "fill" not in field.options:
            continue
        if lines is None:
            if merged.get(field.code) not in (None, was.get(field.code)):
                points |= references.fill(field, form.by_code, merged, was, loaded)
            continue
        before = {row["id"]: row for row in was.get(lines) or ()}
        fields = form.lines_of(lines).by_code
        for row in merged.get(lines) or ():
            old = before.get(row.get("id"), {})
            if row.get(field.code) not in (None, old.get(field.code)):
                points |= references.fill(field, fields, row, old, loaded)
    return points


def _one_per_place(problems: Iterable[Problem]) -> list[Problem]:
    """The first Problem of each place: a value that could not be read is not also missing."""
    places: dict[str, Problem] = {}
    for problem in problems:
        places.setdefault(problem.pointer, problem)
    return list(places.values())
