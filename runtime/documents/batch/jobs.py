"""Large batches as jobs."""

from runtime.catalogue import Catalogue
from runtime.documents.batch import run, store
from runtime.infra.jobs import Job
from runtime.infra.strict_json import Json


def carry_out(job: Job) -> Json:
    """Carry out the batch a job is about; begun again after a crash, it goes on where it was."""
    batch_id = int(job.kwargs["batch"])
    apps = Catalogue()
    with job.reading("screen") as act:
        batch = store.find(act.connection, batch_id)
        left = store.counts(act.connection, batch_id)["waiting"]
    before = batch.total - left
    run.run(
        batch_id,
        lambda: job.acting("screen"),
        lambda act: apps.form(act.connection, batch.app, batch.form),
        lambda done: job.progress(before + done, batch.total),
    )
    return {"href": f"/a/{batch.app}/{batch.form}/batches/{batch_id}"}
