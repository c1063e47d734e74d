"""What a list offers to do, for its template: only what the actor may."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import url_for

from runtime import access
from runtime.compile import Field, Form
from runtime.infra.act import Act
from runtime.screens.acting import reading
from runtime.screens.form_values import is_entered
from runtime.screens.i18n import _


@dataclass(frozen=True)
class Work:
    """The addresses a list's buttons lead to; empty where something may not be done."""

    select_text: str
    selects: bool = False
    export_href: str = ""
    cells: str = ""
    editable: frozenset[str] = field(default_factory=frozenset)


def list_work(form: Form) -> Work:
    """Return what the reader of the present page may do with a list."""
    with reading() as act:
        may_export = access.may(act.actor, "export", form)
        return Work(
            select_text=_("选择"),
            export_href=_address("export_dialog", form) if may_export else "",
        )


def editable_fields(act: Act, form: Form) -> Iterator[Field]:
    """The fields of the header that may be typed into one at a time."""
    if not access.may(act.actor, "update", form):
        return
    fixed = access.fixed_fields(act.actor, form, "update")
    for item in access.visible_fields(act.actor, form):
        is_plain = item.column is not None and not item.is_lines
        if is_plain and is_entered(item) and item.code not in fixed:
            yield item


def _address(view: str, form: Form) -> str:
    return url_for(f"screens.{view}", app_code=form.app_code, form_code=form.code)
