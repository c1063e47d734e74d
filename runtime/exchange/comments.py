"""What people wrote beside cells: comments, of which those at a header explain the column."""

from runtime.exchange import cells, markup
from runtime.exchange.limits import Limits
from runtime.exchange.package import Package
from runtime.exchange.refusals import FileRefused

Comments = dict[tuple[int, int], str]


class _Reader(markup.Elements):
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._reference = ""
        self._inside = False
        self._pieces: list[str] = []
        self.found: Comments = {}
        self.starts = {"comment": self._start, "t": self._start_text}
        self.ends = {"comment": self._end, "t": self._end_text}

    def _start(self, attributes: markup.Attributes) -> None:
        self._reference, self._pieces = attributes.get("ref", ""), []

    def _start_text(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        self._inside = True

    def _end_text(self) -> None:
        self._inside = False

    def text(self, chars: str) -> None:
        if self._inside and len(self._pieces) < self._limits.notes:
            self._pieces.append(chars[: self._limits.format_chars])

    def _end(self) -> None:
        text = "".join(self._pieces).strip()
        if text and len(self.found) < self._limits.merges:
            self.found[cells.split_reference(self._reference)] = text[: self._limits.format_chars]


def read(package: Package, part: str, limits: Limits) -> Comments:
    """The comments of a sheet by row and column; a part with nonsense in it has none."""
    reader = _Reader(limits)
    try:
        markup.read(package.chunks(part), reader, limits, part)
    except FileRefused:
        return {}
    return reader.found
