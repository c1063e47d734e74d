"""Codes that change every thirty seconds (RFC 6238), as every authenticator app makes them."""

import hmac
import secrets
from base64 import b32encode
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

SECRET_BYTES: Final = 20
SECONDS: Final = 30
DIGITS: Final = 6
# A clock may be a step off on either side.
DRIFT: Final = 1


def new_secret() -> bytes:
    """Return a secret for one person."""
    return secrets.token_bytes(SECRET_BYTES)


def spelled(secret: bytes) -> str:
    """Return a secret as it is typed into an app by hand."""
    return b32encode(secret).decode().rstrip("=")


def step_of(now: datetime) -> int:
    """Return the number of the half minute."""
    return int(now.timestamp()) // SECONDS


def code(secret: bytes, step: int) -> str:
    """Return the code of a half minute."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def steps_of(secret: bytes, typed: str, now: datetime) -> Iterator[int]:
    """Yield the half minutes of about now whose code this is."""
    if not typed.isascii():
        return
    present = step_of(now)
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(code(secret, step), typed):
            yield step


def address(secret: bytes, name: str, issuer: str) -> str:
    """Return what the QR code says."""
    query = urlencode({"secret": spelled(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(name)}?{query}"
