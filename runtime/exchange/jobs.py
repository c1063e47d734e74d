"""The rows of an import as a job: chunk by chunk, each with its place in one transaction."""

import gc
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from runtime.catalogue import Catalogue
from runtime.compile import App
from runtime.exchange import batches, cage, imported
from runtime.exchange.adoption import Choices, ImportPlan, plan_of, read_choices
from runtime.exchange.batches import Batch
from runtime.exchange.entries import entries
from runtime.exchange.importing import Outcome, import_chunk
from runtime.exchange.pictures_in import Pictures
from runtime.exchange.spool import read_rows
from runtime.exchange.undoing import undo_chunk
from runtime.infra import audit, files, queue
from runtime.infra.act import Act
from runtime.infra.db import Database
from runtime.infra.errors import Conflict, NotFound
from runtime.infra.jobs import Job
from runtime.infra.settings import Settings
from runtime.infra.strict_json import Json

FIRST_CHUNK: Final = 20
MOST_ROWS: Final = 2_000
# Fewer would cost more for beginning and ending than for the rows.
FEWEST_ROWS: Final = 10
CHUNK_SECONDS: Final = 0.2
PAUSE_SECONDS: Final = 0.02


def import_rows(job: Job) -> Json:
    """Import the rows of a batch; begun again after a crash, it goes on where it was."""
    return _import(job, int(job.kwargs["batch"]), 0, None)


def import_all(job: Job) -> Json:
    """Import the tables of a workbook, those first that others refer to."""
    batch_id = int(job.kwargs["batch"])
    with job.reading("import") as act:
        batch = batches.find(act.connection, batch_id)
        parts = [batches.find(act.connection, part) for part in batch.choices["parts"]]
    total, before = sum(int(part.choices["rows"]) for part in parts), 0
    for part in parts:
        _import(job, part.id, before, total)
        before += int(part.choices["rows"])
    with job.acting("import") as act:
        batches.change(act.connection, batch.id, state="done")
    return {"href": f"/imports/{batch.app}/{batch.id}/whole/run"}


def _import(job: Job, batch_id: int, before: int, of: int | None) -> Json:
    with job.reading("import") as act:
        batch = batches.find(act.connection, batch_id)
        choices = read_choices(batch.choices)
        apps = Catalogue()
        app = apps.app(act.connection, batch.app)
        plan = plan_of(batch.id, choices, app.forms[choices.form], batch.choices["fields"])
        spool = spooled(act.connection, job.settings, batch, choices)
    total = int(batch.choices["rows"]) if of is None else of
    outcome = Outcome(**batch.outcome)
    if batch.state == "done":
        return {"href": f"/imports/{batch.app}/{batch.id}"}
    with job.reading("import") as act:
        pictures = pictures_of(act.connection, job.settings, batch, plan)
    rows = entries(plan, islice(read_rows(spool), outcome.done, None))
    size = FIRST_CHUNK
    with pictures:
        chunk = list(islice(rows, size))
        while chunk:
            begun = time.monotonic()
            with uncollected():
                with job.acting("import") as act:
                    _require_turn(act, batch, outcome.done)
                    plan = _plan_now(apps.app(act.connection, batch.app), plan, batch, choices)
                    import_chunk(act, plan, chunk, outcome, pictures)
                    batches.change(act.connection, batch.id, outcome=asdict(outcome))
                    queue.progress(act.connection, job.row, before + outcome.done, total, "")
                ended = time.monotonic()
                size = _next_size(size, ended - begun)
                chunk = list(islice(rows, size))
            _let_others_in(job.database, ended)
    return _finished(job, plan, batch, outcome, spool)


