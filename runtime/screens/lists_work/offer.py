"""What a list offers to do, for its template: only what the actor may."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from flask import g, request

from runtime import access
from runtime.compile import Form
from runtime.infra.act import Rights
from runtime.screens.acting import reading
from runtime.screens.i18n import _, locale
from runtime.screens.lists_work.asked import here, list_address
from runtime.screens.lists_work.boxes import editable_fields
from runtime.screens.lists_work.looks import Tab, own_tabs
from runtime.screens.printing import printouts_for

VERBS: Final = ("bulk", "export", "update", "submit", "delete")


@dataclass(frozen=True)
class Act:
    """Something to do to the records that are ticked."""

    code: str
    label: str
    icon: str
    is_danger: bool = False


@dataclass(frozen=True, eq=False)
class Work:
    """The addresses a list's buttons lead to; empty where something may not be done."""

    select_text: str
    selects: bool = False
    acts: tuple[Act, ...] = ()
    batch_href: str = ""
    export_href: str = ""
    print_href: str = ""
    # Below this address each record has its cells; empty when nothing may be typed.
    cells: str = ""
    editable: frozenset[str] = field(default_factory=frozenset)
    # The same records as a board, a calendar, pictures.
    looks: tuple[Tab, ...] = ()
    sheet_href: str = ""
    # Pages of the form for who need no sign-in, the administrator's to make.
    links_href: str = ""


def list_work(form: Form) -> Work:
    """Return what the reader of the present page may do with a list; a page asks several times."""
    found: Work | None = g.get("list_work", {}).get(form)
    if found is None:
        with reading() as act:
            who = act.actor
            seen = _Seen(form, who.rights, who.is_admin, who.veiled, locale(), request.script_root)
            found = _work(seen)
        g.list_work = {form: found}
    return found


class _Seen(NamedTuple):
    """All that an offer follows from; rights are those read for this request."""

    form: Form
    rights: Rights
    is_admin: bool
    veiled: frozenset[tuple[str, str]]
    language: str
    root: str


@lru_cache(maxsize=512)
def _work(seen: _Seen) -> Work:
    form = seen.form
    with reading() as act:
        may = {verb for verb in VERBS if access.may(act.actor, verb, form)}
        looks = tuple(own_tabs(act, form))
        prints = any(True for _each in printouts_for(act, form))
        has_links = act.actor.is_admin and form.aggregate is None
        editable = frozenset(item.code for item in editable_fields(act, form, in_cell=True))
    acts = tuple(each for each in _acts(form) if each.code in may) if "bulk" in may else ()
    return Work(
        select_text=_("选择"),
        selects=bool(acts) or "export" in may or prints,
        acts=acts,
        batch_href=here(form, "batch_dialog") if acts else "",
        export_href=here(form, "export_dialog") if "export" in may else "",
        print_href=here(form, "print_dialog") if prints else "",
        cells=list_address(form) if editable else "",
        editable=editable,
        looks=looks,
        sheet_href=here(form, "show_sheet") if editable else "",
        links_href=here(form, "public_links") if has_links else "",
    )


def _acts(form: Form) -> tuple[Act, ...]:
    submit = (Act("submit", _("提交"), "send"),) if form.is_document else ()
    return (
        Act("update", _("改字段"), "pencil"),
        *submit,
        Act("delete", _("删除"), "trash", is_danger=True),
    )
