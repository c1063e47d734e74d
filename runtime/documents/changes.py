"""What a write changed, in the shape the audit keeps it.

`{"fields": {code: [old, new]}, "lines": {code: {"added" | "changed" | "removed": [...]}}}`, with
`"order": [the lines that stay, by their old number]` where they changed places and `"status": [old,
new]` where the record went on in its life: enough to say it in words, and to know what any field
was at any moment.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from runtime.compile.field import Field
from runtime.compile.model import Form
from runtime.documents.save import LineChanges
from runtime.query import LineRecord, Record

Changes = dict[str, Any]


def of_new(form: Form, values: Mapping[str, Any]) -> Changes:
    """Everything a new record starts with."""
    lines = {
        table.code: {
            "added": [
                {"line": number, "values": _filled(table.fields, row)}
                for number, row in enumerate(values.get(table.code) or (), start=1)
            ]
        }
        for table in form.lines
        if values.get(table.code)
    }
    filled = _filled(form.fields, values)
    return _whole({code: [None, value] for code, value in filled.items()}, lines)


def of_update(
    form: Form, before: Record, values: Mapping[str, Any], lines: Mapping[str, LineChanges]
) -> Changes:
    """What is different now."""
    told = {
        table.code: _line_changes(table.fields, values[table.code], lines[table.code])
        | _new_order(before.lines[table.code], values[table.code])
        for table in form.lines
        if lines[table.code]
    }
    return _whole(_different(form.fields, before.values, values), told)


def of_deleted(form: Form, record: Record) -> Changes:
    """Everything that is gone with a record."""
    lines = {
        code: {
            "removed": [
                {"line": line.line_no, "values": _filled(form.lines_of(code).fields, line.values)}
                for line in rows
            ]
        }
        for code, rows in record.lines.items()
        if rows
    }
    filled = _filled(form.fields, record.values)
    return _whole({code: [value, None] for code, value in filled.items()}, lines)


def _whole(fields: Changes, lines: Changes) -> Changes:
    parts = {"fields": fields, "lines": lines}
    return {name: part for name, part in parts.items() if part}


def _line_changes(
    fields: Sequence[Field], rows: Sequence[Mapping[str, Any]], changes: LineChanges
) -> Changes:
    numbers = {id(row): number for number, row in enumerate(rows, start=1)}
    told = {
        "added": [
            {"line": numbers[id(row)], "values": _filled(fields, row)} for row in changes.added
        ],
        "changed": [
            {"line": numbers[id(row)], "fields": different}
            for line, row in changes.changed
            # A line that only moved because one above it is gone says nothing new.
            if (different := _different(fields, line.values, row))
        ],
        "removed": [
            {"line": line.line_no, "values": _filled(fields, line.values)}
            for line in changes.removed
        ],
    }
    return {name: entries for name, entries in told.items() if entries}


def _new_order(before: Sequence[LineRecord], rows: Sequence[Mapping[str, Any]]) -> Changes:
    """The lines that stay, where they stand in another order than before."""
    numbers = {line.id: line.line_no for line in before}
    order = [numbers[row["id"]] for row in rows if row.get("id") in numbers]
    return {} if order == sorted(order) else {"order": order}


def _filled(fields: Sequence[Field], values: Mapping[str, Any]) -> Changes:
    return {
        field.code: values[field.code]
        for field in fields
        if field.column is not None and values.get(field.code) is not None
    }


def _different(
    fields: Sequence[Field], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Changes:
    return {
        field.code: [before.get(field.code), after.get(field.code)]
        for field in fields
        if field.column is not None and before.get(field.code) != after.get(field.code)
    }
