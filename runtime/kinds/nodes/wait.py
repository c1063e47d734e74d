"""`wait`: the flow rests for a time, until a date, or until something is true."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Wait(Work):
    """The clock asks again; what is over is over, however late it is noticed."""

    kind: Final = "wait"
    options: Final = step_options("wait")
    once: Final = False
