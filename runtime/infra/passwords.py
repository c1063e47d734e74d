"""Password hashes: Argon2id, a few at a time, the same work whether or not the user exists."""

import threading
import unicodedata
from base64 import b64encode
from collections.abc import Collection
from functools import cache
from secrets import token_bytes
from typing import TYPE_CHECKING, Final

from runtime.infra.errors import Problem, ValidationFailed

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 8
LONGEST: Final = 128
# What is made of fewer letters, or adds no more than so many to a common word, is guessed first.
FEWEST_LETTERS: Final = 4
LONGEST_DRESS: Final = 6
SHORTEST_NAME: Final = 3
OWN_WORDS: Final = frozenset({"dajian", "搭建", "jinxiaocun", "进销存", "woaini", "mima", "密码"})

# Each hash takes 64 MiB while it runs, so that a crowd at the door cannot exhaust the memory.
_at_once: Final = threading.BoundedSemaphore(2)


@cache
def _hasher() -> "PasswordHasher":
    # Loaded when somebody signs in, not when a process starts.
    from argon2 import PasswordHasher  # noqa: PLC0415

    return PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)


def check(password: object, *, pointer: str = "/password", names: Collection[str] = ()) -> str:
    """Return an acceptable password as it is, or say what is wrong with it.

    Long enough, and none that is tried first: which letters it is made of is nobody's business.
    """
    if not isinstance(password, str) or not SHORTEST <= len(password) <= LONGEST:
        params = {"shortest": SHORTEST, "longest": LONGEST}
        raise ValidationFailed(problems=[Problem(pointer, "password_length", params)])
    if is_common(password):
        raise ValidationFailed(problems=[Problem(pointer, "password_common")])
    if any(_says_little_but(name, password) for name in names):
        raise ValidationFailed(problems=[Problem(pointer, "password_is_name")])
    return password


def is_common(password: str) -> bool:
    """Say whether a password is among those that are tried first, however it is dressed up."""
    text = unicodedata.normalize("NFKC", password).casefold()
    if len(set(text)) < FEWEST_LETTERS or text in _common():
        return True
    # `Password123!` is `password` and what everybody puts round it.
    core = text.strip("0123456789!@#$%^&*()-_=+.,?~ ")
    return len(text) - len(core) <= LONGEST_DRESS and core in _common()


def _says_little_but(name: str, password: str) -> bool:
    text = unicodedata.normalize("NFKC", password).casefold()
    key = unicodedata.normalize("NFKC", name).strip().casefold()
    is_in = len(key) >= SHORTEST_NAME and key in text
    return is_in and len(text) - len(key) <= LONGEST_DRESS


@cache
def _common() -> frozenset[str]:
    # A list of 30,000 that were found in the open, loaded when somebody chooses a password.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # noqa: PLC0415

    return frozenset(FREQUENCY_LISTS["passwords"]) | OWN_WORDS


def hash_of(password: str) -> str:
    """Return the hash to store."""
    with _at_once:
        return _hasher().hash(password)


def matches(stored: str | None, password: object) -> bool:
    """Say whether the password belongs to the stored hash; None takes as long and is False."""
    if not isinstance(password, str) or len(password) > LONGEST:
        return False
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    with _at_once:
        try:
            _hasher().verify(stored or _dummy(), password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Say whether a hash was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(stored)


@cache
def _dummy() -> str:
    """A hash that no password was made into: to check against it is the same work as ever."""
    hasher = _hasher()
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    lengths = (hasher.salt_len, hasher.hash_len)
    salt, tag = (b64encode(token_bytes(length)).decode().rstrip("=") for length in lengths)
    return f"$argon2id$v=19${cost}${salt}${tag}"
