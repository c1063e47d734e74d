"""A name in a formula -> the field it means.

An own field comes first; then, before a dot, a line table, a reference field, and another form.
A form after @ is a form whatever fields are called: so columns of forms are stored, and a field
that is added later and called the same changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, NoReturn

from runtime.formula.errors import Span, refuse
from runtime.formula.scope import AmbiguousLabelError, FieldName, Scope, find, line_table
from runtime.formula.tree import Reference

Names = Mapping[str, FieldName]
FORM: Final = "@"


def resolve(scope: Scope, name: str, span: Span) -> Reference:
    """The field called `name`, its parts joined by dots; refuses what nobody or two are called."""
    try:
        for lines, table in scope.tables():
            if found := find(table, name):
                return Reference(lines, found.code, found.id, found.type, span)
        before, after = _parts(name)
        if not after:
            return _unknown(scope, name, span)
        if before.startswith(FORM):
            return _foreign(scope, before.removeprefix(FORM).strip(), after, span)
        return _inside(scope, before, after, span)
    except AmbiguousLabelError as ambiguous:
        raise refuse("formula_label_ambiguous", span, name=str(ambiguous)[:64]) from None


def _inside(scope: Scope, before: str, after: str, span: Span) -> Reference:
    """What stands before the first dot leads to a table in which the rest is a name."""
    lines = scope.line_table(before)
    if lines is not None:
        return _column(scope, lines, after, span)
    for row, table in scope.tables():
        via = find(table, before)
        if via is not None and via.form in scope.forms:
            return _through(scope, row, via, after, span)
    return _foreign(scope, before, after, span)


def _column(scope: Scope, lines: str, name: str, span: Span) -> Reference:
    """A column of an own line table, or of the records its reference points to."""
    table, line_id = scope.lines[lines], _line_id(scope.line_names, lines)
    before, after = _parts(name)
    via = find(table, before) if after else None
    if find(table, name) is None and via is not None and via.form in scope.forms:
        found = _through(scope, lines, via, after, span)
        _refuse_list(found.type, name, span)
        return replace(found, stored=f"{line_id}.{found.stored}", many=True)
    own = _known(scope, table, name, span)
    _refuse_list(own.type, name, span)
    return Reference(lines, own.code, f"{line_id}.{own.id}", own.type, span, many=True)


def _through(scope: Scope, lines: str | None, via: FieldName, name: str, span: Span) -> Reference:
    """A field of the record that a reference field points to."""
    assert via.form is not None, "only a reference leads somewhere"
    found = _known(scope, scope.forms[via.form].fields, name, span)
    stored = f"{via.id}.{found.id}"
    return Reference(lines, found.code, stored, found.type, span, via=via.code, form=via.form)


def _foreign(scope: Scope, called: str, name: str, span: Span) -> Reference:
    """A column of the form that is called so, or of a line table of it."""
    form = scope.form(called)
    if form is None:
        return _unknown(scope, f"{called}.{name}", span)
    before, after = _parts(name)
    lines = line_table(form.lines, form.line_names, before) if after else None
    if lines is None or find(form.fields, name) is not None:
        found, stored = _known(scope, form.fields, name, span), f"{FORM}{form.code}"
        lines = None
    else:
        found = _known(scope, form.lines[lines], after, span)
        stored = f"{FORM}{form.code}.{_line_id(form.line_names, lines)}"
    _refuse_list(found.type, name, span)
    stored = f"{stored}.{found.id}"
    return Reference(lines, found.code, stored, found.type, span, many=True, form=form.code)


def _line_id(names: Names, code: str) -> str:
    """What a line table is stored by: its id, which a new code leaves as it is."""
    return names[code].id if code in names else code


def _parts(name: str) -> tuple[str, str]:
    before, _, after = name.partition(".")
    return before.strip(), after.strip()


def _known(scope: Scope, table: Names, name: str, span: Span) -> FieldName:
    return find(table, name) or _unknown(scope, name, span, table)


def _unknown(scope: Scope, name: str, span: Span, known: Iterable[str] = ()) -> NoReturn:
    near = scope.suggestions(name, list(known))
    code = "formula_name_unknown_near" if near else "formula_name_unknown"
    raise refuse(code, span, name=name[:64], near=near)


def _refuse_list(kind: str, name: str, span: Span) -> None:
    if kind.startswith("list of "):
        raise refuse("formula_list_inside_list", span, name=name[:64])
