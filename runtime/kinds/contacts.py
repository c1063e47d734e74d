"""What reaches or names a person: addresses, numbers, identities. Read once, kept in one spelling.

Each reader returns the text as it is kept, or None where it is no such thing.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

_EMAIL: Final = re.compile(
    r"([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9])",
    re.ASCII,
)
_LONGEST_EMAIL: Final = 254
_LONGEST_NAME: Final = 64

_SPACING: Final = re.compile(r"[\s()\-‐‑–—.]", re.ASCII)
_EXTENSION: Final = re.compile(r"(?:转|分机|ext\.?|x|#|[-,])\s*([0-9]{1,6})$", re.IGNORECASE)
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
# Three digits name the largest cities, four all others; numbers there have 7 or 8.
_LANDLINE: Final = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})([2-9][0-9]{6,7})", re.ASCII)
_SERVICE: Final = re.compile(r"([48]00)([0-9]{3})([0-9]{4})", re.ASCII)
_SHORT: Final = re.compile(r"1[0-2][0-9]{3}|9[56][0-9]{3,6}", re.ASCII)
_ABROAD: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_LONGEST_PHONE: Final = 40

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_ID_CARD: Final = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)

# Whether lists mask a number when the author does not say.
_MASKED: Final = {"id_card": True, "phone": False}

_LONGEST_URL: Final = 2000
_HOST: Final = re.compile(r"[^\s/?#@\\:.]+(?:\.[^\s/?#@\\:.]+)*\.?")


def read_email(text: str, _options: Mapping[str, Any]) -> str | None:
    """Read `zhang.san@example.com`; the part behind the @ is kept in small letters."""
    source = _plain(text)
    found = _EMAIL.fullmatch(source)
    if found is None or len(source) > _LONGEST_EMAIL or len(found[1]) > _LONGEST_NAME:
        return None
    return f"{found[1]}@{found[2].lower()}"


def read_phone(text: str, options: Mapping[str, Any]) -> str | None:
    """Read a number of mainland China, or one with its country (`+1 415 555 2671`).

    `number` in the options says which: `mobile` or `landline`; without it any will do.
    """
    source = _plain(text)
    if len(source) > _LONGEST_PHONE:
        return None
    wanted = options.get("number")
    for sort, found in (
        ("mobile", _mobile(source)),
        ("landline", _landline(source)),
        ("", _elsewhere(source)),
    ):
        if found is not None:
            return found if wanted in (None, sort) else None
    return None


def _mobile(source: str) -> str | None:
    digits = _at_home(_SPACING.sub("", source))
    return digits if _MOBILE.fullmatch(digits) else None


def _landline(source: str) -> str | None:
    """With its area, and perhaps an extension: 0571-88886666-801."""
    extension = ""
    for candidate in (
        source,
        source[: found.start()] if (found := _EXTENSION.search(source)) else "",
    ):
        if candidate != source and found:
            extension = f"-{found[1]}"
        digits = _at_home(_SPACING.sub("", candidate), area="0")
        line = _LANDLINE.fullmatch(digits)
        if line:
            return f"{line[1]}-{line[2]}{extension}"
    return None


def _elsewhere(source: str) -> str | None:
    digits = _SPACING.sub("", source)
    service = _SERVICE.fullmatch(digits)
    if service:
        return "-".join(service.groups())
    if _SHORT.fullmatch(digits):
        return digits
    abroad = f"+{digits[2:]}" if digits.startswith("00") else digits
    return abroad if _ABROAD.fullmatch(abroad) and not abroad.startswith("+86") else None


def _at_home(digits: str, area: str = "") -> str:
    """Without the country of China; the 0 of an area is left out behind it."""
    for country in ("+86", "0086"):
        if digits.startswith(country):
            rest = digits.removeprefix(country)
            return rest if rest.startswith("0") or not area else area + rest
    return digits


def read_url(text: str, _options: Mapping[str, Any]) -> str | None:
    """Read an address of the web; `www.example.com` gets its https.

    Nothing but http and https, and nobody's name before the host: that is how people are misled.
    """
    source = text.strip()
    if "://" not in source:
        source = f"https://{source}"
    if len(source) > _LONGEST_URL or any(sign.isspace() or sign in '<>"' for sign in source):
        return None
    try:
        parts = urlsplit(source)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    is_known = "." in host or ":" in host or host == "localhost"
    if not is_known or (":" not in host and not _HOST.fullmatch(host)):
        return None
    return source


def read_id_card(text: str, _options: Mapping[str, Any]) -> str | None:
    """Read the 18 signs of an identity card: its day of birth exists, its last sign checks."""
    source = _plain(text).upper().replace(" ", "")
    if not _ID_CARD.fullmatch(source):
        return None
    try:
        born = date(int(source[6:10]), int(source[10:12]), int(source[12:14]))
    except ValueError:
        return None
    total = sum(int(sign) * weight for sign, weight in zip(source, _WEIGHTS, strict=False))
    return source if born.year >= 1900 and _CHECKS[total % 11] == source[17] else None


def is_masked(kind: str, options: Mapping[str, Any]) -> bool:
    """Whether lists, and what is made of them, show only a part of the value."""
    return bool(options.get("mask", _MASKED.get(kind, False)))


def masked(text: str) -> str:
    """The beginning and the end of a number, for lists: 330106********1234, 138****8000."""
    if len(text) <= 6:
        return text
    first, last = (6, 4) if len(text) > 12 else (3, 4)
    return text[:first] + "*" * (len(text) - first - last) + text[-last:]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u200b", "").strip()
