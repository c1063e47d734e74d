"""`find`: records of a form are looked for, by what stands in the document."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Find(Work):
    """Steps after it name what was found."""

    kind: Final = "find"
    options: Final = step_options("find")
    once: Final = False
