"""Loans, savings and depreciation, in 50 digits until one rounding; money paid out is negative."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from runtime.formula.cell_errors import (
    DIVISION_BY_ZERO,
    OUT_OF_RANGE,
    CellFaultError,
)
from runtime.formula.finance import (
    discounted,
    future,
    growth,
    interest_part,
    internal_rate,
    payment,
    present,
    rate_of,
)
from runtime.formula.numbers import (
    LONG,
    ONE,
    ZERO,
    fit,
    long_power,
    round_to,
    small,
)
from runtime.formula.types import same
from runtime.kinds.function import Function, costs, gives, takes

TWO: Final = Decimal(2)
TWELVE: Final = Decimal(12)
TENTH: Final = Decimal("0.1")


@costs(30)
def pmt(
    rate: Decimal, periods: Decimal, now: Decimal, later: Decimal = ZERO, due: Decimal = ZERO
) -> Decimal:
    """The payment of each period for a loan with a fixed rate.

    固定利率贷款每期应还的金额（付出为负）；最后一个参数为 1 时在期初支付。

    也叫：分期、月供、等额本息、还款

    >>> ROUND(PMT(0.05/12, 24, 100000), 2)
    -4387.14
    """
    return fit(payment(rate, periods, now, later, due))


@costs(40)
def ipmt(
    rate: Decimal,
    period: Decimal,
    periods: Decimal,
    now: Decimal,
    later: Decimal = ZERO,
    due: Decimal = ZERO,
) -> Decimal:
    """The interest in the payment of one period.

    某一期还款中的利息。

    也叫：利息、分期、还款

    >>> ROUND(IPMT(0.1/12, 1, 36, 8000), 2)
    -66.67
    """
    return fit(interest_part(rate, period, periods, now, later, due))


@costs(30)
def ppmt(
    rate: Decimal,
    period: Decimal,
    periods: Decimal,
    now: Decimal,
    later: Decimal = ZERO,
    due: Decimal = ZERO,
) -> Decimal:
    """The repayment in the payment of one period.

    某一期还款中的本金。

    也叫：本金、分期、还款

    >>> ROUND(PPMT(0.1/12, 1, 24, 2000), 2)
    -75.62
    """
    interest = interest_part(rate, period, periods, now, later, due)
    return fit(LONG.subtract(payment(rate, periods, now, later, due), interest))


@costs(30)
def pv(
    rate: Decimal, periods: Decimal, paid: Decimal, later: Decimal = ZERO, due: Decimal = ZERO
) -> Decimal:
    """What payments to come are worth today.

    一系列未来付款在今天的价值（现值）。

    也叫：现值、年金

    >>> ROUND(PV(0.08/12, 240, 500), 2)
    -59777.15
    """
    return fit(present(rate, periods, paid, later, due))


@costs(30)
def fv(
    rate: Decimal, periods: Decimal, paid: Decimal, now: Decimal = ZERO, due: Decimal = ZERO
) -> Decimal:
    """What payments are worth at the end.

    定期付款到期时的价值（终值）。

    也叫：终值、存款、复利

    >>> ROUND(FV(0.06/12, 10, -200, -500, 1), 2)
    2581.4
    """
    return fit(future(rate, periods, paid, now, due))


@costs(100)
def nper(
    rate: Decimal, paid: Decimal, now: Decimal, later: Decimal = ZERO, due: Decimal = ZERO
) -> Decimal:
    """How many periods a loan takes.

    还清贷款需要的期数。

    也叫：期数、分期

    >>> ROUND(NPER(0.12/12, -100, -1000, 10000, 1), 4)
    59.6739
    """
    if not rate:
        if not paid:
            raise CellFaultError(OUT_OF_RANGE)
        return fit(LONG.divide(LONG.add(now, later).copy_negate(), paid))
    each = LONG.multiply(paid, LONG.add(ONE, rate if due else ZERO))
    above = LONG.subtract(each, LONG.multiply(later, rate))
    below = LONG.add(LONG.multiply(now, rate), each)
    if not below or rate <= -1 or LONG.divide(above, below) <= 0:
        raise CellFaultError(OUT_OF_RANGE)
    growing = LONG.ln(LONG.add(ONE, rate))
    if not growing:
        raise CellFaultError(OUT_OF_RANGE)
    return fit(LONG.divide(LONG.ln(LONG.divide(above, below)), growing))


@costs(2000)
def rate_(
    periods: Decimal,
    paid: Decimal,
    now: Decimal,
    later: Decimal = ZERO,
    due: Decimal = ZERO,
    guess: Decimal = TENTH,
) -> Decimal:
    """The rate of a loan from its payments.

    由每期还款额反推利率（每期的）。

    也叫：利率、实际利率

    >>> ROUND(RATE(48, -200, 8000), 8)
    0.00770147
    """
    return fit(rate_of(periods, paid, now, later, due, guess))


def npv(rate: Decimal, amounts: Sequence[Decimal]) -> Decimal:
    """What amounts at the ends of the coming periods are worth today.

    未来各期末现金流在今天的净值（净现值）。

    也叫：净现值、投资、现金流

    >>> ROUND(NPV(0.1, -10000, 3000, 4200, 6800), 2)
    1188.44
    """
    if rate == -1:
        raise CellFaultError(DIVISION_BY_ZERO)
    return fit(discounted(rate, amounts))


@costs(10000)
def irr(amounts: Sequence[Decimal], guess: Decimal = TENTH) -> Decimal:
    """The rate at which amounts are worth nothing today.

    使净现值为零的利率（内部收益率）；至少要有一笔支出和一笔收入。

    也叫：内部收益率、投资回报

    >>> ROUND(IRR(lines.qty - 2), 6)
    0
    """
    return fit(internal_rate(amounts, guess))


def sln(cost: Decimal, rest: Decimal, life: Decimal) -> Decimal:
    """The depreciation of each period in a straight line.

    直线法每期的折旧额。

    也叫：折旧、年限平均法、固定资产

    >>> SLN(30000, 7500, 10)
    2250
    """
    if not life:
        raise CellFaultError(DIVISION_BY_ZERO)
    return fit(LONG.divide(LONG.subtract(cost, rest), life))


def syd(cost: Decimal, rest: Decimal, life: Decimal, period: Decimal) -> Decimal:
    """The depreciation of a period by the sum of the years' digits.

    年数总和法某一期的折旧额。

    也叫：折旧、年数总和法、固定资产

    >>> SYD(30000, 7500, 10, 10)
    409.0909090909090909090909091
    """
    if life <= 0 or not ONE <= period <= life:
        raise CellFaultError(OUT_OF_RANGE)
    left = LONG.add(LONG.subtract(life, period), ONE)
    above = LONG.multiply(LONG.multiply(LONG.subtract(cost, rest), left), TWO)
    return fit(LONG.divide(above, LONG.multiply(life, LONG.add(life, ONE))))


@costs(40)
def ddb(
    cost: Decimal, rest: Decimal, life: Decimal, period: Decimal, factor: Decimal = TWO
) -> Decimal:
    """The depreciation of a period by the double-declining balance.

    双倍余额递减法某一期的折旧额。

    也叫：折旧、双倍余额递减法、加速折旧、固定资产

    >>> ROUND(DDB(2400, 300, 10, 10), 2)
    22.12
    """
    if cost < 0 or rest < 0 or factor <= 0 or not ONE <= period <= life:
        raise CellFaultError(OUT_OF_RANGE)
    kept = LONG.subtract(ONE, LONG.divide(factor, life))
    if kept <= 0:
        before, after = (cost if period == ONE else ZERO), ZERO
    else:
        before = LONG.multiply(cost, long_power(kept, LONG.subtract(period, ONE)))
        after = LONG.multiply(cost, long_power(kept, period))
    fallen = LONG.subtract(before, max(after, rest))
    return fit(fallen) if fallen > 0 else ZERO


@costs(100)
def db(
    cost: Decimal, rest: Decimal, life: Decimal, period: Decimal, months: Decimal = TWELVE
) -> Decimal:
    """The depreciation of a period by the fixed-declining balance.

    固定余额递减法某一期的折旧额；最后一个参数是第一年的月数。

    也叫：折旧、余额递减法、固定资产

    >>> ROUND(DB(1000000, 100000, 6, 1, 7), 2)
    186083.33
    """
    first, number, years = small(months), small(period), small(life)
    last = years + (1 if first < TWELVE else 0)
    if cost <= 0 or rest < 0 or life <= 0 or not 1 <= first <= TWELVE or not 1 <= number <= last:
        raise CellFaultError(OUT_OF_RANGE)
    kept = ZERO if not rest else long_power(LONG.divide(rest, cost), LONG.divide(ONE, life))
    share = round_to(LONG.subtract(ONE, kept), Decimal(3))
    begun = LONG.divide(LONG.multiply(LONG.multiply(cost, share), Decimal(first)), TWELVE)
    if number == 1:
        return fit(begun)
    left = LONG.subtract(cost, begun)
    if share == ONE:
        return ZERO if number > 2 else fit(left)
    fallen = LONG.multiply(left, long_power(LONG.subtract(ONE, share), Decimal(number - 2)))
    part = LONG.multiply(fallen, share)
    if number > years:
        part = LONG.divide(LONG.multiply(part, Decimal(12 - first)), TWELVE)
    return fit(part)


@costs(30)
def effect(nominal: Decimal, periods: Decimal) -> Decimal:
    """The yearly rate that compounding makes of a nominal one.

    名义年利率按每年复利几次得到的实际年利率。

    也叫：实际利率、复利

    >>> ROUND(EFFECT(0.0525, 4), 7)
    0.0535427
    """
    count = small(periods)
    if nominal <= 0 or count < 1:
        raise CellFaultError(OUT_OF_RANGE)
    grown = growth(LONG.divide(nominal, Decimal(count)), Decimal(count))
    return fit(LONG.subtract(grown, ONE))


@costs(100)
def nominal(effective: Decimal, periods: Decimal) -> Decimal:
    """The nominal yearly rate of an effective one.

    由实际年利率求名义年利率。

    也叫：名义利率

    >>> ROUND(NOMINAL(0.053543, 4), 8)
    0.05250032
    """
    count = small(periods)
    if effective <= 0 or count < 1:
        raise CellFaultError(OUT_OF_RANGE)
    root = growth(effective, LONG.divide(ONE, Decimal(count)))
    return fit(LONG.multiply(LONG.subtract(root, ONE), Decimal(count)))


NUMBER: Final = gives("number")
_LOAN: Final = ("periods: number", "present: number", "future: number?", "due: number?")
_PAID: Final = ("rate: number", "periods: number", "payment: number")
_PART: Final = takes("rate: number", "period: number", *_LOAN)
_ASSET: Final = ("cost: number", "salvage: number", "life: number")
_EFFECT: Final = ("periods: number",)
FINANCE: Final = (
    Function("PMT", takes("rate: number", *_LOAN), NUMBER, pmt),
    Function("IPMT", _PART, NUMBER, ipmt),
    Function("PPMT", _PART, NUMBER, ppmt),
    Function("PV", takes(*_PAID, "future: number?", "due: number?"), NUMBER, pv),
    Function("FV", takes(*_PAID, "present: number?", "due: number?"), NUMBER, fv),
    Function(
        "NPER",
        takes("rate: number", "payment: number", *_LOAN[1:]),
        NUMBER,
        nper,
        server_only=True,
    ),
    Function(
        "RATE",
        takes("periods: number", "payment: number", *_LOAN[1:], "guess: number?"),
        NUMBER,
        rate_,
        server_only=True,
    ),
    Function("NPV", takes("rate: number", "amount: numbers*"), NUMBER, npv),
    Function("IRR", takes("amounts: numbers", "guess: number?"), NUMBER, irr, server_only=True),
    Function("SLN", takes(*_ASSET), same, sln),
    Function("SYD", takes(*_ASSET, "period: number"), same, syd),
    Function("DDB", takes(*_ASSET, "period: number", "factor: number?"), same, ddb),
    Function("DB", takes(*_ASSET, "period: number", "months: number?"), same, db, server_only=True),
    Function("EFFECT", takes("nominal: number", *_EFFECT), NUMBER, effect),
    Function("NOMINAL", takes("effective: number", *_EFFECT), NUMBER, nominal, server_only=True),
)
