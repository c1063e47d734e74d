"""A small question for whoever fills in a public form: words, so that it can be read aloud.

It keeps out programs that fill in every form they meet. The answer never leaves the server; each
question is good once, for a short while, and not for an answer that comes at once.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, Text, delete

from runtime.infra.columns import Instant, Key
from runtime.infra.db import system_table
from runtime.infra.sessions import digest
from runtime.infra.upsert import insert_row

GOOD_FOR: Final = timedelta(minutes=30)
# Nobody reads and answers a question faster.
AT_LEAST: Final = timedelta(seconds=2)
_DIGITS: Final = "零一二三四五六七八九"

puzzle_table: Final = system_table(
    "s_public_puzzle",
    Column("id", Key(), primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("answer", Text, nullable=False),
    Column("made_at", Instant(), nullable=False),
)


@dataclass(frozen=True)
class Puzzle:
    """A question: `kind` says which one, `parts` what it is about."""

    token: str
    kind: str
    parts: tuple[str, ...]


def make(connection: Connection, now: datetime) -> Puzzle:
    """Ask a new question; those whose time is over are forgotten."""
    connection.execute(delete(puzzle_table).where(puzzle_table.c.made_at < now - GOOD_FOR))
    kind, parts, answer = secrets.choice((_sum, _largest, _position))()
    token = secrets.token_urlsafe(18)
    values = {"token_hash": digest(token), "answer": digest(answer), "made_at": now}
    insert_row(connection, puzzle_table, values)
    return Puzzle(token, kind, parts)


def solve(connection: Connection, token: str, answer: str, now: datetime) -> bool:
    """Say whether this is the answer; the question is gone either way."""
    columns = puzzle_table.c
    taken = delete(puzzle_table).where(columns.token_hash == digest(token))
    row = connection.execute(taken.returning(columns.answer, columns.made_at)).first()
    if row is None or not AT_LEAST <= now - row.made_at <= GOOD_FOR:
        return False
    return secrets.compare_digest(row.answer, digest(_plain(answer)))


def _plain(answer: str) -> str:
    """An answer in digits, however its digits are written; 十二 is 12."""
    text = answer.strip()
    if "十" in text:
        tens, _, ones = text.partition("十")
        text = (tens or "一") + (ones or "零")
    return "".join(
        str(_DIGITS.index(sign)) if sign in _DIGITS else str(int(sign)) if sign.isdecimal() else "?"
        for sign in text[:8]
    )


def _sum() -> tuple[str, tuple[str, ...], str]:
    one, other = 2 + secrets.randbelow(8), 2 + secrets.randbelow(8)
    return "sum", (_DIGITS[one], _DIGITS[other]), str(one + other)


def _largest() -> tuple[str, tuple[str, ...], str]:
    numbers = secrets.SystemRandom().sample(range(10, 99), 3)
    return "largest", tuple(str(number) for number in numbers), str(max(numbers))


def _position() -> tuple[str, tuple[str, ...], str]:
    signs = secrets.SystemRandom().sample(_DIGITS[1:], 5)
    place = secrets.randbelow(5)
    return "position", ("".join(signs), _DIGITS[place + 1]), str(_DIGITS.index(signs[place]))
