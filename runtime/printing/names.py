"""What the names in a template mean: fields by what people call them or by their codes."""

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runtime.definitions import AppDef, FieldDef, FormDef, Label
from runtime.infra.errors import Problem
from runtime.kinds.layout_field import LAYOUT
from runtime.printing.placeholders import (
    LINE_NO,
    LINE_NO_NAMES,
    PAGES,
    SYSTEM,
    Placeholder,
    read,
)

# What has no value that could stand on paper.
_UNPRINTABLE: Final = LAYOUT | {"lines", "button", "query"}
_CLOSE: Final = 0.5
_DEEPEST: Final = 3


@dataclass(frozen=True)
class Found:
    """A placeholder of a template: where it is, the row it stands in, how it is written."""

    at: str
    row: str
    text: str


def understood(
    app: AppDef, form: FormDef, found: Iterable[Found], file_format: str
) -> tuple[dict[str, str], list[Problem]]:
    """The path each placeholder means, and what cannot be understood, each with its address."""
    places: dict[str, str] = {}
    problems: list[Problem] = []
    tables: dict[str, str] = {}
    for each in found:
        placeholder = read(each.text)
        path, wrong = _meaning(app, form, placeholder)
        if not wrong:
            wrong = _misplaced(form, placeholder, path, each, tables, file_format)
        if wrong:
            code, params = wrong
            problems.append(Problem("", code, {"at": each.at, "text": each.text, **params}))
        else:
            places[placeholder.key] = path
    return places, problems


def is_of_line(form: FormDef, path: str) -> bool:
    """Whether a path leads into a line table."""
    head, dot, _ = path.partition(".")
    field = _by_code(form.fields, head)
    return bool(dot) and field is not None and field.kind == "lines"


def is_known(app: AppDef, form: FormDef, path: str) -> bool:
    """Whether a path that was understood once still leads to a value."""
    if path in set(SYSTEM.values()):
        return True
    fields: Sequence[FieldDef] = form.fields
    is_line = False
    parts = path.split(".")
    for place, code in enumerate(parts):
        if is_line and code == LINE_NO:
            return place == len(parts) - 1
        field = _by_code(fields, code)
        if field is None or place >= _DEEPEST:
            return False
        if place == len(parts) - 1:
            return field.kind not in _UNPRINTABLE
        is_line = field.kind == "lines"
        fields = field.columns if is_line else _target_fields(app, field)
    return False


def offered(app: AppDef, form: FormDef) -> Iterator[str]:
    """Yield every name a template of a form may ask for, fields behind references last."""
    yield from _names(form.fields, "")
    for table in (each for each in form.fields if each.kind == "lines"):
        yield f"{table.label.zh}.序号"
        yield from _names(table.columns, f"{table.label.zh}.")
    for field in form.fields:
        yield from _names(_target_fields(app, field), f"{field.label.zh}.")


def _names(fields: Iterable[FieldDef], before: str) -> Iterator[str]:
    for field in fields:
        if field.kind not in _UNPRINTABLE:
            yield f"{before}{field.label.zh}"


_Wrong = tuple[str, Mapping[str, Any]] | None


def _meaning(app: AppDef, form: FormDef, placeholder: Placeholder) -> tuple[str, _Wrong]:
    if placeholder.unknown:
        return "", ("print_format_unknown", {"name": placeholder.unknown})
    parts = [part.strip() for part in placeholder.name.replace("．", ".").split(".")]
    fields: Sequence[FieldDef] = form.fields
    path: list[str] = []
    is_line = False
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        field = _named(fields, part)
        if field is None:
            if system := _system(part, is_alone=len(parts) == 1, is_line=is_line and is_last):
                return ".".join((*path, system)), None
            return "", _unknown(form, fields, part, place)
        path.append(field.code)
        if is_last and field.kind in _UNPRINTABLE:
            return "", ("print_no_value", {"name": part})
        if not is_last:
            is_line = field.kind == "lines"
            fields = field.columns if is_line else _target_fields(app, field)
            if not fields or place + 1 >= _DEEPEST:
                return "", ("print_no_further", {"name": part})
    return ".".join(path), None


def _misplaced(
    form: FormDef,
    placeholder: Placeholder,
    path: str,
    found: Found,
    tables: dict[str, str],
    file_format: str,
) -> _Wrong:
    """What is understood, but stands where it cannot come true."""
    if path in PAGES and file_format == "xlsx" and found.row:
        return "print_page_in_cell", {}
    is_line, is_sum = is_of_line(form, path), "sum" in placeholder.formats
    if is_sum and not is_line:
        return "print_sum_of_header", {}
    if not is_line or is_sum:
        return None
    if not found.row:
        return "print_line_outside", {}
    table = path.partition(".")[0]
    if tables.setdefault(found.row, table) != table:
        return "print_two_tables", {}
    return None


def _system(name: str, *, is_alone: bool, is_line: bool) -> str:
    spelt = _spelt(name)
    if is_line and spelt in LINE_NO_NAMES:
        return LINE_NO
    return SYSTEM.get(spelt, "") if is_alone else ""


def _named(fields: Iterable[FieldDef], name: str) -> FieldDef | None:
    """A field by what it is called in either language, or by its code."""
    wanted = _spelt(name)
    known = list(fields)
    for field in known:
        if wanted in {_spelt(field.label.zh), _spelt(field.label.en)}:
            return field
    return _by_code(known, wanted)


def _unknown(form: FormDef, fields: Iterable[FieldDef], name: str, place: int) -> _Wrong:
    """What was probably meant: a column of lines that is called so, or a name much like it."""
    for table in (each for each in form.fields if each.kind == "lines" and not place):
        column = _named(table.columns, name)
        if column is not None:
            near = f"{table.label.zh}.{column.label.zh}"
            return "print_name_unknown", {"name": name, "near": near}
    near = _near(fields, name, place)
    return ("print_name_unknown" if near else "print_name_nowhere"), {"name": name, "near": near}


def _near(fields: Iterable[FieldDef], name: str, place: int) -> str:
    names = {_spelt(text): text for field in fields for text in _texts(field.label)}
    if not place:
        names |= {spelt: spelt for spelt in SYSTEM}
    found = difflib.get_close_matches(_spelt(name), names, n=1, cutoff=_CLOSE)
    if not found:
        # Of Chinese names a shared part says more than the order of letters.
        found = [each for each in names if _spelt(name) in each or each in _spelt(name)][:1]
    return names[found[0]] if found else ""


def _texts(label: Label) -> Iterator[str]:
    yield label.zh
    if label.en:
        yield label.en


def _target_fields(app: AppDef, field: FieldDef) -> Sequence[FieldDef]:
    if field.kind != "reference":
        return ()
    target = app.form(str(field.options.get("form")))
    return target.fields if target else ()


def _by_code(fields: Iterable[FieldDef], code: str) -> FieldDef | None:
    return next((field for field in fields if field.code == code), None)


def _spelt(name: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", name or "").split()).lower()
