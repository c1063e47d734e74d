"""`notify`: people, or a robot, are told something."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Notify(Work):
    """It is sent after the commit, once in a run."""

    kind: Final = "notify"
    options: Final = step_options("notify")
    once: Final = True
