"""Taking a whole workbook back: its rows, and the forms that were made for them."""

import copy
from typing import Any, Final

from sqlalchemy import func, select

from builder.checks import check_app
from builder.publish import publish
from runtime import documents
from runtime.catalogue import Catalogue, active_definition
from runtime.definitions import load_app
from runtime.exchange import batches, jobs
from runtime.exchange.batches import Batch
from runtime.infra.act import Act
from runtime.infra.errors import ValidationFailed
from runtime.infra.jobs import Job
from runtime.infra.strict_json import Json

TASK: Final = "workbook.undo"


def undo(job: Job) -> Json:
    """Take the rows back, the last table first, then every form that is empty and unused."""
    batch_id = int(job.kwargs["batch"])
    with job.reading("import") as act:
        batch = batches.find(act.connection, batch_id)
    counts = {"undone": 0, "kept": 0}
    for part in reversed(batch.choices["parts"]):
        found = jobs.undo_batch(job, int(part))
        counts = {name: counts[name] + found[name] for name in counts}
    with job.acting("import") as act:
        gone = _without_forms(act, batch, str(job.kwargs["reason"]))
        batches.change(act.connection, batch_id, state="undone")
    return {**counts, "forms": gone, "href": f"/imports/{batch.app}/{batch.id}/whole/run"}


def _without_forms(act: Act, batch: Batch, note: str) -> int:
    """Publish the app without the forms of an import, as far as nothing needs them."""
    found = active_definition(act.connection, batch.app)
    assert found is not None, "an app that was published stays"
    app = Catalogue().app(act.connection, batch.app)
    empty = [
        code for code in batch.choices["forms"] if code in app.forms and not _held(act, app, code)
    ]
    source = copy.deepcopy(found[0])
    source["forms"] = [form for form in source["forms"] if form["code"] not in empty]
    if not empty or not _is_whole(source):
        return 0
    for code in empty:
        # What lies in the bin would have no form to come back to.
        form = app.forms[code]
        documents.purge(act, form, [each.id for each in documents.deleted(act, form, limit=10**6)])
    publish(act, source, note, base_version=found[1])
    return len(empty)


def _held(act: Act, app: Any, code: str) -> int:
    table = app.forms[code].table
    return int(act.connection.execute(select(func.count()).select_from(table)).scalar_one())


def _is_whole(source: Json) -> bool:
    try:
        return not check_app(load_app(source))
    except ValidationFailed:
        return False
