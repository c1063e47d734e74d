"""Signatures as Standard Webhooks has them: receivers check them with a library of any language."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator

from runtime.infra.settings import Settings

PREFIX = "whsec_"


def new_salt() -> str:
    """Return what makes the secret of one webhook its own."""
    return secrets.token_hex(16)


def print_of(key: str) -> str:
    """Return by what a server's key is known again, without telling it."""
    return hashlib.sha256(b"webhook key " + key.encode()).hexdigest()[:16]


def key_of(settings: Settings, key_print: str) -> str | None:
    """Return the server's key, or the earlier one, that a webhook was made with."""
    return next((key for key in _keys(settings) if print_of(key) == key_print), None)


def secret(key: str, salt: str) -> str:
    """Return the secret of a webhook: it follows from the key and is kept nowhere."""
    made = hmac.digest(key.encode(), b"webhook " + salt.encode(), "sha256")
    return PREFIX + base64.b64encode(made).decode()


def signature(shared: str, delivery: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a delivery: what is said, when, and in which delivery."""
    key = base64.b64decode(shared.removeprefix(PREFIX))
    signed = f"{delivery}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def _keys(settings: Settings) -> Iterator[str]:
    yield settings.secret
    yield from (key for key in settings.secret_fallbacks.split(",") if key)
