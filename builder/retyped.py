"""Fields that hold something else in a new version: what becomes of the values they have.

Values are converted by `builder.conversion`, once, while the plan is made: what the plan says is
what is then written. The column with the old values is set aside under another name and stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, select

from builder.conversion import Conversion, Failed, Place, Target, field_at, table_at
from runtime.catalogue import APP, APP_VERSION, active_definition, definition_of
from runtime.compile import App, Field, compile_app
from runtime.compile.field import COMPUTED_KINDS
from runtime.definitions import AppDef, FieldDef, read_app
from runtime.infra.errors import Problem

# How far back is looked for what a field that comes again was.
_VERSIONS_BACK: Final = 50


@dataclass(frozen=True)
class Carried:
    """The new values of a column by row, and how many there were and will not be any more."""

    table: str
    column: str
    rows: Sequence[tuple[int, Any]]
    total: int
    # Whether every value stays exactly what it is, so that nothing has to be written.
    is_same: bool

    @property
    def lost(self) -> int:
        """How many values cannot be converted."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Before:
    """The version that runs until the new one does, as far as anybody asks."""

    connection: Connection
    code: str

    @cached_property
    def _active(self) -> tuple[Any, int] | None:
        return active_definition(self.connection, self.code)

    @cached_property
    def definition(self) -> AppDef | None:
        """The running version; None of an app that is new."""
        return None if self._active is None else read_app(self._active[0])

    @cached_property
    def version(self) -> int:
        """Its number."""
        return 0 if self._active is None else self._active[1]

    @cached_property
    def app(self) -> App:
        """The running version, compiled."""
        assert self.definition is not None, "an app that is new had nothing before"
        return compile_app(self.definition, self.version, is_checked=True)

    @cached_property
    def _fields(self) -> Mapping[Place, FieldDef]:
        return {} if self.definition is None else _fields(self.definition)

    def field(self, place: Place) -> FieldDef | None:
        """What a field was in the version that runs."""
        return self._fields.get(place)

    def has_form(self, code: str) -> bool:
        """Whether the running version has a form of that code."""
        return self.definition is not None and self.definition.form(code) is not None

    def last(self, place: Place) -> FieldDef | None:
        """What a field was when an app last had it."""
        app_id = self.connection.execute(select(APP.c.id).where(APP.c.code == self.code)).scalar()
        if app_id is None:
            return None
        versions = APP_VERSION.c
        numbers = self.connection.execute(
            select(versions.number)
            .where(versions.app_id == app_id, versions.number < self.version)
            .order_by(versions.number.desc())
            .limit(_VERSIONS_BACK)
        ).scalars()
        for number in numbers.all():
            source = definition_of(self.connection, app_id, number)
            found = _fields(read_app(source)).get(place)
            if found is not None:
                return found
        return None


def places(app: App) -> Mapping[tuple[str, str], tuple[Place, Field]]:
    """Every field that has a column, by table and column."""
    found = {}
    for form in app.forms.values():
        kept: list[tuple[str | None, Table, tuple[Field, ...]]] = [(None, form.table, form.fields)]
        kept += [(each.code, each.table, each.fields) for each in form.lines]
        for lines, table, fields in kept:
            for each in fields:
                if each.column is not None:
                    found[table.name, each.column.name] = Place(form.code, lines, each.code), each
    return found


def is_another(before: Before, place: Place, now: Field) -> bool:
    """Whether what stands there now is another field, which only has the code of one that was."""
    was = before.field(place)
    if was is not None:
        return was.id != now.definition.id
    gone = before.last(place)
    return gone is not None and (gone.id != now.definition.id or _kind_changed(gone, now))


def is_retyped(before: Before, place: Place, now: Field) -> bool:
    """Whether a field of the running version is of another kind, or refers to another form."""
    was = before.field(place)
    return was is not None and _kind_changed(was, now)


def _kind_changed(was: FieldDef, now: Field) -> bool:
    if was.kind != now.kind.kind:
        return True
    return was.kind == "reference" and was.options["form"] != now.options["form"]


def carried(before: Before, place: Place, now: Field) -> Carried | None:
    """The values of a field as its new kind has them; None where the system will fill it."""
    was = field_at(before.app, place)
    assert was is not None, "a field of the running version"
    assert now.column is not None, "a field with a column"
    if now.kind.kind in COMPUTED_KINDS - {"document_number"} or was.column is None:
        return None
    refers = before.app.forms.get(now.target) if now.target else None
    conversion = Conversion(
        before.connection, before.app, was, Target(now.stored, now.stored_as, refers)
    )
    return _carried(conversion, table_at(before.app, place), was.column)


def _carried(conversion: Conversion, table: Table, column: Column[Any]) -> Carried:
    rows, total, is_same = [], 0, True
    for outcome in conversion.outcomes(table, column):
        total += 1
        if isinstance(outcome.value, Failed):
            is_same = False
            continue
        rows.append((outcome.row.id, outcome.value))
        is_same = is_same and outcome.value == outcome.row.value
    return Carried(table.name, column.name, rows, total, is_same)


def losing(app: App, place: Place, found: Carried) -> Problem:
    """What the author has to confirm: so many values would be left empty."""
    params = {
        "path": place.path,
        "label": _label(app, place),
        "count": found.lost,
        "total": found.total,
    }
    return Problem(_pointer(app, place), "retype_loses", params)


def _label(app: App, place: Place) -> str:
    found = field_at(app, place)
    return place.code if found is None else found.label.zh


def _pointer(app: App, place: Place) -> str:
    form = app.forms[place.form]
    index = list(app.forms).index(place.form)
    codes = [each.code for each in form.fields]
    if place.lines is None:
        return f"/forms/{index}/fields/{codes.index(place.code)}/kind"
    inner = [each.code for each in form.lines_of(place.lines).fields].index(place.code)
    return f"/forms/{index}/fields/{codes.index(place.lines)}/options/fields/{inner}/kind"


def _fields(app: AppDef) -> Mapping[Place, FieldDef]:
    found = {}
    for form in app.forms:
        for each in form.fields:
            found[Place(form.code, None, each.code)] = each
            for column in each.columns if each.kind == "lines" else ():
                found[Place(form.code, each.code, column.code)] = column
    return found
