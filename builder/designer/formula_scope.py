"""Which names a formula of a form may use, and how the editor finds and keeps them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from builder.designer.formula_words import reference_text, type_text
from builder.formula_places import names_of
from builder.stored_formulas import references, stored_name
from runtime.compile import Form
from runtime.formula import FormulaError, Scope, parse
from runtime.kinds.function import Function
from runtime.kinds.functions import FUNCTIONS
from runtime.query.search import search_text
from runtime.screens.i18n import label, locale


@dataclass(frozen=True)
class Name:
    """A field as the editor offers it.

    `stored` is what is written into the formula, `label` what is shown, `find` what it is found
    by, `group` whose field it is: line, header, through, column, other.
    """

    stored: str
    label: str
    code: str
    type: str
    type_text: str
    group: str
    place: str
    find: str


def names(form: Form, lines: str | None) -> Iterator[Name]:
    """Yield every field a formula of this place may name, nearest first, each once."""
    scope = names_of(form, lines)
    seen: set[str] = set()
    for path, group in _paths(scope):
        name = _name(form, scope, path, group)
        if name is not None and name.stored not in seen:
            seen.add(name.stored)
            yield name


def known_names(form: Form, lines: str | None, text: str) -> list[dict[str, Any]]:
    """Return what the fields of a formula are called, for the first sight of it."""
    try:
        formula = parse(text, names_of(form, lines))
    except FormulaError:
        return []
    return [
        {
            "stored": stored_name(each),
            "label": reference_text(form, each),
            "code": "",
        }
        for each in references(formula)
    ]


def functions() -> list[dict[str, Any]]:
    """Return every function with its signature, help and examples, as the editor shows them."""
    return [_function(each) for each in {id(f): f for f in FUNCTIONS.values()}.values()]


def as_json(name: Name) -> Mapping[str, Any]:
    """Return a name as the editor's script reads it."""
    return asdict(name)


def _paths(scope: Scope) -> Iterator[tuple[str, str]]:
    """Every name as it is written by codes, with its group."""
    for table, fields in scope.tables():
        yield from ((code, "header" if table is None else "line") for code in fields)
    for _table, fields in scope.tables():
        for code, field in fields.items():
            yield from ((path, "through") for path in _through(scope, code, field.form))
    for table, columns in scope.lines.items():
        for code, field in columns.items():
            yield f"{table}.{code}", "column"
            yield from ((path, "column") for path in _through(scope, f"{table}.{code}", field.form))
    for form_code, form in scope.forms.items():
        yield from ((f"{form_code}.{code}", "other") for code in form.fields)
        for table, columns in form.lines.items():
            yield from ((f"{form_code}.{table}.{code}", "other") for code in columns)


def _through(scope: Scope, path: str, form: str | None) -> Iterator[str]:
    """The fields of the record a reference points to."""
    target = scope.forms.get(form or "")
    if target is not None:
        yield from (f"{path}.{code}" for code in target.fields)


def _name(form: Form, scope: Scope, path: str, group: str) -> Name | None:
    try:
        formula = parse(f"{{{path}}}", scope)
    except FormulaError:
        # A name hidden behind a nearer one, or a column of lists: there is no way to write it.
        return None
    (reference,) = references(formula)
    text = reference_text(form, reference)
    other = reference.form if reference.form and not reference.via else None
    return Name(
        stored=stored_name(reference),
        label=text,
        code=path,
        type=formula.type,
        type_text=type_text(formula.type),
        group=group,
        place=label(form.siblings[other].label) if other else "",
        find=search_text((text, path)),
    )


def _function(function: Function) -> dict[str, Any]:
    both = (function.help("zh"), function.help("en"))
    return {
        "name": function.name,
        "aliases": list(function.aliases),
        "signature": function.signature,
        "help": function.help(locale()),
        "category": _category(function),
        "examples": [[each.formula, each.value] for each in function.examples],
        "find": search_text((function.name, *function.aliases, *both, *_words(function))),
    }


def _category(function: Function) -> str:
    found = getattr(function, "category", "")
    return str(found)


def _words(function: Function) -> tuple[str, ...]:
    return tuple(getattr(function, "words", ()))
