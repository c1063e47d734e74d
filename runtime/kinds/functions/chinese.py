"""What only Chinese business paper needs."""

from decimal import Decimal
from typing import Final

from runtime.formula.cell_errors import OUT_OF_RANGE, CellFaultError
from runtime.formula.numbers import plain, round_to
from runtime.kinds.function import Function, gives, takes

DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
GROUPS: Final = ("", "万", "亿", "万亿")
MAX_AMOUNT: Final = Decimal(10) ** 16


def rmbcap(amount: Decimal) -> str:
    """An amount of yuan in the words of a cheque.

    人民币金额大写，四舍五入到分。

    也叫：大写、金额大写、人民币大写、中文大写

    >>> RMBCAP(1680.32)
    壹仟陆佰捌拾元叁角贰分
    >>> RMBCAP(107000.05)
    壹拾万柒仟元零伍分
    >>> RMBCAP(-10.5)
    负壹拾元伍角整
    >>> RMBCAP(0)
    零元整
    """
    rounded = round_to(amount.copy_abs(), Decimal(2))
    if rounded >= MAX_AMOUNT:
        raise CellFaultError(OUT_OF_RANGE)
    whole, _, decimals = plain(rounded).partition(".")
    words = _yuan(whole) + _cents(decimals.ljust(2, "0"), has_yuan=whole != "0")
    return ("负" if amount < 0 and rounded else "") + (words or "零元整")


def _yuan(digits: str) -> str:
    if digits == "0":
        return ""
    words = ""
    padded = digits.zfill((len(digits) + 3) // 4 * 4)
    groups = [padded[at : at + 4] for at in range(0, len(padded), 4)]
    for place, group in enumerate(groups):
        if group == "0000":
            continue
        if words and (group[0] == "0" or groups[place - 1] == "0000"):
            words += "零"
        words += _group(group, GROUPS[len(groups) - 1 - place], groups[place + 1 :])
    return f"{words}元"


def _group(group: str, unit: str, rest: list[str]) -> str:
    """Four digits with their unit; 万亿 is said as 万 when the 亿 of the next group follows."""
    words, gap = "", False
    for digit, name in zip(group, ("仟", "佰", "拾", ""), strict=True):
        if digit == "0":
            gap = bool(words)
            continue
        words += ("零" if gap else "") + DIGITS[int(digit)] + name
        gap = False
    return words + ("万" if unit == "万亿" and rest[0] != "0000" else unit)


def _cents(decimals: str, *, has_yuan: bool) -> str:
    tenths, hundredths = int(decimals[0]), int(decimals[1])
    if not tenths and not hundredths:
        return "整" if has_yuan else ""
    words = f"{DIGITS[tenths]}角" if tenths else "零" if has_yuan else ""
    return words + (f"{DIGITS[hundredths]}分" if hundredths else "整")


CHINESE: Final = (
    Function("RMBCAP", takes("amount: number"), gives("text"), rmbcap, aliases=("UPPERMONEY",)),
)
