"""Errors as problem documents (RFC 9457): a machine reads `code`, a person `title` and `detail`."""

from typing import Any, Final

from flask import Response, g, request

from runtime.infra import strict_json
from runtime.infra.errors import AppError, Problem
from runtime.infra.messages import message

MEDIA_TYPE: Final = "application/problem+json"
LANGUAGES: Final = ("zh", "en")


def locale() -> str:
    """Return the language the caller asks for."""
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0]) or LANGUAGES[0]


def answer(error: AppError) -> Response:
    """Answer an error with its problem document."""
    body = document(error, locale())
    response = Response(strict_json.dumps(body), error.status, mimetype=MEDIA_TYPE)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "seconds" in error.params:
        response.headers["Retry-After"] = str(error.params["seconds"])
    return response


def document(error: AppError, spoken: str) -> dict[str, Any]:
    """Return the problem document of an error."""
    body: dict[str, Any] = {
        "type": f"urn:dajian:problem:{error.code}",
        "title": message(error.code, error.params, spoken),
        "status": error.status,
        "code": error.code,
        "params": dict(error.params),
        "instance": f"urn:dajian:request:{g.get('request_id', '')}",
        "errors": [_problem(problem, spoken) for problem in error.problems],
    }
    if error.hint:
        body["detail"] = message(error.hint, error.params, spoken)
    return body


def _problem(problem: Problem, spoken: str) -> dict[str, Any]:
    return {
        "pointer": problem.pointer,
        "code": problem.code,
        "params": dict(problem.params),
        "message": message(problem.code, problem.params, spoken),
    }
