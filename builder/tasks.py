"""What can be done later, with the builder: the runtime's tasks and the adopting of workbooks."""

from collections.abc import Mapping
from typing import Final

from builder import test_runs
from builder.testing.gate import TASK
from runtime.infra.jobs import Job, Task
from runtime.infra.strict_json import Json
from runtime.tasks import TASKS as RUNTIME_TASKS


def _undo_workbook(job: Job) -> Json:
    from builder.workbook.undoing import undo  # noqa: PLC0415 - the whole write path

    return undo(job)


TASKS: Final[Mapping[str, Task]] = {
    **RUNTIME_TASKS,
    TASK: test_runs.run,
    "workbook.undo": _undo_workbook,
}
