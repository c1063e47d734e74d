"""What the package says of itself: the day it was last saved."""

from datetime import date, datetime
from typing import Final

from runtime.exchange import markup
from runtime.exchange.limits import Limits
from runtime.exchange.package import Package
from runtime.exchange.refusals import FileUnreadable

_PART: Final = "docProps/core.xml"
_LONGEST: Final = 40


class _Reader(markup.Elements):
    def __init__(self) -> None:
        self._inside = False
        self.text_found = ""
        self.starts = {"modified": self._start}
        self.ends = {"modified": self._end}

    def _start(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        self._inside = True

    def _end(self) -> None:
        self._inside = False

    def text(self, chars: str) -> None:
        if self._inside and len(self.text_found) < _LONGEST:
            self.text_found += chars


def modified(package: Package, limits: Limits) -> date | None:
    """The day of the last save; a part that cannot be read says nothing, nobody needs it."""
    if _PART not in package.parts:
        return None
    reader = _Reader()
    try:
        markup.read(package.chunks(_PART), reader, limits, _PART)
        return datetime.fromisoformat(reader.text_found.strip()[:19]).date()
    except (FileUnreadable, ValueError):
        return None
