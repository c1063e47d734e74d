"""`loop`: the steps inside are gone through once for each line, or for each record found."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_lines import Lines


class Loop(Lines):
    """One after the other, or all at once."""

    kind: Final = "loop"
    options: Final = step_options("loop")
    once: Final = False
