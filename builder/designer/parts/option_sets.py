"""Option sets: lists of choices that several fields share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from builder import drafts
from builder.designer.overview import draft_of
from builder.drafts.naming import free_code
from runtime.definitions.label import read_label, write_label
from runtime.infra import strict_json
from runtime.infra.errors import AppError, BadRequest
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.i18n import _, label
from runtime.screens.render import go, render
from runtime.screens.routes import permission

LONGEST_NAME: Final = 40
MOST_BYTES: Final = 200_000


@dataclass(frozen=True)
class Card:
    """One set: its name, its options as they are kept, and the fields that take theirs from it."""

    code: str
    name: str
    options: tuple[Mapping[str, Any], ...]
    fields: tuple[str, ...]


@permission("admin")
def option_sets(app_code: str) -> Response:
    """Show the option sets of an app's draft."""
    return _page(app_code)


@permission("admin")
def change_option_set(app_code: str) -> AnyResponse:
    """Add a set, keep one as it was filled in, or delete one that no field uses."""
    base = request.form.get("rev", type=int)
    if base is None:
        raise BadRequest("form_incomplete")
    name = request.form.get("label", "").strip()[:LONGEST_NAME]
    if request.form.get("do") != "delete" and not name:
        return _page(app_code, (_("请填写选项集的名称"),))
    with reading() as act:
        source = draft_of(act, app_code).source
    try:
        op = _operation(source, name)
        carry_out(lambda act: drafts.apply(act, app_code, base, [op]))
    except AppError as error:
        return _page(app_code, tuple(texts(error)))
    return go("designer.option_sets", app_code=app_code, _anchor=f"set-{op['code']}")


def _operation(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    known = {each["code"]: each for each in source.get("option_sets", ())}
    code = request.form.get("code", "")
    part: dict[str, Any] = {"op": "set_part", "part": "option_sets"}
    if request.form.get("do") == "delete":
        return {**part, "code": code, "value": None}
    options = strict_json.loads(request.form.get("options", "[]"), max_bytes=MOST_BYTES)
    if code not in known:
        code = free_code(name, known, "options")
        return {**part, "code": code, "value": {"code": code, "label": name, "options": options}}
    kept = known[code]
    said = read_label(kept["label"], code)
    # The English stays; only the name in the language one types in is changed here.
    named = write_label(type(said)(name, said.en))
    return {**part, "code": code, "value": {**kept, "label": named, "options": options}}


def _page(app_code: str, problems: tuple[str, ...] = ()) -> Response:
    with reading() as act:
        draft = draft_of(act, app_code)
        return render(
            "designer/option_sets.html",
            status=422 if problems else 200,
            app_code=app_code,
            app_name=label(read_label(draft.source.get("label"), app_code)),
            draft=draft,
            cards=tuple(_cards(draft.source)),
            problems=problems,
        )


def _cards(source: Mapping[str, Any]) -> Iterator[Card]:
    users: dict[str, list[str]] = {}
    for code, field in _users(source):
        users.setdefault(code, []).append(field)
    for each in source.get("option_sets", ()):
        code = each["code"]
        yield Card(
            code=code,
            name=label(read_label(each.get("label"), code)),
            options=tuple(each["options"]),
            fields=tuple(users.get(code, ())),
        )


def _users(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every use of a set: its code, and what the field is called with its form."""
    for form in source["forms"]:
        of_form = label(read_label(form.get("label"), form["code"]))
        for field in form["fields"]:
            for each in (field, *field.get("options", {}).get("fields", ())):
                used = each.get("options", {}).get("set")
                if used:
                    yield used, f"{of_form} · {label(read_label(each.get('label'), each['code']))}"
