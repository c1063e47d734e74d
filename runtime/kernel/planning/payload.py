"""What is asked, as one digest: equal for equal requests however their numbers are spelled."""

from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from runtime.kernel.amounts import as_text
from runtime.kernel.commands import Command, Header, Void

# Who asks, when they ask, under which key and in which order says nothing about what is asked.
_ASKED: Final = ("date", "document", "party", "purpose")


def payload_hash(command: Command) -> str:
    """The digest of a command by which a repeated request is told from another one."""
    words: list[str] = []
    if isinstance(command, Void):
        words = ["Void", str(command.posting)]
    else:
        _spell(command, words)
    return sha256("\x1f".join(words).encode()).hexdigest()


def _spell(value: Any, words: list[str]) -> None:
    """Append the words of a value; texts carry their length, so that none can pose as two."""
    kind = value.__class__
    if kind is str:
        words.append(f"{len(value)}={value}")
    elif value is None:
        words.append("")
    elif kind is tuple:
        words.append(f"({len(value)}")
        for part in value:
            _spell(part, words)
    elif is_dataclass(value):
        words.append(kind.__name__)
        for name in _names_of(kind):
            _spell(getattr(value, name), words)
    else:
        words.append(_word(value))


def _word(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return as_text(value)


@lru_cache(maxsize=64)
def _names_of(kind: type) -> tuple[str, ...]:
    if kind is Header:
        return _ASKED
    return tuple(field.name for field in fields(kind))
