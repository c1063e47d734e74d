"""`convert`: the next document is made out of this one."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Convert(Work):
    """A conversion of the app says what is taken along."""

    kind: Final = "convert"
    options: Final = step_options("convert")
    once: Final = True
