"""The shared strings part, and the text of rich strings without their phonetic guides."""

import re
from typing import Final

from runtime.exchange import markup
from runtime.exchange.limits import Limits
from runtime.exchange.package import Package
from runtime.exchange.refusals import FileRefused

_SPELLED: Final = re.compile(r"_x(000D|000A|005F)_", re.IGNORECASE)
_MEANT: Final = {"000D": "\n", "000A": "\n", "005F": "_"}


class _Reader(markup.Elements):
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pieces: list[str] = []
        self._inside_text = False
        self._guides = 0
        self._length = 0
        self._total = 0
        self.strings: list[str] = []

        self.starts = {"t": self._start_text, "rPh": self._start_guide, "si": self._start_item}
        self.ends = {"t": self._end_text, "rPh": self._end_guide, "si": self._end_item}

    def _start_text(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        self._inside_text = self._guides == 0

    def _end_text(self) -> None:
        self._inside_text = False

    def _start_guide(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        self._guides += 1

    def _end_guide(self) -> None:
        self._guides -= 1

    def _start_item(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        self._pieces, self._length = [], 0

    def _end_item(self) -> None:
        self.strings.append(unescape("".join(self._pieces)))
        if len(self.strings) > self._limits.shared_strings:
            raise FileRefused("file_too_many_strings")

    def text(self, chars: str) -> None:
        if not self._inside_text:
            return
        self._length += len(chars)
        self._total += len(chars)
        if self._length > self._limits.cell_chars or self._total > self._limits.shared_chars:
            raise FileRefused("file_text_too_long", {"most": self._limits.cell_chars})
        self._pieces.append(chars)


def unescape(text: str) -> str:
    """Return text with Excel's spelling of characters resolved.

    `_x000D_` is a line end, `_x005F_x0041_` the text `_x0041_` itself, which is how such a text is
    kept from being read as the letter A. Any other spelling stays what it is.
    """
    if "_x" not in text:
        return text
    ended = text.replace("_x000D_\n", "\n")
    return _SPELLED.sub(lambda found: _MEANT[found[1].upper()], ended)


def read(package: Package, part: str | None, limits: Limits) -> list[str]:
    """Return all shared strings in the order cells refer to them."""
    if part is None:
        return []
    reader = _Reader(limits)
    markup.read(package.chunks(part), reader, limits, part)
    return reader.strings
