"""Large exports as jobs: written beside the uploads, given to whoever asked, for a day."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from runtime.catalogue import Catalogue
from runtime.exchange.export.plan import ExportPlan, plan_of
from runtime.exchange.export.write import Written, write_rows
from runtime.infra import audit, queue
from runtime.infra.act import Act
from runtime.infra.errors import NotFound, TooManyRequests
from runtime.infra.jobs import Job
from runtime.infra.queue import job_table
from runtime.infra.settings import Settings
from runtime.infra.strict_json import Json
from runtime.query.kept import read_request, request_json

TASK: Final = "exchange.export_rows"
KEPT: Final = timedelta(hours=24)
# How many rows are written between two words about how far it is.
STEP: Final = 5_000


def enqueue(act: Act, plan: ExportPlan, *, name: str, status_heading: str, total: int) -> int:
    """Ask for an export. One at a time for each person; raises TooManyRequests for a second."""
    under_way = select(job_table.c.id).where(
        job_table.c.name == TASK,
        job_table.c.created_by == act.actor.user_id,
        job_table.c.state.in_(("queued", "running")),
    )
    if (running := act.connection.execute(under_way.limit(1)).scalar()) is not None:
        raise TooManyRequests("export_under_way", {"job": running})
    kwargs = {
        "app": plan.form.app_code,
        "form": plan.form.code,
        "request": request_json(plan.request),
        "format": plan.format,
        "locale": plan.locale,
        "statuses": dict(plan.statuses),
        "status_heading": status_heading,
        "lines": plan.lines,
        "name": name,
        "total": total,
    }
    return queue.enqueue(act, TASK, kwargs)


def export_rows(job: Job) -> Json:
    """Write the rows of an export; one that crashed begins again from its first row."""
    folder = folder_of(job.settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kwargs = job.kwargs
    # A name nobody can guess: the folder may be looked into by a web server one day.
    file = folder / f"{job.id}-{secrets.token_urlsafe(16)}.{kwargs['format']}"
    part = file.with_suffix(".part")
    try:
        with job.reading("screen") as act:
            sweep(folder, act.now)
            plan = _plan(act, kwargs)
            written = _write(job, act, plan, part)
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    with job.acting("screen") as act:
        note(act, plan, written)
    href = f"/exports/{job.id}"
    return {"href": href, "file": file.name, "rows": written.rows, "cut": written.cut}


def note(act: Act, plan: ExportPlan, written: Written) -> None:
    """Keep in the audit who took which rows out."""
    told = {
        "rows": written.rows,
        "format": plan.format,
        "columns": [*plan.codes, *(f"{plan.lines}.{code}" for code in plan.line_codes)],
        "request": request_json(plan.request),
    }
    audit.write(act, "export", f"{plan.form.app_code}.{plan.form.code}", None, told)


def folder_of(settings: Settings) -> Path:
    """Return where files wait to be fetched."""
    return settings.home / "exports"


def finished(act: Act, settings: Settings, job_id: int) -> tuple[Path, Mapping[str, Any]]:
    """Return the file of the actor's own export and what was asked; a day later it is gone."""
    row = queue.find(act.connection, job_id)
    is_theirs = row.created_by is not None and row.created_by == act.actor.user_id
    if row.name != TASK or row.state != "done" or not is_theirs:
        raise NotFound
    result: Any = row.result
    path = folder_of(settings) / str(result["file"])
    assert row.finished_at is not None, "what is done has an end"
    if act.now - row.finished_at > KEPT or not path.is_file():
        raise NotFound("export_gone")
    return path, row.kwargs


def sweep(folder: Path, now: datetime) -> int:
    """Remove what nobody has fetched for a day; return how many files that were."""
    oldest = (now - KEPT).timestamp()
    old = [path for path in folder.iterdir() if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _plan(act: Act, kwargs: Mapping[str, Any]) -> ExportPlan:
    form = Catalogue().form(act.connection, kwargs["app"], kwargs["form"])
    return plan_of(
        act,
        form,
        read_request(kwargs["request"]),
        file_format=kwargs["format"],
        locale=kwargs["locale"],
        statuses=kwargs["statuses"],
        status_heading=kwargs["status_heading"],
        lines=kwargs.get("lines", ""),
    )


def _write(job: Job, act: Act, plan: ExportPlan, part: Path) -> Written:
    total = int(job.kwargs["total"])

    def told(done: int) -> None:
        if done % STEP == 0:
            job.progress(done, max(done, total))

    with part.open("xb") as stream:
        return write_rows(act, plan, stream, told)
