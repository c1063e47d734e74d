"""Pictures for paper: symbols drawn dot by dot, and uploads whose size is read from their head."""

import struct
import zlib
from typing import Final

from runtime.kinds.barcodes import SYMBOLOGIES, wrong
from runtime.printing.given import Picture
from runtime.printing.symbols import BAR_HEIGHT, QUIET, modules

PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
# Dots of a module: enough for a printer to keep edges sharp.
_DOTS: Final = {"qr": 6, "code128": 2, "ean13": 2}
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)}) - {0xC4, 0xC8, 0xCC}
_LARGEST: Final = 20_000


def symbol(text: str, symbology: str) -> Picture | None:
    """Draw a text as a barcode or QR code; what the symbology cannot say has no picture."""
    if symbology not in SYMBOLOGIES or not text or wrong(text, symbology):
        return None
    rows, quiet, dots = modules(text, symbology), QUIET[symbology], _DOTS[symbology]
    margin = "0" * quiet
    wide = [f"{margin}{row}{margin}" for row in rows]
    if symbology == "qr":
        blank = ["0" * len(wide[0])] * quiet
        wide = [*blank, *wide, *blank]
    else:
        wide = wide * BAR_HEIGHT
    lines = ["".join(bit * dots for bit in row) for row in wide for _ in range(dots)]
    return Picture(_png(lines), PNG, len(lines[0]), len(lines))


def upload(content: bytes) -> Picture | None:
    """An uploaded picture that both formats can show, or None."""
    if content.startswith(_SIGNATURE) and content[12:16] == b"IHDR":
        width, height = struct.unpack(">II", content[16:24])
        return _sized(content, PNG, width, height)
    if content.startswith(b"\xff\xd8"):
        size = _jpeg_size(content)
        return None if size is None else _sized(content, JPEG, *size)
    return None


def _sized(content: bytes, media_type: str, width: int, height: int) -> Picture | None:
    if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
        return None
    return Picture(content, media_type, width, height)


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _png(lines: list[str]) -> bytes:
    """A picture of black and white dots: `1` is black."""
    width = len(lines[0])
    packed = bytearray()
    for line in lines:
        bits = line.translate(_INVERTED).ljust(-(-width // 8) * 8, "1")
        packed += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    head = struct.pack(">IIBBBBB", width, len(lines), 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(packed), 9)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


_INVERTED: Final = str.maketrans("01", "10")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
