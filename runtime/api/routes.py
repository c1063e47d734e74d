"""What an API view declares, and how its answers and bodies look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flask import Blueprint, Response, g, request

from runtime.infra import strict_json
from runtime.infra.errors import AppError, BadRequest, Forbidden
from runtime.infra.strict_json import Json
from runtime.infra.tokens import SCOPES

View = TypeVar("View", bound=Callable[..., Any])
# 2,000 lines and more fit into one document.
BODY_LIMIT: Final = 8_000_000
LONGEST_NUMBER: Final = 16
JSON_TYPES: Final = frozenset({"application/json"})

blueprint: Final = Blueprint("api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True)
class Declared:
    """Who may come at all, how large a body may be, and which scope a token needs.

    What one may do to which form and row is decided below, by the rights of the actor.
    """

    permission: str = "signed_in"
    csrf: bool = True
    body: int | None = None
    scope: str = "read"


class MediaTypeError(AppError):
    """A body that does not say it is JSON is not read."""

    status = 415
    default_code = "media_type_unsupported"


def route(
    rule: str,
    method: str = "GET",
    scope: str = "read",
    *,
    body: int = BODY_LIMIT,
    permission: str = "signed_in",
    csrf: bool = True,
) -> Callable[[View], View]:
    """Register a view of the API with what it declares."""
    assert scope in SCOPES, f"no scope called {scope!r}"

    def register(view: View) -> View:
        view.declared = Declared(permission, csrf, body, scope)  # type: ignore[attr-defined]
        blueprint.add_url_rule(rule, view.__name__, view, methods=[method])
        return view

    return register


def check_scope(view: Callable[..., Any]) -> None:
    """Refuse a token that does not reach as far as the view."""
    scope = view.declared.scope  # type: ignore[attr-defined]
    if "bearer" in g and not g.bearer.reaches(scope):
        raise Forbidden("token_scope", {"scope": scope})


def json_body() -> Mapping[str, Any]:
    """Return the object that was sent, read strictly."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in JSON_TYPES or charset not in {"utf-8", "utf8"}:
        raise MediaTypeError
    value = strict_json.loads(request.get_data(), max_bytes=BODY_LIMIT)
    if not isinstance(value, dict):
        raise BadRequest("json_object_expected")
    return value


def json_answer(body: Json, status: int = 200, **headers: str) -> Response:
    """Return a JSON answer; Decimals are strings."""
    response = Response(strict_json.dumps(body), status, mimetype="application/json")
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def parameter(name: str, default: str = "") -> str:
    """Return a query parameter that may be given once."""
    values = request.args.getlist(name)
    if len(values) > 1:
        raise BadRequest("parameter_twice", {"name": name})
    return values[0] if values else default


def allow_parameters(*names: str, prefix: str = "\0") -> None:
    """Refuse query parameters the view does not know: a typing mistake must not go unnoticed."""
    for name in request.args:
        if name not in names and not name.startswith(prefix):
            raise BadRequest("parameter_unknown", {"name": name[:60]})


def whole_number(name: str, default: int, *, highest: int) -> int:
    """Return a query parameter as a whole number from 1 to `highest`."""
    text = parameter(name, str(default))
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    if not (is_number and 1 <= int(text) <= highest):
        raise BadRequest("parameter_not_a_number", {"name": name, "highest": highest})
    return int(text)
