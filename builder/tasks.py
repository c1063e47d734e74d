"""What can be done later, with the builder: the runtime's tasks and the adopting of workbooks."""

from collections.abc import Mapping
from typing import Final

from builder import test_runs
from builder.testing.gate import TASK
from runtime.infra.jobs import Task
from runtime.tasks import TASKS as RUNTIME_TASKS

TASKS: Final[Mapping[str, Task]] = {**RUNTIME_TASKS, TASK: test_runs.run}
