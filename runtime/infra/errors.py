"""Typed errors: a code, its parameters and a hint; the text belongs to `messages`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing to put right, with its address.

    `pointer` is a JSON pointer into what was sent (`/lines/3/qty`), `code` names a message,
    `params` fill it.
    """

    pointer: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def under(self, prefix: str) -> "Problem":
        """Return the same problem one level further out: `/qty` becomes `<prefix>/qty`."""
        return Problem(prefix + self.pointer, self.code, self.params)


class AppError(Exception):
    """A refusal a person can act on. `status` is the HTTP status it becomes."""

    status = 400
    default_code = "bad_request"

    def __init__(
        self,
        code: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        hint: str | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        self.code = code or self.default_code
        self.params: Mapping[str, Any] = dict(params or {})
        self.hint = hint
        self.problems = tuple(problems)
        super().__init__(self.code, dict(self.params), self.problems)


class BadRequest(AppError):
    """What was sent cannot be understood."""


class NotSignedIn(AppError):
    """Nobody is signed in."""

    status = 401
    default_code = "not_signed_in"


class Forbidden(AppError):
    """The actor lacks the right."""

    status = 403
    default_code = "forbidden"


class FactorMissing(Forbidden):
    """A rule asks for a second step the person has not set up yet."""

    default_code = "factor_missing"


class NotFound(AppError):
    """There is no such thing, or it is not visible to the actor."""

    status = 404
    default_code = "not_found"


class Conflict(AppError):
    """Somebody or something else changed first."""

    status = 409
    default_code = "version_conflict"


class TooLarge(AppError):
    """More was sent than is taken at once."""

    status = 413
    default_code = "too_large"


class ValidationFailed(AppError):
    """Values break rules; `problems` names every one."""

    status = 422
    default_code = "validation_failed"


class Refused(AppError):
    """The stock kernel said no; `problems` names the lines."""

    status = 422
    default_code = "posting_refused"


class TooManyRequests(AppError):
    """Slow down."""

    status = 429
    default_code = "too_many_requests"


class Unavailable(AppError):
    """A part of the system is not there just now."""

    status = 503
    default_code = "unavailable"
