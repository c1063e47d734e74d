"""The styles part: for every cell style its number format and what it looks like."""

from dataclasses import dataclass
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
        self._inside: list[str] = []
        self.codes: dict[int, str] = {}
        self.bold_fonts: list[bool] = []
        self.fills: list[bool] = []
        self.styles: list[tuple[int, int, int]] = []

    def start(self, name: str, attributes: markup.Attributes) -> None:
        self._inside.append(name)
        place = self._inside[-2] if len(self._inside) > 1 else ""
        if name == "numFmt" and place == "numFmts":
            self._format(attributes)
        elif name == "font" and place == "fonts":
            self.bold_fonts.append(False)
        elif name == "b" and place == "font" and self.bold_fonts:
            self.bold_fonts[-1] = attributes.get("val", "1") not in {"0", "false"}
        elif name == "fill" and place == "fills":
            self.fills.append(False)
        elif name == "patternFill" and place == "fill" and self.fills:
            self.fills[-1] = attributes.get("patternType", "none") not in {"none", "gray125"}
        elif name == "xf" and place == "cellXfs":
            self._style(attributes)
        if len(self.codes) + len(self.bold_fonts) + len(self.fills) > self._limits.cell_formats:
            raise FileRefused("file_too_many_styles")

    def end(self, name: str) -> None:
        assert self._inside[-1] == name
        self._inside.pop()

    def _format(self, attributes: markup.Attributes) -> None:
        code = attributes.get("formatCode", "")
        if len(code) > self._limits.format_chars:
            raise FileRefused("file_number_format")
        self.codes[_number(attributes.get("numFmtId"))] = code

    def _style(self, attributes: markup.Attributes) -> None:
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
