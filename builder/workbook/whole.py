"""A whole workbook at once: every table becomes a form with its rows, as the wizard would do it."""

import secrets
from pathlib import Path
from typing import Final

from builder.publish import publish
from builder.workbook.adopt import WorkbookForms
from runtime.catalogue import active_definition
from runtime.exchange import batches, cage, jobs, parts
from runtime.exchange.inspection import refused_json
from runtime.exchange.merging import merged
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.whole import Whole, proposed
from runtime.infra import files, queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.jobs import run_one
from runtime.infra.strict_json import Json
from runtime.platform import Platform

MAKER: Final = WorkbookForms()
EMPTY: Final = {"format": "dajian-app/1", "forms": []}


def adopt(platform: Platform, path: Path, app_code: str, locale: str = "zh") -> Json:
    """Make the forms and import the rows; say per table what came of it."""
    question = {"path": str(path.resolve()), "name": path.name, "locale": locale, "preview": True}
    try:
        seen = cage.ask(question)
    except (FileRefused, FileUnreadable) as error:
        refused = refused_json(path.name, error, locale)
        return {"file": path.name, "app": app_code, "tables": [], "refused": refused["refused"]}
    with platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, platform.clock(), secrets.token_hex(6))
        _ensure_app(act, app_code)
        with path.open("rb") as content:
            file = files.store(act, platform.settings, content, path.name)
        batch_id = batches.create(act, app_code, file.id, path.name, seen)
        whole, job_id = _begin(platform, act, batch_id)
    run_one(platform.database, platform.settings, {parts.TASK: jobs.import_all}, job_id)
    return {"file": path.name, "app": app_code, **_told(platform, batch_id, job_id, whole)}


def _ensure_app(act: Act, code: str) -> None:
    if active_definition(act.connection, code) is None:
        publish(act, {**EMPTY, "code": code, "label": code}, "adopt")


def _begin(platform: Platform, act: Act, batch_id: int) -> tuple[Whole, int]:
    batch = batches.find(act.connection, batch_id)
    inspection = merged(batch.inspection)
    plans = proposed(inspection, batch.file_name)
    app = platform.catalogue.app(act.connection, batch.app)
    whole = MAKER.draft_all(act, app, inspection, plans)
    rows = parts.count_parts(act, platform.settings, batch, whole)
    MAKER.publish_all(act, whole, f"adopt {batch.file_name}")
    return whole, parts.begin(act, batch, inspection, plans, whole, rows)


def _told(platform: Platform, batch_id: int, job_id: int, whole: Whole) -> Json:
    with platform.database.reading() as connection:
        batch = batches.find(connection, batch_id)
        found = [batches.find(connection, part) for part in batch.choices["parts"]]
        job = queue.find(connection, job_id)
    tables = []
    for part, one in zip(whole.parts, found, strict=True):
        outcome = {"created": 0, "skipped": 0, "failed": 0, "errors": [], **one.outcome}
        tables.append(
            {
                "sheet": part.key,
                "form": part.form.code,
                **{name: outcome[name] for name in ("created", "skipped", "failed")},
                "problems": outcome["errors"],
                "kept": [col for key, col in whole.kept if key == part.planned_as],
                "error": job.error,
            }
        )
    return {"tables": tables, "refused": None}
