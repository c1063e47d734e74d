"""Chance: new with every evaluation, so only the server draws."""

import secrets
import uuid as identifiers
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from runtime.formula.cell_errors import OUT_OF_RANGE, CellFaultError
from runtime.formula.numbers import fit
from runtime.kinds.function import Function, gives, takes

DIGITS: Final = 28


def rand(_: datetime) -> Decimal:
    """A number from 0 up to but not 1, drawn anew each time.

    从 0 到 1（不含 1）的随机数，每次计算都不同。

    也叫：随机、抽奖

    >>> AND(RAND()>=0, RAND()<1)
    TRUE
    """
    return Decimal(secrets.randbelow(10**DIGITS)).scaleb(-DIGITS)


def randbetween(_: datetime, lowest: Decimal, highest: Decimal) -> Decimal:
    """A whole number between two numbers, both included, drawn anew each time.

    两个数之间（包括两端）的随机整数，每次计算都不同。

    也叫：随机、抽奖

    >>> RANDBETWEEN(7, 7)
    7
    >>> RANDBETWEEN(2, 1)
    #NUM!
    """
    first = int(lowest.to_integral_value(ROUND_CEILING))
    last = int(highest.to_integral_value(ROUND_FLOOR))
    if first > last:
        raise CellFaultError(OUT_OF_RANGE)
    return fit(Decimal(first + secrets.randbelow(last - first + 1)))


def uuid(_: datetime) -> str:
    """A text nobody else has, such as 9f3c…, new each time.

    全球唯一的标识文字，每次计算都不同。

    也叫：唯一编号、随机编码

    >>> LEN(UUID())
    36
    """
    return str(identifiers.uuid4())


CHANCE: Final = (
    Function("RAND", (), gives("number"), rand, volatile=True, server_only=True),
    Function(
        "RANDBETWEEN",
        takes("lowest: number", "highest: number"),
        gives("number"),
        randbetween,
        volatile=True,
        server_only=True,
    ),
    Function("UUID", (), gives("text"), uuid, volatile=True, server_only=True),
)
