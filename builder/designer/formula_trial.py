"""Trying a formula on a record or on typed values: the evaluator that saves, nothing kept."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from builder.designer.formula_check import Draft
from builder.designer.formula_words import reference_text
from builder.formula_places import field_at
from builder.stored_formulas import references, stored_name
from runtime import query
from runtime.compile import Field, Form
from runtime.compile.model import Siblings
from runtime.compile.programs import RECORD_STEPS, TooLargeError, stored_value
from runtime.documents.related import Columns, column_of, rows_that_count
from runtime.formula import CellError, Context, Formula, Work, evaluate_in
from runtime.formula.tree import Reference
from runtime.infra.act import Act
from runtime.kinds.field_type import Unreadable
from runtime.query import Record
from runtime.screens.i18n import _, joined, locale, number, said

SHOWN: Final = 6
MOST_LINES: Final = 20
SEPARATORS: Final = re.compile(r"[,，、;；\s]+")
Row = dict[str, Any]


@dataclass
class Values:
    """What a formula is tried on: a record's values with those typed over them.

    `stored` are the forms as they run, where the records are; `form` may be of a draft.
    """

    act: Act
    form: Form
    stored: Siblings
    record: Record | None
    header: Row
    lines: dict[str, list[Row]]
    mistakes: dict[str, str] = field(default_factory=dict)
    met: dict[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)

    def rows(self, lines: str | None) -> Sequence[Row | None]:
        """The rows a formula runs for: the header once, or each line; an empty one stands in."""
        return [None] if lines is None else self.lines.get(lines) or [{}]

    def related(self, form: str, record_id: int) -> Mapping[str, Any]:
        """The values of a record that is pointed to."""
        key = (form, record_id)
        if key not in self.met:
            found = query.records_by_id(self.act.connection, self.stored[form], [record_id])
            self.met[key] = found[record_id].values if record_id in found else {}
        return self.met[key]


def trial(
    act: Act, draft: Draft, formula: Formula, given: Mapping[str, Any], stored: Form | None = None
) -> dict[str, Any]:
    """Return the value of a formula and of every field it names, as the editor's script reads it.

    `given` has `record` (an id or nothing) and `typed` (texts by the stored name of a field).
    `stored` is the form as it runs, where that of the draft is not what the tables hold; what only
    the draft has holds nothing yet.
    """
    kept = stored or draft.form
    if not _is_there(formula, stored):
        return {"results": [], "more": 0, "perLine": False, "fields": []}
    values = _values(act, draft, formula, given, kept)
    rows = values.rows(draft.lines)
    return {
        "results": [_result(draft, formula, values, row) for row in rows[:MOST_LINES]],
        "more": max(0, len(rows) - MOST_LINES),
        "perLine": draft.lines is not None and values.record is not None,
        "fields": list(_fields(draft, formula, values)),
    }


def _is_there(formula: Formula, stored: Form | None) -> bool:
    """Whether the tables have what the formula reads of other forms."""
    for each in references(formula):
        if each.form is None:
            continue
        form = stored.siblings.get(each.form) if stored else None
        if form is None or field_at(form, each.lines if not each.via else None, each.code) is None:
            return False
    return True


def _values(
    act: Act, draft: Draft, formula: Formula, given: Mapping[str, Any], kept: Form
) -> Values:
    record_id = given.get("record")
    record = query.record(act, kept, record_id) if isinstance(record_id, int) else None
    header = dict(record.values) if record else {}
    tables = record.lines if record else {}
    lines = {code: [dict(line.values) for line in rows] for code, rows in tables.items()}
    values = Values(act, draft.form, kept.siblings, record, header, lines)
    typed = given.get("typed")
    texts = typed if isinstance(typed, dict) else {}
    for each in references(formula):
        text = texts.get(stored_name(each))
        if isinstance(text, str) and text.strip() and each.is_own:
            _type_over(values, each, stored_name(each), text)
    return values


def _type_over(values: Values, each: Reference, name: str, text: str) -> None:
    """Put what was typed in the place of a field's value."""
    item = field_at(values.form, each.lines, each.code)
    if item is None:
        return
    words = [word for word in SEPARATORS.split(text) if word] if each.many else [text]
    read = [item.stored.parse(word, item.stored_as) for word in words]
    wrong = [one for one in read if isinstance(one, Unreadable)]
    if wrong:
        values.mistakes[name] = said(wrong[0].code, {"text": wrong[0].text})
    elif each.lines is None:
        values.header[each.code] = read[0]
    else:
        rows = values.lines.setdefault(each.lines, [])
        if each.many:
            del rows[len(read) :]
        rows += [{} for _more in range(len(read) - len(rows))]
        for place, row in enumerate(rows):
            row[each.code] = read[place] if each.many else read[0]


