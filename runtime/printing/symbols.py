"""Barcodes and QR codes as modules: the one home of the libraries that know the symbologies."""

from typing import Final

import segno
from barcode import get_barcode_class  # type: ignore[import-untyped]

QUIET: Final[dict[str, int]] = {"qr": 4, "code128": 10, "ean13": 11}
BAR_HEIGHT: Final = 40


def modules(text: str, symbology: str) -> list[str]:
    """The modules of a symbol, row by row: `1` is dark. A barcode has one row."""
    if symbology == "qr":
        code = segno.make_qr(text, error="m")
        return ["".join("1" if module else "0" for module in row) for row in code.matrix]
    bars: list[str] = get_barcode_class(symbology)(_given(text, symbology)).build()
    return [bar.replace("G", "1") for bar in bars]


def _given(text: str, symbology: str) -> str:
    return text[:-1] if symbology == "ean13" else text
