"""What an author should think about before publishing, though nothing forbids it."""

from collections.abc import Iterator
from typing import Any, Final

from builder.drafts.access import EVERY_FORM
from builder.drafts.model import Draft, DraftProblem, Json, Jump
from builder.drafts.working import every_field, id_of, name_of

_FILLING: Final = frozenset({"create", "update"})
_TELLING: Final = frozenset({"text", "document_number"})
_COMPUTED: Final = frozenset({"formula", "rollup", "lookup", "document_number", "lines"})


def cautions(draft: Draft) -> Iterator[DraftProblem]:
    """Yield new fields nobody decided about, fields nobody can fill, forms nobody can name."""
    source = draft.source
    yield from _undecided(draft)
    for index, form in enumerate(source["forms"]):
        pointer = f"/forms/{index}"
        fields = form["fields"]
        if fields and not form.get("title") and not any(f["kind"] in _TELLING for f in fields):
            params = {"form": name_of(form)}
            yield _caution(f"{pointer}/title", "form_without_title", params, "lists", form["code"])
        if source.get("roles") and not any(_grants(source, form["code"])):
            params = {"form": name_of(form)}
            yield _caution(pointer, "form_without_rights", params, "access", form["code"])
        yield from _unfillable(source, form, pointer)


def _undecided(draft: Draft) -> Iterator[DraftProblem]:
    """A new field is seen by all who see the form until somebody says otherwise."""
    for each in draft.undecided:
        form = draft.form(each.form)
        for lines, field in every_field(form) if form is not None else ():
            if form is not None and (lines, id_of(field)) == (each.lines, each.id):
                params = {"form": name_of(form), "field": name_of(field)}
                jump = Jump("access", each.form, lines, str(field["code"]))
                yield DraftProblem("/roles", "field_undecided", params, "warning", jump)


def _unfillable(source: Json, form: Json, pointer: str) -> Iterator[DraftProblem]:
    """Required fields that somebody who fills the form cannot fill."""
    needed = {
        path: field
        for path, field in _paths(form)
        if field.get("required") and field.get("default") is None and field["kind"] not in _COMPUTED
    }
    for role, grant in _grants(source, str(form["code"])):
        closed = {*grant.get("hidden", ()), *grant.get("readonly", ())}
        if not _FILLING.intersection(grant["verbs"]):
            continue
        for path, field in needed.items():
            if path in closed or path.partition(".")[0] in closed:
                params = {"role": name_of(role), "field": name_of(field), "form": name_of(form)}
                lines, _, code = path.rpartition(".")
                jump = Jump("access", str(form["code"]), lines or None, code)
                yield DraftProblem(pointer, "required_field_closed", params, "warning", jump)


def _paths(form: Json) -> Iterator[tuple[str, Json]]:
    for lines, field in every_field(form):
        yield f"{lines}.{field['code']}" if lines else field["code"], field


def _grants(source: Json, form: str) -> Iterator[tuple[Json, Json]]:
    for role in source.get("roles", ()):
        for grant in role["grants"]:
            if grant["form"] in (form, EVERY_FORM):
                yield role, grant


def _caution(pointer: str, code: str, params: Any, tab: str, form: str) -> DraftProblem:
    return DraftProblem(pointer, code, params, "warning", Jump(tab, form))
