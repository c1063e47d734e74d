"""Password hashes: Argon2id, a few at a time, the same work whether or not the user exists."""

import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from runtime.infra.errors import Problem, ValidationFailed

SHORTEST: Final = 8
LONGEST: Final = 128

_hasher: Final = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
# Each hash takes 64 MiB while it runs, so that a crowd at the door cannot exhaust the memory.
_at_once: Final = threading.BoundedSemaphore(2)


def check(password: object, *, pointer: str = "/password") -> str:
    """Return an acceptable password as it is, or say what is wrong with it."""
    if not isinstance(password, str) or not SHORTEST <= len(password) <= LONGEST:
        params = {"shortest": SHORTEST, "longest": LONGEST}
        raise ValidationFailed(problems=[Problem(pointer, "password_length", params)])
    return password


def hash_of(password: str) -> str:
    """Return the hash to store."""
    with _at_once:
        return _hasher.hash(password)


def matches(stored: str | None, password: object) -> bool:
    """Say whether the password belongs to the stored hash; None takes as long and is False."""
    if not isinstance(password, str) or len(password) > LONGEST:
        return False
    with _at_once:
        try:
            _hasher.verify(stored or _dummy(), password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Say whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _dummy() -> str:
    return _hasher.hash("the password of a user who does not exist")


def prepare() -> None:
    """Make the dummy hash at start, so that the first unknown name takes no longer than others."""
    _dummy()
