"""Cursors: where the next page begins, signed, for one person and one list."""

from typing import Final

from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

from runtime.infra.errors import BadRequest

DEFAULT_SIZE: Final = 50
LARGEST_SIZE: Final = 200


def address_asked() -> str:
    """What the address asks for, page by page the same."""
    return str(sorted((k, v) for k, v in request.args.items() if k not in {"cursor", "limit"}))


def signed(cursor: str, asked: str) -> str:
    """Return a cursor that is good for the one who got it and for the list it was made for."""
    return str(_serializer(asked).dumps(cursor)) if cursor else ""


def unsigned(text: str, asked: str) -> str:
    """Return what stands in a cursor that was given out for this list to this caller."""
    if not text:
        return ""
    try:
        return str(_serializer(asked).loads(text))
    except BadSignature as error:
        raise BadRequest("cursor_invalid") from error


def _serializer(asked: str) -> URLSafeSerializer:
    salt = f"cursor {g.actor.user_id} {request.path} {asked}"
    return URLSafeSerializer(current_app.secret_key or "", salt=salt)
