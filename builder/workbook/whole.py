"""A whole workbook at once: every table becomes a form with its rows, as the wizard would do it."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from builder.publish import publish
from builder.workbook.adopt import WorkbookForms
from runtime.catalogue import active_definition
from runtime.exchange import batches, cage, jobs
from runtime.exchange.adoption import NEW, Choices, ColumnChoice, choices_json, kind_of
from runtime.exchange.inspection import refused_json
from runtime.exchange.names import clean
from runtime.exchange.refusals import FileRefused, FileUnreadable
from runtime.exchange.spool import count_rows
from runtime.infra import files, queue
from runtime.infra.act import SYSTEM, Act
from runtime.infra.jobs import run_one
from runtime.infra.strict_json import Json
from runtime.platform import Platform

TASK: Final = "exchange.import_rows"
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
    tables = [table for table in seen["inspection"]["tables"] if table["n_rows"]]
    with platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, platform.clock(), secrets.token_hex(6))
        _ensure_app(act, app_code)
        with path.open("rb") as content:
            file = files.store(act, platform.settings, content, path.name)
    done = [_adopt_table(platform, app_code, file.id, path.name, seen, table) for table in tables]
    return {"file": path.name, "app": app_code, "tables": done, "refused": None}


def _ensure_app(act: Act, code: str) -> None:
    if active_definition(act.connection, code) is None:
        publish(act, {**EMPTY, "code": code, "label": code}, "adopt")


def _adopt_table(
    platform: Platform,
    app_code: str,
    file_id: int,
    name: str,
    seen: Mapping[str, Any],
    table: Mapping[str, Any],
) -> Json:
    columns = tuple(
        ColumnChoice(str(c["col"]), NEW, str(c["name"]), kind_of(c)) for c in table["columns"]
    )
    sheet = str(table["sheet"])
    choices = Choices(sheet, {}, "", clean(sheet)[:60] or name, columns)
    with platform.database.transaction() as connection:
        act = Act(connection, SYSTEM, platform.clock(), secrets.token_hex(6))
        batch_id = batches.create(act, app_code, file_id, name, seen)
        batch = batches.find(connection, batch_id)
        spool = jobs.spooled(connection, platform.settings, batch, choices)
        app = platform.catalogue.app(connection, app_code)
        draft = MAKER.draft(act, app, dict(table), choices)
        MAKER.publish(act, draft, f"adopt {name}")
        job_id = queue.enqueue(act, TASK, {"batch": batch_id})
        decided = choices_json(replace(choices, form=draft.form.code))
        kept = {**decided, "fields": dict(draft.fields), "rows": count_rows(spool)}
        batches.change(connection, batch_id, choices=kept, state="running", job_id=job_id)
    run_one(platform.database, platform.settings, {TASK: jobs.import_rows}, job_id)
    return _outcome(platform, sheet, draft.form.code, batch_id, job_id)


def _outcome(platform: Platform, sheet: str, form: str, batch_id: int, job_id: int) -> Json:
    with platform.database.reading() as connection:
        outcome = {"created": 0, "skipped": 0, "failed": 0, "errors": []}
        outcome |= batches.find(connection, batch_id).outcome
        job = queue.find(connection, job_id)
    counts = {name: outcome[name] for name in ("created", "skipped", "failed")}
    return {
        "sheet": sheet,
        "form": form,
        **counts,
        "problems": outcome["errors"],
        "error": job.error,
    }
