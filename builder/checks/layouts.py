"""Every field that must be filled is on the screen, once."""

from collections.abc import Iterator

from runtime.definitions import AppDef, FormDef
from runtime.infra.errors import Problem
from runtime.kinds.layout_field import LAYOUT


def layouts(definition: AppDef) -> Iterator[Problem]:
    """Yield sections, lists, search fields and titles that name no field, and the unplaced."""
    for index, form in enumerate(definition.forms):
        for problem in _form(form):
            yield problem.under(f"/forms/{index}")


def _form(form: FormDef) -> Iterator[Problem]:
    codes = {field.code for field in form.fields}
    plain = {field.code for field in form.fields if field.kind not in LAYOUT | {"lines"}}
    if form.title and form.title not in plain:
        yield Problem("/title", "field_unknown", {"name": form.title})
    for group, wanted in (("list", form.list_columns), ("search", form.search)):
        for place, code in enumerate(wanted):
            if code not in plain:
                yield Problem(f"/{group}/{place}", "field_unknown", {"name": code})
    yield from _sections(form, codes)


def _sections(form: FormDef, codes: set[str]) -> Iterator[Problem]:
    placed: list[str] = []
    yield from _tabs(form)
    for number, section in enumerate(form.sections):
        for place, code in enumerate(section.fields):
            pointer = f"/sections/{number}/fields/{place}"
            if code not in codes:
                yield Problem(pointer, "field_unknown", {"name": code})
            if code in placed:
                yield Problem(pointer, "field_placed_twice", {"name": code})
            placed.append(code)
    if form.sections:
        for place, field in enumerate(form.fields):
            if field.required and field.default is None and field.code not in placed:
                yield Problem(f"/fields/{place}", "required_field_not_placed", {"name": field.code})


def _tabs(form: FormDef) -> Iterator[Problem]:
    codes = [tab.code for tab in form.tabs]
    for place, code in enumerate(codes):
        if code in codes[:place]:
            yield Problem(f"/tabs/{place}/code", "code_twice", {"code": code})
    for number, section in enumerate(form.sections):
        if section.tab is not None and section.tab not in codes:
            yield Problem(f"/sections/{number}/tab", "tab_unknown", {"name": section.tab})
