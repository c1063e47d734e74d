"""The styles part: for every cell style its number format and what it looks like."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from runtime.exchange import formats, markup
from runtime.exchange.formats import Format
from runtime.exchange.limits import Limits
from runtime.exchange.package import Package
from runtime.exchange.refusals import FileRefused


@dataclass(frozen=True)
class Style:
    """One cell style: how its number reads, and whether it stands out."""

    format: Format
    bold: bool = False
    filled: bool = False


PLAIN: Final = Style(formats.GENERAL)


class _Reader(markup.Elements):
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._block = ""
        self.codes: dict[int, str] = {}
        self.bold_fonts: list[bool] = []
        self.fills: list[bool] = []
        self.styles: list[tuple[int, int, int]] = []
        blocks = ("numFmts", "fonts", "fills", "cellXfs")
        # The same elements stand in cellStyleXfs and dxfs, where they mean something else.
        self.starts = {
            **{block: partial(self._enter, block) for block in blocks},
            "numFmt": self._format,
            "font": self._font,
            "b": self._bold,
            "fill": self._fill,
            "patternFill": self._pattern,
            "xf": self._style,
        }
        self.ends = dict.fromkeys(blocks, self._leave)

    def _enter(self, block: str, attributes: markup.Attributes) -> None:  # noqa: ARG002
        self._block = block

    def _leave(self) -> None:
        self._block = ""

    def _font(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        if self._block == "fonts":
            self._one_more(self.bold_fonts)

    def _bold(self, attributes: markup.Attributes) -> None:
        if self._block == "fonts" and self.bold_fonts:
            self.bold_fonts[-1] = attributes.get("val", "1") not in {"0", "false"}

    def _fill(self, attributes: markup.Attributes) -> None:  # noqa: ARG002
        if self._block == "fills":
            self._one_more(self.fills)

    def _pattern(self, attributes: markup.Attributes) -> None:
        if self._block == "fills" and self.fills:
            self.fills[-1] = attributes.get("patternType", "none") not in {"none", "gray125"}

    def _one_more(self, flags: list[bool]) -> None:
        if len(flags) >= self._limits.cell_formats:
            raise FileRefused("file_too_many_styles")
        flags.append(False)

    def _format(self, attributes: markup.Attributes) -> None:
        if self._block != "numFmts":
            return
        code = attributes.get("formatCode", "")
        if len(code) > self._limits.format_chars:
            raise FileRefused("file_number_format")
        self.codes[_number(attributes.get("numFmtId"))] = code

    def _style(self, attributes: markup.Attributes) -> None:
        if self._block != "cellXfs":
            return
        if len(self.styles) >= self._limits.cell_formats:
            raise FileRefused("file_too_many_styles")
        keys = ("numFmtId", "fontId", "fillId")
        number, font, fill = (_number(attributes.get(key)) for key in keys)
        self.styles.append((number, font, fill))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def read(package: Package, part: str | None, limits: Limits) -> tuple[Style, ...]:
    """Return the cell styles in the order cells refer to them."""
    if part is None:
        return (PLAIN,)
    reader = _Reader(limits)
    markup.read(package.chunks(part), reader, limits, part)
    known: dict[int, Format] = {}
    return tuple(_style(reader, known, *xf) for xf in reader.styles) or (PLAIN,)


def _style(reader: _Reader, known: dict[int, Format], number: int, font: int, fill: int) -> Style:
    if number not in known:
        code = reader.codes.get(number)
        built_in = formats.BUILT_IN.get(number, formats.GENERAL)
        known[number] = formats.understand(code) if code is not None else built_in
    bold = font < len(reader.bold_fonts) and reader.bold_fonts[font]
    filled = fill < len(reader.fills) and reader.fills[fill]
    return Style(known[number], bold=bold, filled=filled)
