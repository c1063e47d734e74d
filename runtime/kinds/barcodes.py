"""What a barcode can say: characters, lengths, the check digit of an article number."""

from typing import Final

SYMBOLOGIES: Final = ("code128", "ean13", "qr")
LONGEST: Final = {"code128": 80, "qr": 500}
_EAN: Final = 13


def wrong(text: str, symbology: str) -> str:
    """Return the code of what is wrong with a text for a symbology, or nothing."""
    if symbology == "ean13":
        return "" if is_ean(text) else "barcode_ean"
    if symbology == "code128" and not (text.isascii() and text.isprintable()):
        return "barcode_ascii"
    return "" if text and len(text) <= LONGEST[symbology] else "barcode_too_long"


def is_ean(text: str) -> bool:
    """Say whether these are 13 digits of which the last one checks the others."""
    if not (text.isascii() and text.isdigit() and len(text) == _EAN):
        return False
    return text[-1] == ean_check_digit(text[:-1])


def ean_check_digit(twelve: str) -> str:
    """The digit that makes the weighted sum (1, 3, 1, 3 …) a multiple of ten."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-total % 10)
