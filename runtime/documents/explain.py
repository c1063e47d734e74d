"""How a computed value of a record came about: its operands, the rows, the record looked at.

Shown to people, so rights hold in every part: what the actor may not see is named and not shown,
and no figure on the way to the result from which it could be told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from runtime import access
from runtime.compile.edges import field_of
from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.compile.programs import stored_value
from runtime.documents import references, related
from runtime.documents.contributions import rows_of
from runtime.documents.prepare import as_values
from runtime.documents.references import Loaded
from runtime.documents.rollup_queries import column_at, records_of
from runtime.formula import Context, Derivation
from runtime.formula import explain as derive
from runtime.formula.tree import Reference
from runtime.infra.act import Act
from runtime.infra.errors import NotFound
from runtime.query import LineRecord, Record, records_by_id
from runtime.query import record as visible_record

MOST_RECORDS: Final = 100
EXPLAINED: Final = frozenset({"formula", "lookup", "rollup"})


@dataclass(frozen=True)
class Contribution:
    """A record that a roll-up takes from, and what each of its rows brings."""

    record: Record
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Explanation:
    """What is known of a value.

    `value` is what is stored; `is_current` whether computing it now gives the same. `derivation`
    is a formula's; `contributions` (at most MOST_RECORDS) and `unseen` (how many of these the actor
    may not view) a roll-up's; `source` the record a lookup looks at.
    """

    form: Form
    field: Field
    line: int | None
    value: Any
    is_current: bool
    derivation: Derivation | None = None
    contributions: tuple[Contribution, ...] = ()
    unseen: int = 0
    source: Record | None = None


def explain(
    act: Act, form: Form, record_id: int, code: str, line_no: int | None = None
) -> Explanation:
    """Explain a computed field of a record: `field`, or `lines.field` with the number of a line.

    Raises NotFound for what the actor may not see, and for what is not computed.
    """
    if visible_record(act, form, record_id) is None:
        raise NotFound
    lines, _, name = code.rpartition(".")
    field = _computed_field(act, form, lines or None, name)
    record = records_by_id(act.connection, form, [record_id])[record_id]
    line = _line(record, lines, line_no) if lines else None
    values = record.values if line is None else line.values
    found = Explanation(form, field, line_no, values.get(name), is_current=True)
    if field.kind.kind == "formula":
        return _formula(act, record, line, found)
    if field.kind.kind == "rollup":
        return _rollup(act, record, found)
    return _lookup(act, record, line, found)


def _computed_field(act: Act, form: Form, lines: str | None, name: str) -> Field:
    field = field_of(form, (lines, name))
    is_hidden = field is None or not _sees(act, form, lines, name)
    if field is None or is_hidden or field.kind.kind not in EXPLAINED:
        raise NotFound
    return field


def _line(record: Record, lines: str, line_no: int | None) -> LineRecord:
    found = (line for line in record.lines.get(lines, ()) if line.line_no == line_no)
    line = next(found, None)
    if line is None:
        raise NotFound
    return line


def _formula(act: Act, record: Record, line: LineRecord | None, found: Explanation) -> Explanation:
    form, values = record.form, as_values(record)
    loaded = references.load(act, form, values)
    far = related.far(act, form, loaded)
    context = Context(
        values,
        {table.code: values[table.code] for table in form.lines},
        # The clock of the save: what TODAY() said then.
        record.updated_at,
        ZoneInfo(form.zone),
        None if line is None else line.values,
        related=far.related,
    )
    context.tables = far.tables(context.work)
    assert found.field.formula is not None, "a formula field has its formula"
    whole = derive(found.field.formula, context, lambda each: name_of(form, each))
    sees = _Seeing(act, form, loaded, values, None if line is None else line.values)
    now = stored_value(found.field, whole.value)
    shown = replace(whole, parts=tuple(_hidden(part, sees) for part in whole.parts))
    if whole.reference is not None and not sees.may(whole.reference):
        shown = replace(shown, value=None)
    return replace(found, derivation=shown, is_current=now == found.value)


def name_of(form: Form, reference: Reference) -> str:
    """What people call a field in a formula of this form."""
    if reference.via is not None:
        via = field_of(form, (reference.lines, reference.via))
        parts = [via.label.zh if via else reference.via]
        if reference.many and reference.lines:
            parts.insert(0, form.lines_of(reference.lines).label.zh)
        home: Form | None = form.siblings.get(reference.form or "")
        place: tuple[str | None, str] = (None, reference.code)
    else:
        home = form if reference.form is None else form.siblings.get(reference.form)
        parts = [] if reference.form is None or home is None else [home.label.zh]
        if reference.many and reference.lines and home:
            parts.append(home.lines_of(reference.lines).label.zh)
        place = (reference.lines, reference.code)
    field = None if home is None else field_of(home, place)
    return ".".join([*parts, field.label.zh if field else reference.code])


@dataclass(frozen=True)
class _Seeing:
    """Which fields of a formula the actor may see the values of."""

    act: Act
    form: Form
    loaded: Loaded
    values: Mapping[str, Any]
    line: Mapping[str, Any] | None

    def may(self, reference: Reference) -> bool:
        if reference.form is None:
            return _sees(self.act, self.form, reference.lines, reference.code)
        home = self.form.siblings.get(reference.form)
        if home is None or not access.may(self.act.actor, "view", home):
            return False
        place = (None if reference.via else reference.lines, reference.code)
        if not _sees(self.act, home, *place):
            return False
        if reference.via is None or reference.many:
            # A column is of many records: either they may all be seen, or none is shown.
            return access.row_condition(self.act.actor, home) is None
        return self._is_shown(reference)

    def _is_shown(self, reference: Reference) -> bool:
        row = self.values if reference.lines is None else self.line or {}
        if not _sees(self.act, self.form, reference.lines, reference.via or ""):
            return False
        key = row.get(reference.via or "")
        record = self.loaded.get(reference.form or "", {}).get(key) if key else None
        return record is None or record.is_visible


def _sees(act: Act, form: Form, lines: str | None, code: str) -> bool:
    if lines is None:
        return any(field.code == code for field in access.visible_fields(act.actor, form))
    table = form.lines_of(lines)
    shown = access.visible_line_fields(act.actor, form, table)
    return any(field.code == code for field in shown)


def _hidden(part: Derivation, sees: _Seeing) -> Derivation:
    """A part without what may not be seen; what is computed from that is not shown either."""
    if part.reference is not None:
        return part if sees.may(part.reference) else replace(part, value=None, is_hidden=True)
    parts = tuple(_hidden(each, sees) for each in part.parts)
    if any(each.is_hidden for each in parts):
        return replace(part, value=None, is_hidden=True, parts=parts)
    return replace(part, parts=parts)


def _rollup(act: Act, record: Record, found: Explanation) -> Explanation:
    rollup = record.form.rollups[found.field.code]
    child = record.form.siblings[rollup.rows.form]
    condition = column_at(child, rollup.reference) == record.id
    records = list(islice(records_of(act.connection, child, condition, rollup.rows), MOST_RECORDS))
    sees = _sees_rows(act, child, rollup.measured.lines if rollup.measured else None,
                      rollup.measured.code if rollup.measured else None)  # fmt: skip
    visible = _visible_ids(act, child, [each.id for each in records]) if sees else set()
    shown = [
        Contribution(each, values)
        for each in records
        if each.id in visible
        and (
            values := tuple(
                None if rollup.measured is None else rollup.measured.of(header, line)
                for header, line in rows_of(each, rollup.rows)
                if rollup.reference.of(header, line) == record.id
            )
        )
    ]
    return replace(
        found, contributions=tuple(shown), unseen=sum(each.id not in visible for each in records)
    )


def _sees_rows(act: Act, child: Form, lines: str | None, code: str | None) -> bool:
    if not access.may(act.actor, "view", child):
        return False
    return code is None or _sees(act, child, lines, code)


def _visible_ids(act: Act, form: Form, ids: list[int]) -> set[int]:
    query = select(form.table.c.id).where(form.table.c.id.in_(ids))
    condition = access.row_condition(act.actor, form)
    if condition is not None:
        query = query.where(condition)
    return set(act.connection.execute(query).scalars())


def _lookup(act: Act, record: Record, line: LineRecord | None, found: Explanation) -> Explanation:
    name, target = str(found.field.options["reference"]), str(found.field.options["field"])
    is_in_line = line is not None and name in line.values
    values = line.values if line is not None and is_in_line else record.values
    pointing = next(_fields_called(record.form, name), None)
    key = values.get(name)
    if pointing is None or pointing.target is None or key is None:
        return found
    home = record.form.siblings[pointing.target]
    if not access.may(act.actor, "view", home):
        return found
    source = visible_record(act, home, int(key))
    if source is None:
        return found
    current = source.values.get(target)
    return replace(found, source=source, is_current=current == found.value)


def _fields_called(form: Form, code: str) -> Iterator[Field]:
    for lines in (*[table.code for table in form.lines], None):
        field = field_of(form, (lines, code))
        if field is not None and field.kind.kind == "reference":
            yield field
