"""Small secrets the server needs back in clear, kept so that the database alone does not tell them.

A secret is joined with a pad made of the server's key and a number used once, and carries a mark
that says with which key it was made; whoever copies the database has neither.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Final

from runtime.infra.settings import Settings

LONGEST: Final = 128
_MARK: Final = 32
_ONCE: Final = 16


def keys_of(settings: Settings) -> tuple[str, ...]:
    """Return the server's keys, the present one first."""
    earlier = (key for key in settings.secret_fallbacks.split(",") if key)
    return (settings.secret, *earlier)


def hide(secret: bytes, purpose: str, keys: tuple[str, ...]) -> str:
    """Return what may be stored; only the same purpose brings the secret back."""
    assert 0 < len(secret) <= LONGEST, "a short secret"
    once = secrets.token_bytes(_ONCE)
    covered = _joined(secret, _pad(keys[0], purpose, once, len(secret)))
    return b64encode(once + covered + _mark(keys[0], purpose, once + covered)).decode()


def reveal(stored: str, purpose: str, keys: tuple[str, ...]) -> bytes | None:
    """Return the secret, or None when it was made with a key that is gone, or tampered with."""
    raw = b64decode(stored)
    body, mark = raw[:-_MARK], raw[-_MARK:]
    once, covered = body[:_ONCE], body[_ONCE:]
    for key in keys:
        if hmac.compare_digest(mark, _mark(key, purpose, body)):
            return _joined(covered, _pad(key, purpose, once, len(covered)))
    return None


def _pad(key: str, purpose: str, once: bytes, length: int) -> bytes:
    """As many bytes as are to be covered: the first 32 by the number alone, then counted."""
    found = _derived(key, purpose, b"pad" + once)
    for block in range(1, -(-length // len(found))):
        found += _derived(key, purpose, b"pad" + once + bytes([block]))
    return found[:length]


def _mark(key: str, purpose: str, body: bytes) -> bytes:
    return _derived(key, purpose, b"mark" + body)


def _derived(key: str, purpose: str, data: bytes) -> bytes:
    own = hmac.digest(key.encode(), f"dajian {purpose}".encode(), sha256)
    return hmac.digest(own, data, sha256)


def _joined(secret: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(secret, pad, strict=True))
