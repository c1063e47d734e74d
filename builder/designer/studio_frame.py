"""The frame round every page of the form designer: which form, which step, what can be undone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app, url_for

from builder.drafts import Draft
from runtime.definitions.label import read_label
from runtime.infra.errors import NotFound
from runtime.screens.i18n import _, label

Json = Mapping[str, Any]
ICON: Final = "file-text"


@dataclass(frozen=True)
class Step:
    """A tab of the designer: one side of the form that is designed."""

    code: str
    label: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class Sibling:
    """Another form of the app, one click away."""

    code: str
    label: str
    icon: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class Frame:
    """What `studio_frame.html` draws."""

    app_code: str
    app_label: str
    form_code: str
    form_label: str
    icon: str
    rev: int
    can_undo: bool
    can_redo: bool
    is_changed: bool
    version: int
    by: str
    steps: tuple[Step, ...]
    siblings: tuple[Sibling, ...]
    runs_at: str

    @property
    def is_published(self) -> bool:
        """Whether the app ever ran."""
        return self.version > 0

    @property
    def base(self) -> str:
        """The address the scripts add `/ops`, `/undo` and the like to."""
        return url_for("designer.studio", app_code=self.app_code, form_code=self.form_code)


def form_in(draft: Draft, form_code: str) -> Json:
    """Return a form of a draft, or say there is none."""
    form = draft.form(form_code)
    if form is None:
        raise NotFound
    return form


def frame_of(draft: Draft, form_code: str, step: str = "form") -> Frame:
    """Put the frame together; `step` is the code of the current tab."""
    form = form_in(draft, form_code)
    code = draft.app_code
    runs_at = url_for("screens.list_records", app_code=code, form_code=form_code)
    return Frame(
        app_code=code,
        app_label=label(read_label(draft.source.get("label"), code)),
        form_code=form_code,
        form_label=label(read_label(form.get("label"), form_code)),
        icon=str(form.get("icon", ICON)),
        rev=draft.rev,
        can_undo=draft.can_undo,
        can_redo=draft.can_redo,
        is_changed=draft.is_changed,
        version=draft.base_version,
        by=draft.changed_by,
        steps=tuple(_steps(code, form_code, step)),
        siblings=tuple(_siblings(draft, form_code)),
        runs_at=runs_at if draft.base_version else "",
    )


def _steps(app_code: str, form_code: str, current: str) -> Iterator[Step]:
    """Yield the steps there are rooms for: a tab that leads nowhere is not shown."""
    known = (
        ("form", "studio", _("表单")),
        ("flow", "form_flow", _("流程")),
        ("automations", "form_automations", _("自动化")),
        ("lists", "form_lists", _("列表与视图")),
        ("access", "form_access", _("权限")),
        ("prints", "form_prints", _("打印")),
        ("tests", "form_tests", _("测试")),
    )
    for code, endpoint, text in known:
        if f"designer.{endpoint}" in current_app.view_functions:
            href = url_for(f"designer.{endpoint}", app_code=app_code, form_code=form_code)
            yield Step(code, text, href, code == current)
    yield Step("formulas", _("公式"), url_for("designer.formulas", app_code=app_code), False)  # noqa: FBT003 - never the current one


def _siblings(draft: Draft, form_code: str) -> Iterator[Sibling]:
    for form in draft.source["forms"]:
        code = str(form["code"])
        yield Sibling(
            code=code,
            label=label(read_label(form.get("label"), code)),
            icon=str(form.get("icon", ICON)),
            href=url_for("designer.studio", app_code=draft.app_code, form_code=code),
            is_current=code == form_code,
        )
