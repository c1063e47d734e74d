"""What the engine says when something cannot happen now."""


class EventRefused(Exception):  # noqa: N818 - a refusal is not an error
    """The event cannot happen now; `code` names why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)