def _result(draft: Draft, formula: Formula, values: Values, row: Row | None) -> dict[str, Any]:
    work = Work(RECORD_STEPS)
    tables = Columns(values.act.connection, values.stored, work, {})
    zone = ZoneInfo(draft.form.zone)
    context = Context(
        values.header, values.lines, values.act.now, zone, row, work, values.related, tables
    )
    value = evaluate_in(formula, context)
    if isinstance(value, CellError):
        return {"error": value.kind, "text": said(value.reason)}
    try:
        kept = stored_value(draft.target, value)
    except TooLargeError:
        return {"error": "#NUM!", "text": said("number_too_large")}
    if kept is None:
        nothing = value is None or value == ""
        return {"text": "", "note": _("空") if nothing else _("空：这个字段存不下这样的结果")}
    return {"text": draft.target.format(kept, locale())}


def _fields(draft: Draft, formula: Formula, values: Values) -> Iterator[dict[str, Any]]:
    """Every field the formula names, once, with its value and whether one may type another."""
    named = {stored_name(each): each for each in references(formula)}
    for name, each in named.items():
        own = field_at(draft.form, each.lines, each.code) if each.is_own else None
        yield {
            "stored": name,
            "label": reference_text(draft.form, each),
            "text": _shown(values, each),
            "many": each.many,
            "typable": own is not None and own.stored.kind != "reference",
            "mistake": values.mistakes.get(name, ""),
        }


def _shown(values: Values, each: Reference) -> str:
    """The value of a field, or the first of a column."""
    if each.form is not None and each.via is None:
        return _foreign(values, each)
    if each.lines is None:
        return _value(values, each, values.header)
    texts = [_value(values, each, row) for row in values.lines.get(each.lines) or []]
    first = _several(texts[:SHOWN])
    if len(texts) <= SHOWN:
        return first
    return _("%(first)s … 共 %(n)s 行", first=first, n=number(len(texts)))


def _value(values: Values, each: Reference, row: Mapping[str, Any]) -> str:
    if each.via is None:
        item = field_at(values.form, each.lines, each.code)
        return "" if item is None else _text(values, each, item, row.get(each.code))
    record_id = row.get(each.via)
    item = values.stored[each.form or ""].by_code.get(each.code)
    if item is None or record_id is None:
        return ""
    return item.format(values.related(each.form or "", record_id).get(each.code), locale())


def _text(values: Values, each: Reference, item: Field, value: Any) -> str:
    if item.target and value is not None and values.record is not None:
        known = values.record.labels.get((each.lines, each.code), {})
        return known.get(value, f"#{value}")
    return item.format(value, locale())


def _foreign(values: Values, each: Reference) -> str:
    """The first values of a column of another form."""
    form = values.stored[each.form or ""]
    item = field_at(form, each.lines, each.code)
    column = column_of(form, each.lines, each.code)
    wanted = rows_that_count(form, each.lines, [column]).limit(SHOWN + 1)
    found = [row[0] for row in values.act.connection.execute(wanted)]
    first = _several(item.format(value, locale()) if item else "" for value in found[:SHOWN])
    return f"{first} …" if len(found) > SHOWN else first


def _several(texts: Iterator[str] | Sequence[str]) -> str:
    return joined(text or _("空") for text in texts)
