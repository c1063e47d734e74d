"""The sheet in which conditions are built, and the chips that show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from flask import Response, request, url_for

from runtime import access, query
from runtime.compile import Field, Form
from runtime.infra import departments, users
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Problem, ValidationFailed
from runtime.kinds.families import DEPARTMENTS, PEOPLE
from runtime.kinds.options import option_label
from runtime.query import Filter, Where
from runtime.query.filters import ME
from runtime.query.own_fields import own_fields
from runtime.query.spans import COUNTED
from runtime.query.where import STATUS, Place, place_of, where_condition
from runtime.screens.i18n import _, label, locale, said
from runtime.screens.lists.draft import (
    DO,
    Draft,
    Group,
    Row,
    carry_out,
    draft_of,
    kept_text,
    read_draft,
    where_of,
)
from runtime.screens.lists.state import MOST_FILTERS, ListState
from runtime.screens.lists.words import (
    NO_VALUE,
    OPTIONED,
    leaf_words,
    operator_text,
    span_words,
    where_words,
)
from runtime.screens.render import render
from runtime.screens.statuses import STATUSES, status_text

NUMBERS: Final = frozenset({"number", "money", "quantity", "percent", "rating"})
DATES: Final = frozenset({"date", "datetime"})
MOST_CHOICES: Final = 50
SEVERAL: Final = frozenset({"any_of", "none_of", "has_any"})
_STATUS_OPERATORS: Final = ("any_of", "none_of")


@dataclass(frozen=True)
class Chip:
    """One condition as words, with the addresses that change it and take it away."""

    field: str
    operator: str
    value: str
    edit: str
    remove: str


@dataclass(frozen=True)
class Choice:
    """One thing to choose: a field, a comparison, a value."""

    code: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Choices:
    """Fields under a heading: of the form, its lines, a record it refers to."""

    label: str
    items: tuple[Choice, ...]


@dataclass(frozen=True)
class Line:
    """One row of the sheet, ready to be drawn. `number` counts the rows of all groups."""

    number: int
    field: str
    operators: tuple[Choice, ...]
    takes: str  # none, text, pair, choose, several, counted
    values: tuple[str, str]
    choices: tuple[Choice, ...] = ()
    is_number: bool = False
    is_date: bool = False
    help: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Block:
    """A row by itself, or a group of rows."""

    lines: tuple[Line, ...]
    number: int = -1
    join: str = ""


@dataclass(frozen=True)
class Known:
    """The fields one may ask for, by their path, and how they are put before people."""

    places: dict[str, Place | None] = field(default_factory=dict)
    groups: tuple[Choices, ...] = ()


def chips_of(act: Act, form: Form, state: ListState) -> tuple[Chip, ...]:
    """Return the conditions in force as words: a chip each, groups as one."""
    return tuple(_chips(act, form, state))


def show_builder(
    act: Act, form: Form, state: ListState, draft: Draft | None = None, *, problem: str = ""
) -> Response:
    """Show the sheet of conditions."""
    if draft is None:
        draft = draft_of(state.filters, state.where)
        if not draft.items and not draft.kept:
            draft.items.append(Row())
    known = known_fields(act, form)
    own = "screens.filter_builder"
    base = replace(state, filters=(), where=None)
    return render(
        "lists/filter.html",
        "builder",
        base=state.base,
        href=url_for(own, app_code=form.app_code, form_code=form.code),
        hidden=[pair for pair in base.pairs if pair[0] not in {"f", "w"}]
        + ([("q", state.search)] if state.search else []),
        draft=draft,
        blocks=tuple(_blocks(act, form, draft, known)),
        kept=[(kept_text(each), where_words(act, form, each)) for each in draft.kept],
        fields=known.groups,
        problem=problem,
    )


def asked_draft(act: Act, form: Form) -> Draft:
    """Return the sheet as it was sent, after what its button does."""
    draft = read_draft(request.query_string)
    if request.args.get(DO):
        carry_out(draft, request.args[DO])
    for row in draft.rows:
        place = place_of(act, form, row.field) if row.field and row.field != STATUS else None
        operators = _operators(place, row.field)
        if operators and row.operator not in operators:
            row.operator, row.values = operators[0], []
    return draft


def conditions_asked(act: Act, form: Form, draft: Draft) -> tuple[tuple[Filter, ...], Where | None]:
    """Return what the sheet says. Raises ValidationFailed, each bad row saying what is wrong."""
    is_bad = False
    draft.items = [item for item in draft.items if isinstance(item, Group) or item.field]
    for row in draft.rows:
        try:
            _settle(act, form, row)
            where_condition(act, form, Filter(row.field, row.operator, tuple(row.values)))
        except ValidationFailed as error:
            row.problem, is_bad = problem_text(error), True
    if is_bad:
        raise ValidationFailed("filter_invalid")
    filters, where = where_of(draft)
    if len(filters) > MOST_FILTERS:
        return (), Where("all", (*filters, *(() if where is None else (where,))))
    return filters, where


def _settle(act: Act, form: Form, row: Row) -> None:
    """Let a name stand for the record it means."""
    place = None if row.field == STATUS else place_of(act, form, row.field)
    if row.operator in NO_VALUE:
        row.values = []
    elif not row.values:
        raise ValidationFailed("filter_invalid", problems=[Problem("", "filter_value_missing")])
    if place is not None and place.field.target:
        target = form.siblings[place.field.target]
        row.values = [_record_meant(act, target, value) for value in row.values]


def _record_meant(act: Act, target: Form, text: str) -> str:
    if text.isdecimal():
        return text
    found = query.lookup(act, target, text, limit=1)
    if not found:
        wrong = Problem("", "filter_value_unreadable", {"text": text[:60]})
        raise ValidationFailed("filter_invalid", problems=[wrong])
    return str(found[0].id)


def problem_text(error: AppError) -> str:
    """Return the first thing to put right, in words."""
    first = error.problems[0] if error.problems else Problem("", error.code, error.params)
    return said(first.code, first.params)


def known_fields(act: Act, form: Form) -> Known:
    """Return every field the actor may ask for, with where it stands."""
    seen = access.visible_fields(act.actor, form)
    places: dict[str, Place | None] = {}
    own = list(_fields(seen))
    groups = [("", [(each.code, Place(each)) for each in own])]
    for each in seen:
        if each.is_lines:
            inner = access.visible_line_fields(act.actor, form, form.lines_of(each.code))
            found = [(f"{each.code}.{f.code}", Place(f, lines=each.code)) for f in _fields(inner)]
            groups.append((label(each.label), found))
        elif each.target and access.may(act.actor, "view", form.target(each)):
            behind = access.visible_fields(act.actor, form.target(each))
            found = [(f"{each.code}.{f.code}", Place(f, reference=each)) for f in _fields(behind)]
            groups.append((label(each.label), found))
    groups.append((_("记录"), [(code, Place(f)) for code, f in own_fields(form).items()]))
    drawn = []
    for title, found in groups:
        places.update(found)
        items = [Choice(path, label(place.field.label)) for path, place in found]
        drawn.append(Choices(title, tuple(items)))
    if form.is_document:
        places[STATUS] = None
        drawn[0] = Choices("", (*drawn[0].items, Choice(STATUS, _("状态"))))
    return Known(places, tuple(each for each in drawn if each.items))


def _fields(fields: Sequence[Field]) -> Iterator[Field]:
    return (each for each in fields if each.column is not None and each.stored.operators)


def _operators(place: Place | None, path: str) -> tuple[str, ...]:
    if path == STATUS:
        return _STATUS_OPERATORS
    return () if place is None else place.field.stored.operators


def _blocks(act: Act, form: Form, draft: Draft, known: Known) -> Iterator[Block]:
    number, group = 0, 0
    for item in draft.items:
        rows = item.rows if isinstance(item, Group) else [item]
        lines = [_line(act, form, row, number + i, known) for i, row in enumerate(rows)]
        number += len(rows)
        if isinstance(item, Group):
            yield Block(tuple(lines), group, item.join)
            group += 1
        else:
            yield Block(tuple(lines))


def _line(act: Act, form: Form, row: Row, number: int, known: Known) -> Line:
    place = known.places.get(row.field)
    operators = tuple(
        Choice(code, operator_text(code), code == row.operator)
        for code in _operators(place, row.field)
    )
    pair = (*row.values, "", "")
    stored = place.field.stored.kind if place else ""
    choices = tuple(_choices(act, form, row, place))
    return Line(
        number=number,
        field=row.field,
        operators=operators,
        takes=_takes(row, has_choices=bool(choices)),
        values=(pair[0], pair[1]),
        choices=choices,
        is_number=stored in NUMBERS,
        is_date=stored in DATES,
        help=_help(place),
        problem=row.problem,
    )


def _takes(row: Row, *, has_choices: bool) -> str:
    if not row.field or row.operator in NO_VALUE:
        return "none"
    if row.operator == "between":
        return "pair"
    if row.operator == "relative":
        return "counted" if row.values and row.values[0] in COUNTED else "choose"
    if has_choices:
        return "several" if row.operator in SEVERAL else "choose"
    return "text"


def _choices(act: Act, form: Form, row: Row, place: Place | None) -> Iterator[Choice]:
    for code, text in _offered(act, form, row, place):
        yield Choice(code, text, code in row.values)


def _offered(act: Act, form: Form, row: Row, place: Place | None) -> Iterator[tuple[str, str]]:
    if row.field == STATUS:
        yield from ((code, status_text(code)) for code in STATUSES)
    if place is None:
        return
    kind = place.field.stored.kind
    if row.operator == "relative":
        yield from span_words().items()
    elif kind in OPTIONED:
        for option in place.field.stored_as.options["options"]:
            yield option["code"], option_label(place.field.stored_as, option["code"], locale())
    elif kind in PEOPLE | DEPARTMENTS:
        yield from _named(act, kind)
    elif place.field.target:
        yield from _records(act, form.siblings[place.field.target])


def _records(act: Act, target: Form) -> Iterator[tuple[str, str]]:
    """A few records to choose from; with more one types the name or code instead."""
    rows = query.lookup(act, target, "", limit=MOST_CHOICES)
    if len(rows) < MOST_CHOICES:
        yield from ((str(each.id), each.title) for each in rows)


def _named(act: Act, kind: str) -> Iterator[tuple[str, str]]:
    if kind in PEOPLE:
        yield ME, _("我")
        for user in users.everybody(act.connection):
            yield str(user.id), user.display_name
        return
    for each in departments.everyone(act.connection):
        yield str(each.id), "　" * each.depth + each.name


def _help(place: Place | None) -> str:
    if place is None:
        return ""
    if place.field.stored.kind in DATES:
        return _("写成 2026-11-21")
    return _("名称、编码或拼音首字母") if place.field.target else ""


def _chips(act: Act, form: Form, state: ListState) -> Iterator[Chip]:
    base = url_for("screens.filter_builder", app_code=form.app_code, form_code=form.code)
    edit = state.href.replace(state.base, base, 1)
    for index, item in enumerate(state.filters):
        words = leaf_words(act, form, item)
        if words is not None:
            yield Chip(*words, edit=edit, remove=state.without(index).href)
    if state.where is not None:
        words_of = where_words(act, form, state.where)
        yield Chip("", "", words_of, edit, state.filtered(state.filters).href)
