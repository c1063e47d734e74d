"""`create`: a record of a form is made out of the document."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Create(Work):
    """It is made once in a run, however often the flow comes by."""

    kind: Final = "create"
    options: Final = step_options("create")
    once: Final = True
