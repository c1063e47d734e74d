"""What is asked, as one digest: equal for equal requests however their numbers are spelled."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final

from runtime.kernel.amounts import as_text
from runtime.kernel.commands import Command, Header, Void

# Who asks, when they ask, under which key and in which order says nothing about what is asked.
_ASKED: Final = ("date", "document", "party", "purpose")


def payload_hash(command: Command) -> str:
    """The digest of a command by which a repeated request is told from another one."""
    if isinstance(command, Void):
        return sha256(f"Void\x1f{command.posting}".encode()).hexdigest()
    return sha256("\x1f".join(_spelled(command)).encode()).hexdigest()


def _spelled(value: Any) -> Iterator[str]:
    if isinstance(value, Header):
        yield from _spelled(tuple(getattr(value, name) for name in _ASKED))
    elif isinstance(value, tuple):
        yield f"({len(value)}"
        for part in value:
            yield from _spelled(part)
    elif is_dataclass(value):
        yield type(value).__name__
        yield from _spelled(tuple(getattr(value, field.name) for field in fields(value)))
    else:
        yield _word(value)


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Decimal | Fraction) and not isinstance(value, bool):
        return as_text(value)
    return f"={value}"
