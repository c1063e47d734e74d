"""`calculate`: values of the document are worked out and written."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Calculate(Work):
    """The one write path checks them."""

    kind: Final = "calculate"
    options: Final = step_options("calculate")
    once: Final = False
