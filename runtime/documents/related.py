"""What formulas read beyond their own record: records that are pointed to, columns of forms.

It is read as it stands, whoever looks: the author of the app decides what a formula shows, as with
roll-ups. What is read costs steps of the record's budget, so no formula reads without end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    collate,
    false,
    func,
    or_,
    select,
)

from runtime.compile.edges import field_of
from runtime.compile.field import Field
from runtime.compile.model import COUNTING, Form
from runtime.compile.programs import Row
from runtime.documents import references
from runtime.documents.references import Loaded
from runtime.formula import Work
from runtime.infra.act import Act
from runtime.infra.columns import ExactDecimal, is_key
from runtime.kinds.families import KEYED
from runtime.kinds.word_field import WORDS

CHUNK: Final = 1_000
# The one sign outside ASCII that becomes a letter of ASCII when it is made small: k.
KELVIN: Final = "\u212a"
# A mark that stands behind a letter; İ becomes i and this mark.
DOT_ABOVE: Final = "\u0307"
TEXTS: Final = WORDS | {"choice"}

Condition = ColumnElement[bool]
# TRUE and 1 are equal for Python and not for a formula, so the type is part of what was asked.
_Key = tuple[str, str | None, tuple[str, ...], tuple[tuple[str, type, Any], ...]]


@dataclass
class Far:
    """What the formulas of a form may read, for one act and until something is written."""

    act: Act
    form: Form
    loaded: dict[str, dict[int, Row]]
    held: dict[_Key, Mapping[str, Sequence[Any]]] = field(default_factory=dict)

    def related(self, form: str, record_id: int) -> Row:
        """The values of a record that is pointed to; nothing of one that is not there."""
        known = self.loaded.setdefault(form, {})
        if record_id not in known:
            # A reference that was itself looked up: nobody knew of it before.
            found = references.load_wanted(self.act, self.form, {form: {record_id}})
            known[record_id] = references.rows(found)[form].get(record_id, {})
        return known[record_id]

    def tables(self, work: Work) -> "Columns":
        """The columns of other forms, read at the cost of a record's budget."""
        return Columns(self.act.connection, self.form.siblings, work, self.held)


def far(act: Act, form: Form, loaded: Loaded) -> Far:
    """What formulas of a form read, beginning with the records that were loaded for it."""
    return Far(act, form, references.rows(loaded))


@dataclass(frozen=True)
class Columns:
    """Columns of the rows that count."""

    connection: Connection
    forms: Mapping[str, Form]
    work: Work
    held: dict[_Key, Mapping[str, Sequence[Any]]]

    def columns(
        self, form: str, lines: str | None, codes: Sequence[str], equal: Mapping[str, Any]
    ) -> Mapping[str, Sequence[Any]]:
        """The columns, equally long, in order of the rows; `equal` may leave some rows out."""
        wanted = tuple((code, type(equal[code]), equal[code]) for code in sorted(equal))
        key = (form, lines, tuple(codes), wanted)
        found = self.held.get(key)
        if found is None:
            found = self.held[key] = self._read(self.forms[form], lines, codes, equal)
        return found

    def _read(
        self, form: Form, lines: str | None, codes: Sequence[str], equal: Mapping[str, Any]
    ) -> Mapping[str, Sequence[Any]]:
        query = rows_that_count(form, lines, [column_of(form, lines, code) for code in codes])
        for code, value in equal.items():
            condition = may_equal(_known(form, lines, code), value, self.connection.dialect.name)
            query = query if condition is None else query.where(condition)
        found: list[list[Any]] = [[] for _ in codes]
        for part in _parts(self.connection, query):
            self.work.read(len(part) * len(codes))
            for column, values in zip(found, zip(*part, strict=True), strict=True):
                column.extend(map(_plain, values))
        return dict(zip(codes, found, strict=True))


def rows_that_count(form: Form, lines: str | None, columns: Sequence[Column[Any]]) -> Select[Any]:
    """The columns of records that count, by id, or of their lines in the order they stand in."""
    head = form.table.c
    if lines is None:
        query = select(*columns).order_by(head.id)
    else:
        own = form.lines_of(lines).table.c
        query = select(*columns).join_from(form.table, own.id.table, own.parent_id == head.id)
        query = query.order_by(own.parent_id, own.line_no)
    return query.where(head.status.in_(sorted(COUNTING))) if form.is_document else query


def may_equal(item: Field, value: Any, dialect: str) -> Condition | None:
    """A condition that holds of every row whose value is equal to this one; None: of any row.

    It may hold of more rows than that: whoever asked compares again. Nothing is equal to 0 and to
    FALSE, so it is among them.
    """
    column = item.column
    assert column is not None, "a field that is read is kept"
    kind = item.stored.kind
    if kind in KEYED:
        return column == int(value) if _is_id(value) else false()
    if isinstance(column.type, ExactDecimal):
        return _equal_number(column, column.type, value)
    if kind == "boolean" and isinstance(value, bool):
        return column == value if value else or_(column == value, column.is_(None))
    if kind == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return column == value
    if kind in TEXTS and isinstance(value, str) and value:
        return _equal_text(column, value, dialect)
    return None


def _is_id(value: Any) -> bool:
    """A reference is the text of its id where formulas compute with it."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text.isascii() and text.isdecimal() and len(text) < 17 and is_key(int(text))


def _equal_number(column: Column[Any], kind: ExactDecimal, value: Any) -> Condition | None:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        return None
    # What has more places than the column keeps stands in no row.
    equal = column == value if kind.holds(Decimal(value)) else false()
    return equal if value else or_(equal, column.is_(None))


def _equal_text(column: Column[Any], value: str, dialect: str) -> Condition | None:
    """The same for texts, of which capital and small letters are the same.

    The databases make letters small each in its own way; what they do alike are the 26 of ASCII.
    Where a letter of another alphabet is wanted, nothing is left out.
    """
    if any(not sign.isascii() and _has_cases(sign) for sign in value):
        return None
    small = value.lower()
    plain = collate(column, "C") if dialect == "postgresql" else column
    conditions = [func.lower(plain) == small]
    if "k" in small:
        conditions.append(column.contains(KELVIN))
    return or_(*conditions)


def _has_cases(sign: str) -> bool:
    return sign.upper() != sign or sign.lower() != sign or sign == DOT_ABOVE


def column_of(form: Form, lines: str | None, code: str) -> Column[Any]:
    """The column in which a field is kept."""
    column = _known(form, lines, code).column
    assert column is not None, f"{code} is not kept"
    return column


def _known(form: Form, lines: str | None, code: str) -> Field:
    found = field_of(form, (lines, code))
    assert found is not None, f"{form.code} has no {code}"
    return found


def _parts(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    with connection.execute(query.execution_options(yield_per=CHUNK)) as result:
        yield from result.partitions()


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
