"""Every exception becomes an answer a person or a machine can act on, and nothing leaks."""

from typing import Final

import structlog
from flask import Flask, g, request
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from runtime import api, posting, screens
from runtime.infra.errors import AppError, Forbidden, NotFound, Unavailable

log: Final = structlog.get_logger("answers")
_SERVER_ERROR: Final = 500


class UnexpectedError(AppError):
    """A fault of ours: the log has the details under the request's number."""

    status = 500
    default_code = "unexpected"


class HttpError(AppError):
    """What the HTTP layer refused by itself: method, size, media type."""

    default_code = "bad_request"

    def __init__(self, error: HTTPException) -> None:
        super().__init__(_CODES.get(error.code or 0, "bad_request"))
        self.status = error.code or 400


_CODES: Final = {
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    414: "address_too_long",
    415: "media_type_unsupported",
}


def init_app(app: Flask) -> None:
    """Answer whatever a view or a hook raises."""
    for kind in (AppError, HTTPException, Exception):
        app.register_error_handler(kind, answer)


def answer(error: Exception) -> Response:
    """Return the answer for an exception, as a page or as a problem document."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error.get_response()
    if isinstance(error, SecurityError):
        # A host that is not ours: no page of ours can be built for it.
        return Response("400", 400, mimetype="text/plain")
    refusal = as_app_error(error)
    if refusal.status >= _SERVER_ERROR:
        log.error("failed", code=refusal.code, exc_info=error)
    else:
        log.info("refused", code=refusal.code, status=refusal.status)
    if request.path.startswith("/api/"):
        response: Response = api.answer(refusal)
    else:
        response = screens.answer(refusal)
    if isinstance(error, HTTPException):
        # A refused method says which are allowed.
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
    response.headers["X-Request-ID"] = g.get("request_id", "")
    return response


def as_app_error(error: Exception) -> AppError:
    """Return what an exception means to the person outside."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, CSRFError):
        return Forbidden("form_token_refused")
    if isinstance(error, HTTPException):
        return NotFound() if error.code == 404 else HttpError(error)
    if isinstance(error, DBAPIError) and (posting.is_retryable(error) or _is_away(error)):
        return Unavailable(params={"part": "database"})
    return UnexpectedError(params={"id": g.get("request_id", "")})


def _is_away(error: DBAPIError) -> bool:
    text = str(error.orig)
    return error.connection_invalidated or "disk is full" in text or "readonly database" in text
