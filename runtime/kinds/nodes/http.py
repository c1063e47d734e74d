"""`http`: another system is called."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Http(Work):
    """The call is made after the commit; the flow waits for its answer or goes on."""

    kind: Final = "http"
    options: Final = step_options("http")
    once: Final = True
