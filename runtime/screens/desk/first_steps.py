"""The three steps of a new company, as long as one of them is to be done and wanted."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from runtime import access, query
from runtime.compile import App, Form
from runtime.infra.act import Act
from runtime.query import Filter, PageRequest
from runtime.screens.i18n import _, label
from runtime.screens.shell import visible_forms


@dataclass(frozen=True)
class FirstStep:
    """One of the three steps of a new user."""

    title: str
    text: str
    action: str
    href: str
    is_done: bool


def first_steps(act: Act, app: App) -> Iterator[FirstStep]:
    """Three steps, as long as one of them is still to be done."""
    records = [form for form in visible_forms(act, app) if not form.is_document]
    papers = [form for form in visible_forms(act, app) if form.is_document]
    moved = any(_has_any(act, form, "posted", "approved") for form in papers)
    if moved or not papers:
        return
    new = next((form for form in papers if access.may(act.actor, "create", form)), None)
    yield FirstStep(
        _("准备资料"),
        _("商品、仓库、往来单位：一条条新建，或把现有的 Excel 表导进来。"),
        _("导入 Excel"),
        url_for("screens.new_import", app_code=app.code) if act.actor.is_admin else "",
        all(_has_any(act, form) for form in records),
    )
    yield FirstStep(
        _("填第一张单据"),
        _("先做一张入库，数量和金额边填边算。"),
        _("新建%(what)s", what=label(new.label)) if new else "",
        url_for("screens.new_record", app_code=app.code, form_code=new.code) if new else "",
        any(_has_any(act, form) for form in papers),
    )
    yield FirstStep(
        _("审批并过账"),
        _("提交以后由主管在待办里同意，库存随即变化。"),
        _("看待办"),
        url_for("screens.inbox"),
        moved,
    )


def _has_any(act: Act, form: Form, *statuses: str) -> bool:
    filters = (Filter("status", "any_of", statuses),) if statuses else ()
    return bool(query.page(act, form, PageRequest(filters=filters, size=1)).rows)
