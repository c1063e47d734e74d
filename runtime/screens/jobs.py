"""The progress of a job, for the person who started it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response

from runtime.infra import queue
from runtime.infra.errors import NotFound
from runtime.infra.queue import JobRow
from runtime.screens.acting import reading
from runtime.screens.i18n import _, said
from runtime.screens.render import render
from runtime.screens.routes import permission


@dataclass(frozen=True)
class Progress:
    """A job as the page shows it."""

    id: int
    icon: str
    state_text: str
    text: str
    done: int
    total: int | None
    is_running: bool
    has_failed: bool
    href: str


@permission("signed_in")
def job(job_id: int) -> Response:
    """Show how far a job is; the region asks again each second until it is over."""
    with reading() as act:
        row = queue.find(act.connection, job_id)
        # Somebody else's job is not there, as any other record of theirs.
        if row.created_by != act.actor.user_id and not act.actor.is_admin:
            raise NotFound
        return render("jobs.html", "progress", title=_("任务进度"), job=_progress(row))


def _progress(row: JobRow) -> Progress:
    icons = {"queued": "clock", "running": "loader-2", "done": "circle-check"}
    words = {
        "queued": _("正在排队"),
        "running": _("正在处理"),
        "done": _("已完成"),
        "failed": _("没有成功"),
    }
    return Progress(
        id=row.id,
        icon=icons.get(row.state, "alert-triangle"),
        state_text=words[row.state],
        text=_error_text(row) if row.state == "failed" else row.text,
        done=row.done,
        total=row.total,
        is_running=not row.is_over,
        has_failed=row.state == "failed",
        href=_result_href(row),
    )


def _error_text(row: JobRow) -> str:
    error: Any = row.error or {}
    return said(error["code"], error.get("params")) if "code" in error else ""


def _result_href(row: JobRow) -> str:
    result: Any = row.result
    # What a task has made is an address of ours, or nothing.
    if row.state == "done" and isinstance(result, Mapping):
        href = str(result.get("href", ""))
        return href if href.startswith("/") and not href.startswith("//") else ""
    return ""