@contextmanager
def uncollected() -> Iterator[None]:
    """Let nobody look for circles among values: a chunk makes many and none goes in a circle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def undo_import(job: Job) -> Json:
    """Take an import back, the last record first; begun again, it goes on with what is left."""
    return undo_batch(job, int(job.kwargs["batch"]))


def undo_batch(job: Job, batch_id: int) -> Json:
    """Take one import back, as a job of its own or as part of one."""
    reason, apps = str(job.kwargs["reason"]), Catalogue()
    with job.reading("import") as act:
        batch = batches.find(act.connection, batch_id)
        states = imported.count(act.connection, batch_id)
    before = states.get("undone", 0) + states.get("kept", 0)
    total = before + states.get("created", 0) + states.get("updated", 0)
    done, size = before, FIRST_CHUNK
    while True:
        begun = time.monotonic()
        with job.acting("import") as act:
            app = apps.app(act.connection, batch.app)
            count = undo_chunk(act, app, batch_id, reason, size=size)
            done += count
            queue.progress(act.connection, job.row, done, total, "")
            if count < size:
                return _taken_back(act, batch)
        ended = time.monotonic()
        size = _next_size(size, ended - begun)
        _let_others_in(job.database, ended)


def _taken_back(act: Act, batch: Batch) -> Json:
    states = imported.count(act.connection, batch.id)
    counts = {state: states.get(state, 0) for state in ("undone", "kept")}
    batches.change(act.connection, batch.id, state="undone")
    audit.write(act, "undo_import", f"{batch.app}.{batch.choices['form']}", None, counts)
    return {**counts, "href": f"/imports/{batch.app}/{batch.id}"}


def _require_turn(act: Act, batch: Batch, done: int) -> None:
    """Two workers, one of them thought dead, never take the same rows."""
    if batches.lock(act.connection, batch.id).outcome.get("done", 0) != done:
        raise Conflict("import_elsewhere")


def _plan_now(app: App, plan: ImportPlan, batch: Batch, choices: Choices) -> ImportPlan:
    """The plan for the version that runs now: the app may be published between two chunks."""
    if app.version == plan.form.version:
        return plan
    if choices.form not in app.forms:
        raise NotFound("form_not_found", {"form": choices.form})
    return plan_of(batch.id, choices, app.forms[choices.form], batch.choices["fields"])


def _let_others_in(database: Database, since: float) -> None:
    """On SQLite all writers wait for this one; elsewhere nobody does.

    What has been done since the commit was done without the lock, so it is part of the pause.
    """
    if database.kind == "sqlite":
        time.sleep(max(PAUSE_SECONDS - (time.monotonic() - since), 0))


def _next_size(size: int, seconds: float) -> int:
    """Rows per transaction: as many as keep the write lock for about a fifth of a second."""
    wanted = int(size * CHUNK_SECONDS / max(seconds, 0.001))
    return max(size // 2, FEWEST_ROWS, min(wanted, size * 2, MOST_ROWS))


def _finished(job: Job, plan: ImportPlan, batch: Batch, outcome: Outcome, spool: Path) -> Json:
    counts = {
        "created": outcome.created,
        "updated": outcome.updated,
        "kept": outcome.kept,
        "skipped": outcome.skipped,
        "errors": outcome.failed,
    }
    with job.acting("import") as act:
        batches.change(act.connection, batch.id, state="done")
        audit.write(act, "import", f"{batch.app}.{plan.form.code}", None, counts)
    spool.unlink(missing_ok=True)
    return {**counts, "href": f"/imports/{batch.app}/{batch.id}"}


def spooled(connection: Connection, settings: Settings, batch: Batch, choices: Choices) -> Path:
    """Return the table's rows as plain JSON lines, read by a caged child unless they are there."""
    return spooled_all(connection, settings, batch, [choices])[0]


def spooled_all(
    connection: Connection, settings: Settings, batch: Batch, several: Sequence[Choices]
) -> list[Path]:
    """Return the rows of several tables; one child reads the file once for all that lack."""
    spools = [_spool(settings, batch, choices) for choices in several]
    # A child that dies half-way must leave nothing that looks complete.
    lacking = {
        spool: {
            "sheet": choices.sheet,
            "file": str(spool.with_suffix(".part")),
            "corrections": {**choices.corrections, "header_rows": dict(choices.header_rows)},
        }
        for spool, choices in zip(spools, several, strict=True)
        if not spool.is_file()
    }
    if lacking:
        look(connection, settings, batch.file_id, {}, rows=list(lacking.values()))
    for spool in lacking:
        spool.with_suffix(".part").rename(spool)
    return spools


def pictures_of(
    connection: Connection, settings: Settings, batch: Batch, plan: ImportPlan
) -> Pictures:
    """Return the pictures of the workbook, where a field takes some: read out by a caged child.

    Not in the transaction that writes records: a large workbook takes seconds.
    """
    found = Pictures(settings)
    if plan.takes_files:

        def extract(folder: Path) -> Json:
            told = look(connection, settings, batch.file_id, {}, pictures=str(folder.resolve()))
            return dict(told["pictures"])

        found.read_out(extract)
    return found


def _spool(settings: Settings, batch: Batch, choices: Choices) -> Path:
    folder = settings.home / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = [choices.sheet, dict(choices.header_rows), dict(choices.corrections)]
    read_as = json.dumps(told, sort_keys=True)
    return folder / f"{batch.file_id}-{hashlib.sha256(read_as.encode()).hexdigest()[:16]}.jsonl"


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
