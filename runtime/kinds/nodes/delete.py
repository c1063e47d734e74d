"""`delete`: records found or made before go into the bin."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Delete(Work):
    """What something else points to stays, and the run is refused."""

    kind: Final = "delete"
    options: Final = step_options("delete")
    once: Final = True
