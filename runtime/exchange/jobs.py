"""The rows of an import as a job: chunk by chunk, each with its place in one transaction."""

from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from runtime.catalogue import Catalogue
from runtime.exchange import batches, cage
from runtime.exchange.adoption import Choices, ImportPlan, plan_of, read_choices
from runtime.exchange.batches import Batch
from runtime.exchange.importing import Outcome, import_chunk
from runtime.exchange.spool import read_rows
from runtime.infra import audit, files
from runtime.infra.jobs import Job
from runtime.infra.settings import Settings
from runtime.infra.strict_json import Json

CHUNK: Final = 100


def import_rows(job: Job) -> Json:
    """Import the rows of a batch; begun again after a crash, it goes on where it was."""
    batch_id = int(job.kwargs["batch"])
    with job.reading("import") as act:
        batch = batches.find(act.connection, batch_id)
        choices = read_choices(batch.choices)
        app = Catalogue().app(act.connection, batch.app)
        plan = plan_of(batch.id, choices, app.forms[choices.form], batch.choices["fields"])
        spool = spooled(act.connection, job.settings, batch, choices)
    total = int(batch.choices["rows"])
    outcome = Outcome(**batch.outcome)
    rows = islice(read_rows(spool), outcome.done, None)
    job.progress(outcome.done, total)
    while chunk := list(islice(rows, CHUNK)):
        with job.acting("import") as act:
            import_chunk(act, plan, chunk, outcome)
            batches.change(act.connection, batch.id, outcome=asdict(outcome))
        job.progress(outcome.done, total)
    return _finished(job, plan, batch, outcome, spool)


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
    spool = folder / f"{batch.id}.jsonl"
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
