"""`update`: values are written into the document, or into records found or made before."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Update(Work):
    """The one write path checks them."""

    kind: Final = "update"
    options: Final = step_options("update")
    once: Final = False
