"""The versions of a record: as it was, what differs from today, and the way back."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from runtime import documents, query
from runtime.compile import Form
from runtime.documents import Version
from runtime.infra.act import Act
from runtime.infra.errors import AppError, NotFound
from runtime.infra.messages import message
from runtime.screens.acting import carry_out, form_of, reading
from runtime.screens.documents import ANSWERED_HERE, go_to_record
from runtime.screens.form_page import Content, page_of
from runtime.screens.form_report import Report, report_of
from runtime.screens.form_rights import may_edit
from runtime.screens.i18n import label, locale, zone
from runtime.screens.render import render
from runtime.screens.routes import permission


@dataclass(frozen=True)
class Shown:
    """One version in the list."""

    version: Version
    text: str
    href: str
    is_chosen: bool
    is_latest: bool


@permission("view")
def record_versions(app_code: str, form_code: str, record_id: int) -> Response:
    """Show a record as it was after an act (`?version=`) or at a moment (`?at=`)."""
    with reading() as act:
        form = form_of(act, app_code, form_code)
        return _page(act, form, record_id)


@permission("update")
def restore_version(app_code: str, form_code: str, record_id: int, version_id: int) -> AnyResponse:
    """Bring an earlier version back: an update through the one write path."""
    version = request.form.get("version", 0, type=int)

    def work(act: Act) -> None:
        form = form_of(act, app_code, form_code)
        documents.restore_version(act, form, record_id, restored=version_id, version=version)

    try:
        carry_out(work)
    except ANSWERED_HERE as error:
        with reading() as act:
            form = form_of(act, app_code, form_code)
            return _page(act, form, record_id, chosen=version_id, refused=error)
    return go_to_record(app_code, form_code, record_id)


def _page(
    act: Act,
    form: Form,
    record_id: int,
    *,
    chosen: int | None = None,
    refused: AppError | None = None,
) -> Response:
    now = query.record(act, form, record_id)
    if now is None:
        raise NotFound
    told = documents.versions(act, form, record_id)
    moment = _moment(request.args.get("at", ""))
    wanted = chosen or request.args.get("version", type=int)
    if wanted is None:
        earlier = (each.id for each in told if moment is None or each.at <= moment)
        wanted = next(earlier, 0)
    if moment is None and wanted not in {each.id for each in told}:
        raise NotFound
    then = documents.as_of(act, form, record_id, moment=moment, version=None if moment else wanted)
    report: Report | None = None if refused is None else report_of(act, form, refused)
    return render(
        "record/versions.html",
        status=200 if refused is None else refused.status,
        form=form,
        form_label=label(form.label),
        record=now,
        versions=tuple(_shown(each, wanted, told[0].id) for each in told),
        chosen=next((each for each in told if each.id == wanted), None),
        at=request.args.get("at", ""),
        then=then,
        page=None if then is None else page_of(act, form, then, _content(then), mode="past"),
        differences=() if then is None else _differences(act, form, then, now),
        may_restore=bool(then and told and wanted != told[0].id and may_edit(act, form, now)),
        report=report,
    )


def _differences(
    act: Act, form: Form, then: query.Record, now: query.Record
) -> tuple[documents.Told, ...]:
    return documents.differences(act, form, then, now, locale=locale())


def _content(record: query.Record) -> Content:
    return Content(record.values, record.lines, record.labels)


def _shown(version: Version, chosen: int, latest: int) -> Shown:
    text = message(f"history_{version.action}", {"who": version.who}, locale())
    is_chosen = version.id == chosen
    return Shown(version, text, f"?version={version.id}", is_chosen, version.id == latest)


def _moment(text: str) -> datetime | None:
    """A moment as a box for dates and times sends it, in the company's time; inclusive."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    there = found if found.tzinfo else found.replace(tzinfo=zone())
    try:
        return there.astimezone(UTC)
    except OverflowError:
        return None
