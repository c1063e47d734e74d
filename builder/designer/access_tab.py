"""The rights of a form: role by verb, field by role, and through the eyes of one person."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request, url_for

from builder import drafts
from builder.designer.access_condition import condition_words
from builder.designer.access_view import (
    OF_DOCUMENTS,
    FieldAccess,
    RoleAccess,
    field_access,
    roles_of_form,
    verb_words,
)
from builder.designer.draft_app import app_of_draft
from builder.designer.kind_words import kind_icon
from builder.designer.panel_spot import every_field, path_of
from builder.designer.role_tree import held
from builder.designer.studio_frame import form_in, frame_of
from builder.designer.studio_texts import studio_texts
from builder.drafts import Draft
from runtime.definitions.loader import SCHEMAS
from runtime.infra import users
from runtime.infra.users import User
from runtime.screens.acting import reading
from runtime.screens.i18n import _, joined, label
from runtime.screens.render import render
from runtime.screens.routes import permission

Json = Mapping[str, Any]


def _scopes() -> tuple[str, ...]:
    """Whose records a grant can speak of: what the schema of a role lists."""
    schema = json.loads((SCHEMAS / "role.schema.json").read_text(encoding="utf-8"))
    grant = schema["properties"]["grants"]["items"]["properties"]
    return tuple(grant["rows"]["enum"])


SCOPES: Final = _scopes()


@dataclass(frozen=True)
class FieldRow:
    """One field of the matrix; `is_new` while nobody has said who sees it."""

    path: str
    code: str
    lines: str
    label: str
    icon: str
    is_new: bool
    cells: tuple[FieldAccess, ...]


@dataclass(frozen=True)
class Reason:
    """One thing a person may do, and which roles give it."""

    text: str
    roles: str


@dataclass(frozen=True)
class Eyes:
    """What one person may do with the form."""

    name: str
    roles: str
    is_admin: bool
    verbs: tuple[Reason, ...]
    rows: str
    hidden: tuple[str, ...]
    locked: tuple[str, ...]


@permission("admin")
def form_access(app_code: str, form_code: str) -> Response:
    """Show who may do what with a form (`?as=` a person: what that comes to, and why)."""
    with reading() as act:
        draft = drafts.read(act, app_code)
        form = form_in(draft, form_code)
        frame = frame_of(draft, form_code, "access")
        people = users.everybody(act.connection)
        return render(
            "designer/access.html",
            None,
            frame=frame,
            v=None,
            texts=studio_texts(),
            model={"base": frame.base, "form": form_code, "app": app_code},
            here=url_for("designer.form_access", app_code=app_code, form_code=form_code),
            verbs=_verbs(form),
            scopes=scope_words(),
            roles=tuple(roles_of_form(draft.source, form_code)),
            conditions=condition_words(draft.source, app_of_draft(draft), form_code),
            rows=tuple(_field_rows(draft, form)),
            people=people,
            eyes=_eyes(draft, form, people),
        )


def scope_words() -> dict[str, str]:
    """Whose records a role reaches, in words; what nobody worded shows its code."""
    words = {
        "all": _("全部数据"),
        "own": _("本人的"),
        "department": _("本部门的"),
        "department_tree": _("本部门和下级部门的"),
        "departments": _("本部门和下级部门的"),
        "subordinates": _("本人和下属的"),
        "rule": _("按规则"),
    }
    return {scope: words.get(scope, scope) for scope in SCOPES}


def _verbs(form: Json) -> dict[str, str]:
    is_document = form.get("type") == "document"
    words = verb_words().items()
    return {verb: text for verb, text in words if is_document or verb not in OF_DOCUMENTS}


def _field_rows(draft: Draft, form: Json) -> Iterator[FieldRow]:
    new = {(each.lines, each.id) for each in draft.undecided if each.form == form["code"]}
    for lines, field in every_field(form):
        path = path_of(lines, field)
        table = str(lines["code"]) if lines else ""
        yield FieldRow(
            path=path,
            code=field["code"],
            lines=table,
            label=label(field.get("label")) or field["code"],
            icon=kind_icon(field["kind"]),
            is_new=(table or None, field.get("id") or field["code"]) in new,
            cells=tuple(field_access(draft.source, form["code"], path)),
        )


def _eyes(draft: Draft, form: Json, people: tuple[User, ...]) -> Eyes | None:
    asked = request.args.get("as", type=int)
    person = next((each for each in people if each.id == asked), None)
    if person is None:
        return None
    roles = held(draft.source, person.roles)
    granted = [
        each
        for each in roles_of_form(draft.source, form["code"])
        if each.code in roles and each.verbs
    ]
    seen = tuple(_seen(draft, form, roles))
    return Eyes(
        name=person.display_name or person.name,
        roles=joined(each.label for each in granted),
        is_admin=person.is_admin,
        verbs=tuple(_reasons(form, granted)),
        rows=_scope(granted, condition_words(draft.source, app_of_draft(draft), form["code"])),
        hidden=tuple(text for text, access in seen if access == "none"),
        locked=tuple(text for text, access in seen if access == "read"),
    )


def _reasons(form: Json, granted: list[RoleAccess]) -> Iterator[Reason]:
    for verb, text in _verbs(form).items():
        giving = [role.label for role in granted if verb in role.verbs]
        yield Reason(text, joined(giving))


def _scope(granted: list[RoleAccess], conditions: Mapping[str, str]) -> str:
    seeing = [role for role in granted if "view" in role.verbs]
    scopes, words = {role.rows for role in seeing}, scope_words()
    if "all" in scopes or not scopes:
        return words["all"] if scopes else _("没有")
    rules = [conditions.get(role.code, "") for role in seeing if role.rows == "rule"]
    return joined([*(words[scope] for scope in sorted(scopes - {"rule"})), *filter(None, rules)])


def _seen(draft: Draft, form: Json, held: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Each field with the furthest any of the roles gets to it."""
    order = ("none", "read", "edit")
    for lines, field in every_field(form):
        cells = field_access(draft.source, form["code"], path_of(lines, field))
        mine = [order.index(cell.access) for cell in cells if cell.role in held]
        name = label(field.get("label")) or field["code"]
        text = f"{label(lines['label'])}.{name}" if lines else name
        yield text, order[max(mine, default=0)]
