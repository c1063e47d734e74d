"""Which fields can stand on a public page: what is typed by itself, without looking anything up."""

from collections.abc import Iterator
from typing import Final

from runtime.compile import Field, Form
from runtime.compile.row_rules import RowRuleError, parsed
from runtime.formula import FormulaError
from runtime.infra.errors import Problem
from runtime.infra.messages import message
from runtime.infra.public_links import NewLink
from runtime.kinds.families import FILES, KEYED, PICKED
from runtime.screens.form_values import is_entered

TYPED: Final = frozenset(
    {"text", "long_text", "number", "quantity", "money", "percent", "date", "boolean", "choice",
     "phone", "email", "url"}
)  # fmt: skip


def addable(form: Form) -> tuple[Field, ...]:
    """The fields somebody without an account may be asked for."""
    return tuple(item for item in form.fields if item.kind.kind in TYPED and is_entered(item))


def readable(form: Form) -> tuple[Field, ...]:
    """The fields somebody without an account may be shown; names of people are not among them."""
    closed = FILES | KEYED | PICKED | {"rich_text"}
    return tuple(
        item
        for item in form.fields
        if item.column is not None and item.stored.kind not in closed and not item.is_lines
    )


def problems(form: Form, new: NewLink) -> Iterator[Problem]:
    """Yield what keeps a link from working."""
    possible = addable(form) if new.purpose == "add" else readable(form)
    known = {item.code: item for item in possible}
    for code in new.fields:
        if code not in known:
            label = form.by_code[code].label.zh if code in form.by_code else code[:40]
            yield Problem("/fields", "public_link_field_kind", {"label": label})
    if new.purpose == "add":
        yield from _missing(form, frozenset(new.fields))
    elif new.condition:
        yield from _condition(form, new.condition)


def _missing(form: Form, chosen: frozenset[str]) -> Iterator[Problem]:
    for item in form.fields:
        is_given = item.is_computed or item.definition.default is not None
        if item.required and item.code not in chosen and not is_given:
            yield Problem("/fields", "public_link_field_required", {"label": item.label.zh})


def _condition(form: Form, text: str) -> Iterator[Problem]:
    try:
        parsed(form, text)
    except FormulaError as error:
        reason = message(error.code, error.params)
        yield Problem("/condition", "public_link_condition", {"reason": reason})
    except RowRuleError as error:
        reason = message(error.problem.code, error.problem.params)
        yield Problem("/condition", "public_link_condition", {"reason": reason})
