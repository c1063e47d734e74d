"""Who may do what with a form and its fields, read from the roles of a draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from builder.designer.panel_spot import COMPUTED, LAYOUT, every_field, form_at, path_of
from builder.designer.role_tree import open_to
from runtime.definitions.label import read_label
from runtime.definitions.role import VERBS
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
Access = Literal["edit", "read", "none"]
EVERY: Final = "*"
WRITING: Final = frozenset({"create", "update", "submit", "import"})
# What only a document has.
OF_DOCUMENTS: Final = frozenset({"submit", "cancel"})


@dataclass(frozen=True)
class FieldAccess:
    """What a role may do with a field. `why` says what keeps the choice from being free."""

    role: str
    role_label: str
    access: Access
    may_edit: bool
    why: str


@dataclass(frozen=True)
class RoleAccess:
    """What a role may do with a form; `names` is what it is called in Chinese and in English.

    `is_own` says that it has a grant on this very form, `is_every` that it has one on all.
    `includes` are the roles within it by code and name, `may_include` those it could have within.
    """

    code: str
    label: str
    names: tuple[str, str]
    verbs: frozenset[str]
    rows: str
    is_own: bool
    is_every: bool
    includes: tuple[tuple[str, str], ...] = ()
    may_include: tuple[str, ...] = ()


def verb_words() -> dict[str, str]:
    """The verbs of a grant, in the order they are shown."""
    words = {
        "view": _("查看"), "create": _("新建"), "update": _("编辑"), "submit": _("提交"),
        "cancel": _("作废"), "delete": _("删除"), "import": _("导入"), "export": _("导出"),
        "print": _("打印"), "bulk": _("批量处理"), "manage": _("管理视图"),
    }  # fmt: skip
    return {verb: words.get(verb, verb) for verb in VERBS}


def roles_of_form(source: Json, form_code: str) -> Iterator[RoleAccess]:
    """Yield what each role may do with a form."""
    names = {each["code"]: label(each.get("label")) for each in source.get("roles", ())}
    for role in source.get("roles", ()):
        grants = _grants(role, form_code)
        own = [grant for grant in grants if grant["form"] == form_code]
        yield RoleAccess(
            code=role["code"],
            label=label(role.get("label")) or role["code"],
            names=_names(role),
            verbs=frozenset(verb for grant in grants for verb in grant["verbs"]),
            rows=_rows(grants),
            is_own=bool(own),
            is_every=len(own) < len(grants),
            includes=tuple((each, names.get(each) or each) for each in role.get("includes", ())),
            may_include=tuple(open_to(source, role["code"])),
        )


def field_access(source: Json, form_code: str, path: str) -> Iterator[FieldAccess]:
    """Yield what each role may do with a field (`lines.price`)."""
    form = form_at(source, form_code)
    field = _field(form, path) if form else None
    for role in source.get("roles", ()):
        grants = _grants(role, form_code)
        seeing = [grant for grant in grants if "view" in grant["verbs"]]
        writing = [grant for grant in grants if WRITING & set(grant["verbs"])]
        yield FieldAccess(
            role=role["code"],
            role_label=label(role.get("label")) or role["code"],
            access=_access(seeing, writing, path, field),
            may_edit=bool(writing) and not _is_computed(field),
            why=_why(seeing, writing, field),
        )


def _access(
    seeing: Sequence[Json], writing: Sequence[Json], path: str, field: Json | None
) -> Access:
    if not seeing or all(_hides(grant, path) for grant in seeing):
        return "none"
    if _is_computed(field) or not writing:
        return "read"
    return "read" if all(_locks(grant, path) for grant in writing) else "edit"


def _hides(grant: Json, path: str) -> bool:
    hidden = grant.get("hidden", ())
    return path in hidden or path.partition(".")[0] in hidden


def _locks(grant: Json, path: str) -> bool:
    locked = grant.get("readonly", ())
    return _hides(grant, path) or path in locked or path.partition(".")[0] in locked


def _is_computed(field: Json | None) -> bool:
    return field is not None and field["kind"] in COMPUTED | LAYOUT


def _why(seeing: Sequence[Json], writing: Sequence[Json], field: Json | None) -> str:
    if not seeing:
        return _("这个角色看不到这张表单")
    if _is_computed(field):
        return _("由系统填写，只能看或不看")
    return "" if writing else _("这个角色只能查看这张表单")


def _names(role: Json) -> tuple[str, str]:
    known = read_label(role.get("label"), role["code"])
    return known.zh, known.en


def _grants(role: Json, form_code: str) -> list[Json]:
    return [grant for grant in role.get("grants", ()) if grant["form"] in (EVERY, form_code)]


def _rows(grants: Sequence[Json]) -> str:
    """Whose records: of several scopes the widest counts."""
    scopes = [str(grant.get("rows", "all")) for grant in grants]
    return "all" if "all" in scopes or not scopes else scopes[0]


def _field(form: Json, path: str) -> Json | None:
    found = every_field(form)
    return next((field for lines, field in found if path_of(lines, field) == path), None)
