"""What was sent becomes what is stored: read, defaulted, filled, computed, checked. Writes nothing.

Every Problem is found in one pass, each with a pointer into what was sent (`/lines/3/qty`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from runtime import access
from runtime.compile import compute, defaults, missing, validate
from runtime.compile.checks import failures
from runtime.compile.field import Field
from runtime.compile.model import Form, LineTable
from runtime.compile.programs import wanted_references
from runtime.documents import references
from runtime.documents.references import Loaded
from runtime.documents.related import far
from runtime.infra import files
from runtime.infra.act import Act
from runtime.infra.errors import Problem, ValidationFailed
from runtime.query import Record

Values = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """Complete values of a record: every field, lines as rows with their `id` when they had one.

    `referenced` are the records they point to, for titles.
    """

    values: Mapping[str, Any]
    referenced: Loaded


def prepare(
    act: Act, form: Form, sent: Mapping[str, Any], before: Record | None, *, complete: bool
) -> Prepared:
    """Make complete values of what was sent and what was there before.

    `complete` asks for required fields and lines too, and for what the author's checks ask: a draft
    may still lack them. Raises ValidationFailed with every Problem.
    """
    values, problems = validate(form, sent)
    problems += _not_theirs(act, form, sent)
    was = {} if before is None else as_values(before)
    merged, strange = _merged(act, form, values, was)
    problems += strange
    loaded = references.load(act, form, merged)
    known = wanted_references(form, was) if was else {}
    if _fill(form, merged, was, loaded):
        loaded = references.load(act, form, merged)
    problems += references.check(form, merged, known, loaded)
    problems += references.check_users(act, form, merged, was)
    problems += _foreign_files(act, form, merged, before)
    problems += _taken(act, form, merged, before)
    if complete:
        problems += missing(form, merged)
    if problems:
        raise ValidationFailed(problems=_one_per_place(problems))
    seen = far(act, form, loaded)
    computed = compute(form, merged, references.rows(loaded), act.now, far=seen)
    broken = list(failures(form, computed, act.now, seen)) if complete else []
    if broken:
        raise ValidationFailed(problems=broken)
    return Prepared(computed, loaded)


def as_values(record: Record) -> Values:
    """A stored record in the shape that is sent: lines as rows with their ids."""
    lines = {
        code: [{"id": line.id, **line.values} for line in rows]
        for code, rows in record.lines.items()
    }
    return {**record.values, **lines}


def _not_theirs(act: Act, form: Form, sent: Mapping[str, Any]) -> Iterator[Problem]:
    """Fields the actor may not see, and fields nobody fills by hand."""
    visible = {field.code for field in access.visible_fields(act.actor, form)}
    yield from _closed(form.by_code, visible, sent, "")
    for table in form.lines:
        rows = sent.get(table.code)
        shown = {field.code for field in access.visible_line_fields(act.actor, form, table)}
        for index, row in enumerate(rows if isinstance(rows, (list, tuple)) else ()):
            if isinstance(row, Mapping):
                yield from _closed(table.by_code, shown, row, f"/{table.code}/{index}")


def _closed(
    fields: Mapping[str, Field], visible: set[str], row: Mapping[str, Any], pointer: str
) -> Iterator[Problem]:
    for code in row:
        field = fields.get(code)
        if field is None:
            continue
        if code not in visible:
            # A hidden field is answered like one that does not exist.
            yield Problem(f"{pointer}/{code}", "field_unknown", {"name": code})
        elif field.definition.readonly and not field.is_computed:
            yield Problem(f"{pointer}/{code}", "field_readonly", {"label": field.label.zh})


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
    return defaults(fields, act.now, form.zone, act.actor.user_id)


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
                points |= references.fill(field, form.by_code, merged, loaded)
            continue
        before = {row["id"]: row.get(field.code) for row in was.get(lines) or ()}
        fields = form.lines_of(lines).by_code
        for row in merged.get(lines) or ():
            if row.get(field.code) not in (None, before.get(row.get("id"))):
                points |= references.fill(field, fields, row, loaded)
    return points


def _foreign_files(
    act: Act, form: Form, merged: Mapping[str, Any], before: Record | None
) -> Iterator[Problem]:
    """Files must be the actor's own uploads, or belong to this very record already."""
    places = list(references.places(form, merged, "attachment"))
    wanted = {key for _, field, row in places for key in row.get(field.code) or ()}
    if not wanted:
        return
    name, record_id = f"{form.app_code}.{form.code}", before.id if before else None
    allowed = {
        file.id
        for file in files.several(act.connection, wanted)
        if (file.record_id is None and file.created_by == act.actor.user_id)
        or (file.record_id is not None and (file.form, file.record_id) == (name, record_id))
    }
    for pointer, field, row in places:
        if not allowed.issuperset(row.get(field.code) or ()):
            yield Problem(pointer, "file_missing", {"label": field.label.zh})


def _taken(
    act: Act, form: Form, merged: Mapping[str, Any], before: Record | None
) -> Iterator[Problem]:
    """Unique fields whose value another record has."""
    for field in form.fields:
        value = merged.get(field.code)
        if not field.definition.unique or field.column is None or value is None:
            continue
        query = select(form.table.c.id).where(field.column == value)
        if before is not None:
            query = query.where(form.table.c.id != before.id)
        if act.connection.execute(query.limit(1)).first() is not None:
            params = {"label": field.label.zh, "value": field.format(value)}
            yield Problem(f"/{field.code}", "value_taken", params)


def _one_per_place(problems: Iterable[Problem]) -> list[Problem]:
    """The first Problem of each place: a value that could not be read is not also missing."""
    places: dict[str, Problem] = {}
    for problem in problems:
        places.setdefault(problem.pointer, problem)
    return list(places.values())
