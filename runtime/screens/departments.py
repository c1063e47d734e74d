"""Departments: the administrator's tree of them, who leads and who belongs to each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for

from runtime.infra import departments, lent_roles, users
from runtime.infra.act import Act
from runtime.infra.departments import Department
from runtime.infra.errors import AppError, BadRequest
from runtime.screens.acting import carry_out, reading
from runtime.screens.errors import texts
from runtime.screens.people.words import role_names, roles_of_apps
from runtime.screens.render import go, render
from runtime.screens.routes import permission


@dataclass(frozen=True)
class Branch:
    """A department as the tree shows it."""

    id: int
    name: str
    level: int
    count: int
    href: str
    is_disabled: bool
    is_current: bool


@dataclass(frozen=True)
class Person:
    """Somebody who may lead or belong to a department."""

    id: int
    name: str
    is_head: bool
    is_member: bool


@permission("admin")
def departments_page(department_id: int | None = None) -> Response:
    """Show the tree, and beside it one department or a new one."""
    with reading() as act:
        return _page(act, department_id)


@permission("admin")
def create_department() -> Any:
    """Make a department."""
    name, parent_id = request.form.get("name", ""), _key("parent")
    return _done(None, lambda act: departments.create(act, name, parent_id).id)


@permission("admin")
def change_department(department_id: int) -> Any:
    """Rename, move, say who leads and who belongs, what roles it lends, whether it is in use."""
    name, is_disabled = request.form.get("name", ""), "is_disabled" in request.form
    parent_id, head_id = _key("parent"), _key("head")
    chosen = [_number(text) for text in request.form.getlist("member")]

    def change(act: Act) -> int:
        known = {user.id for user in users.everybody(act.connection)}
        if not known.issuperset([*chosen, *([head_id] if head_id else [])]):
            raise BadRequest("form_incomplete")
        before = departments.get(act.connection, department_id)
        departments.change(act, department_id, name=name, parent_id=parent_id, head_id=head_id)
        if set(chosen) != set(departments.members(act.connection, department_id)):
            departments.set_members(act, department_id, chosen)
        lent_roles.set_of_department(act, department_id, _roles_sent(act))
        if is_disabled != before.is_disabled:
            departments.set_disabled(act, department_id, is_disabled=is_disabled)
        return department_id

    return _done(department_id, change)


def _roles_sent(act: Act) -> frozenset[str]:
    roles = frozenset(request.form.getlist("role"))
    if not roles <= role_names(act).keys():
        raise BadRequest("form_incomplete")
    return roles


def _done(department_id: int | None, verb: Callable[[Act], int]) -> Any:
    try:
        done = carry_out(verb)
    except AppError as refusal:
        if refusal.status not in {400, 409, 422}:
            raise
        with reading() as act:
            return _page(act, department_id, texts(refusal), refusal.status)
    return go("screens.department", department_id=done)


def _page(
    act: Act, department_id: int | None, problems: tuple[str, ...] = (), status: int = 200
) -> Response:
    found = departments.everyone(act.connection)
    current = None if department_id is None else departments.get(act.connection, department_id)
    people = users.everybody(act.connection)
    members = set(departments.members(act.connection, current.id)) if current else set()
    return render(
        "departments.html",
        status=status,
        problems=problems,
        tree=[_branch(act, each, current) for each in found],
        parents=[each for each in found if not current or not each.path.startswith(current.path)],
        current=current,
        typed=request.form if problems else {},
        apps=tuple(roles_of_apps(act)),
        lent=lent_roles.of_department(act.connection, current.id) if current else frozenset(),
        people=[
            Person(
                user.id,
                user.display_name,
                is_head=current is not None and current.head_id == user.id,
                is_member=user.id in members,
            )
            for user in people
            if not user.is_disabled or user.id in members
        ],
    )


def _branch(act: Act, each: Department, current: Department | None) -> Branch:
    return Branch(
        id=each.id,
        name=each.name,
        level=min(each.depth, 6),
        count=len(departments.members(act.connection, each.id)),
        href=url_for("screens.department", department_id=each.id),
        is_disabled=each.is_disabled,
        is_current=current is not None and current.id == each.id,
    )


def _key(name: str) -> int | None:
    text = request.form.get(name, "").strip()
    return _number(text) if text else None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadRequest("form_incomplete")
    return int(text)
