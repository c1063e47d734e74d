"""The records a document points to: loaded once per form, checked, and what is copied from them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Column, Select, bindparam, select, true

from runtime import access
from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.compile.programs import stored_value, wanted_references
from runtime.infra.act import Act
from runtime.infra.errors import Problem
from runtime.query.called import NAMED, called, ids_in

# A record of master data with one of these fields set is not for new documents any more.
DISABLING_FIELDS: Final = ("is_disabled", "disabled")
_CHUNK: Final = 500


@dataclass(frozen=True)
class Referenced:
    """One record that is pointed to, as far as it is needed."""

    title: str
    values: Mapping[str, Any]
    is_visible: bool
    is_disabled: bool


# form code -> id -> record
Loaded = Mapping[str, Mapping[int, Referenced]]


def load(act: Act, form: Form, values: Mapping[str, Any]) -> Loaded:
    """Load every record the values point to: one query per form, however many lines there are."""
    return load_wanted(act, form, wanted_references(form, values))


def load_wanted(act: Act, form: Form, wanted: Mapping[str, set[int]]) -> Loaded:
    """Load records that a form points to, as far as it needs them."""
    return {code: _load_form(act, form, form.siblings[code], ids) for code, ids in wanted.items()}


def rows(loaded: Loaded) -> dict[str, dict[int, Mapping[str, Any]]]:
    """The values of the loaded records, as `compute` wants them."""
    return {
        code: {record_id: record.values for record_id, record in records.items()}
        for code, records in loaded.items()
    }


def check(
    form: Form, values: Mapping[str, Any], known: Mapping[str, set[int]], loaded: Loaded
) -> Iterator[Problem]:
    """Yield a Problem for each reference that may not stand here.

    Missing, deleted and unreadable records get one and the same answer. What the document already
    pointed to before (`known`) may stay, even when it has been disabled since.
    """
    for pointer, field, row in places(form, values):
        record_id = row.get(field.code)
        if record_id is None:
            continue
        code = str(field.options["form"])
        if record_id in known.get(code, ()):
            continue
        record = loaded[code].get(record_id)
        if record is None or not record.is_visible:
            yield Problem(pointer, "reference_missing", {"label": field.label.zh})
        elif record.is_disabled and form.is_document:
            yield Problem(pointer, "reference_disabled", {"title": record.title})


def check_users(
    act: Act, form: Form, values: Mapping[str, Any], was: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yield a Problem for each field of people or departments that names nobody."""
    for kind in sorted(NAMED):
        if not referring(form, kind):
            continue
        known = {key for _, field, row in places(form, was, kind) for key in _held(field, row)}
        asked = [
            (pointer, field, set(_held(field, row)) - known)
            for pointer, field, row in places(form, values, kind)
        ]
        names = called(act.connection, kind, {key for _, _, ids in asked for key in ids})
        for pointer, field, ids in asked:
            if not names.keys() >= ids:
                yield Problem(pointer, "reference_missing", {"label": field.label.zh})


def _held(field: Field, row: Mapping[str, Any]) -> Iterator[int]:
    return ids_in(row.get(field.code))


def fill(
    field: Field,
    fields: Mapping[str, Field],
    row: dict[str, Any],
    was: Mapping[str, Any],
    loaded: Loaded,
) -> bool:
    """Copy columns of the record a reference points to into fields of its row that are empty.

    Fields that follow the choice take them over what stood there (`was`) and was not changed.
    True where what was copied is a reference itself: the record it points to is wanted then.
    """
    points, follows = False, field.options.get("fill_policy") == "follow"
    record = loaded[str(field.options["form"])].get(row[field.code])
    for code, source in field.options.get("fill", {}).items():
        target = fields.get(code)
        is_free = row.get(code) is None or (follows and row[code] == was.get(code))
        if record is not None and target is not None and is_free:
            row[code] = stored_value(target, record.values.get(source))
            points = points or (target.target is not None and row[code] is not None)
    return points


# Every record of an import is asked for fields of half a dozen kinds its form mostly has not.
@lru_cache(maxsize=1024)
def referring(form: Form, kind: str = "reference") -> tuple[tuple[str | None, Field], ...]:
    """The reference fields of a form: (line table or None, field)."""
    own = [(None, field) for field in form.fields if field.kind.kind == kind]
    lines = [
        (table.code, field)
        for table in form.lines
        for field in table.fields
        if field.kind.kind == kind
    ]
    return (*own, *lines)


def places(
    form: Form, values: Mapping[str, Any], kind: str = "reference"
) -> Iterator[tuple[str, Field, Mapping[str, Any]]]:
    """Every place where a field of that kind stands: pointer, field and the row it is in."""
    for lines, field in referring(form, kind):
        if lines is None:
            yield f"/{field.code}", field, values
            continue
        for index, row in enumerate(values.get(lines) or ()):
            yield f"/{lines}/{index}/{field.code}", field, row


def _needed(form: Form, target: str) -> frozenset[str]:
    """Which columns of a target form are copied or looked up anywhere in this form."""
    needed: set[str] = set()
    for _, field in referring(form):
        if field.options["form"] == target:
            needed.update(field.options.get("fill", {}).values())
    # A lookup names its reference field; taking a column too many does no harm.
    for _, field in referring(form, "lookup"):
        needed.add(str(field.options["field"]))
    for edge in form.siblings.graph.edges:
        if edge.through and edge.node.form == form.code and edge.reads.form == target:
            needed.add(edge.reads.field)
    asked = [*(check.formula for check in form.checks), *(rule.when for rule in form.rules)]
    far = (each for formula in asked for each in formula.far)
    needed.update(each.code for each in far if each.via and each.form == target)
    return frozenset(needed)


def _load_form(act: Act, form: Form, target: Form, ids: set[int]) -> dict[int, Referenced]:
    columns, query = _plan(form, target)
    condition = access.row_condition(act.actor, target)
    visible = true() if condition is None else condition
    asking = query.add_columns(visible.label("is_visible"))
    found: dict[int, Referenced] = {}
    for chunk in _chunks(sorted(ids)):
        for row in act.connection.execute(asking, {"ids": chunk}):
            values = {code: row._mapping[column] for code, column in columns.items()}
            found[row.id] = _referenced(target, row.status, row.is_visible, values)
    return found


@lru_cache(maxsize=512)
def _plan(form: Form, target: Form) -> tuple[Mapping[str, Column[Any]], Select[Any]]:
    """What is read of a target form for this form; the same for every document."""
    wanted = {*_needed(form, target.code), target.title, *DISABLING_FIELDS}
    columns = {
        code: field.column
        for code, field in target.by_code.items()
        if code in wanted and field.column is not None
    }
    key = target.table.c.id
    query = select(key, target.table.c.status, *columns.values())
    return columns, query.where(key.in_(bindparam("ids", expanding=True)))


def _referenced(
    target: Form, status: str, is_visible: Any, values: Mapping[str, Any]
) -> Referenced:
    title = target.by_code[target.title].format(values.get(target.title))
    is_disabled = status == "cancelled" or any(values.get(code) for code in DISABLING_FIELDS)
    return Referenced(title, values, bool(is_visible), is_disabled)


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
