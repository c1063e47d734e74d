"""The rows of an import as a job: chunk by chunk, each with its place in one transaction."""

import hashlib
import json
import time
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from runtime.catalogue import Catalogue
from runtime.compile import App
from runtime.exchange import batches, cage
from runtime.exchange.adoption import Choices, ImportPlan, plan_of, read_choices
from runtime.exchange.batches import Batch
from runtime.exchange.importing import Outcome, import_chunk
from runtime.exchange.spool import read_rows
from runtime.infra import audit, files, queue
from runtime.infra.errors import NotFound
from runtime.infra.jobs import Job
from runtime.infra.settings import Settings
from runtime.infra.strict_json import Json

FIRST_CHUNK: Final = 20
MOST_ROWS: Final = 500
CHUNK_SECONDS: Final = 0.2
PAUSE_SECONDS: Final = 0.02


def import_rows(job: Job) -> Json:
    """Import the rows of a batch; begun again after a crash, it goes on where it was."""
    batch_id = int(job.kwargs["batch"])
    with job.reading("import") as act:
        batch = batches.find(act.connection, batch_id)
        choices = read_choices(batch.choices)
        apps = Catalogue()
        app = apps.app(act.connection, batch.app)
        plan = plan_of(batch.id, choices, app.forms[choices.form], batch.choices["fields"])
        spool = spooled(act.connection, job.settings, batch, choices)
    total = int(batch.choices["rows"])
    outcome = Outcome(**batch.outcome)
    rows = islice(read_rows(spool), outcome.done, None)
    size = FIRST_CHUNK
    while chunk := list(islice(rows, size)):
        begun = time.monotonic()
        with job.acting("import") as act:
            plan = _plan_now(apps.app(act.connection, batch.app), plan, batch, choices)
            import_chunk(act, plan, chunk, outcome)
            batches.change(act.connection, batch.id, outcome=asdict(outcome))
            queue.progress(act.connection, job.row, outcome.done, total, "")
        size = _next_size(size, time.monotonic() - begun)
        # Other writers wait for this one on SQLite; the pause lets them in.
        time.sleep(PAUSE_SECONDS)
    return _finished(job, plan, batch, outcome, spool)


def _plan_now(app: App, plan: ImportPlan, batch: Batch, choices: Choices) -> ImportPlan:
    """The plan for the version that runs now: the app may be published between two chunks."""
    if app.version == plan.form.version:
        return plan
    if choices.form not in app.forms:
        raise NotFound("form_not_found", {"form": choices.form})
    return plan_of(batch.id, choices, app.forms[choices.form], batch.choices["fields"])


def _next_size(size: int, seconds: float) -> int:
    """Rows per transaction: as many as keep the write lock for about a fifth of a second."""
    if seconds > 2 * CHUNK_SECONDS:
        return max(size // 2, 1)
    return min(size * 2, MOST_ROWS) if seconds < CHUNK_SECONDS / 2 else size


def _finished(job: Job, plan: ImportPlan, batch: Batch, outcome: Outcome, spool: Path) -> Json:
    counts = {"created": outcome.created, "skipped": outcome.skipped, "errors": outcome.failed}
    with job.acting("import") as act:
        batches.change(act.connection, batch.id, state="done")
        audit.write(act, "import", f"{batch.app}.{plan.form.code}", None, counts)
    spool.unlink(missing_ok=True)
    return {**counts, "href": f"/imports/{batch.app}/{batch.id}"}


def spooled(connection: Connection, settings: Settings, batch: Batch, choices: Choices) -> Path:
    """Return the table's rows as plain JSON lines, read by a caged child unless they are there."""
    folder = settings.home / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    read_as = json.dumps([choices.sheet, dict(choices.header_rows)], sort_keys=True)
    spool = folder / f"{batch.id}-{hashlib.sha256(read_as.encode()).hexdigest()[:16]}.jsonl"
    if not spool.is_file():
        # A child that dies half-way must leave nothing that looks complete.
        part = spool.with_suffix(".part")
        asked = {"sheet": choices.sheet, "file": str(part)}
        look(connection, settings, batch.file_id, choices.header_rows, rows=asked)
        part.rename(spool)
    return spool


def look(
    connection: Connection,
    settings: Settings,
    file_id: int,
    header_rows: Any,
    **wanted: Any,
) -> dict[str, Any]:
    """Let a caged child look at a stored upload."""
    file = files.find(connection, file_id)
    question = {
        "path": str(files.path_of(settings, file.key).resolve()),
        "name": file.name,
        "header_rows": dict(header_rows),
        **wanted,
    }
    return cage.ask(question)
