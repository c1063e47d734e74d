"""`post`: the document is posted to the books now, not at the end."""

from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_work import Work


class Post(Work):
    """It is posted once, and what the kernel refuses is refused."""

    kind: Final = "post"
    options: Final = step_options("post")
    once: Final = True
