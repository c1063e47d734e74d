// Mirrors runtime/formula/finance.py and runtime/kinds/functions/finance.py; what needs a logarithm or a search is the server's alone.
import { refuse } from "./coerce.js";
import {
  Decimal, LONG_DIGITS, ONE, ZERO, compareNumbers, exactSum, fit, isZero, longMultiply, longPower, longRounded, negate, quotientDigits,
  small, whole,
} from "./decimal.js";
import { DIVISION_BY_ZERO, OUT_OF_RANGE } from "./values.js";

const TWO = whole(2);
const plus = (a, b) => longRounded(exactSum([a, b]));
const minus = (a, b) => plus(a, new Decimal(-b.m, b.e));
const times = longMultiply;
const over = (a, b) => longRounded(quotientDigits(a, b, LONG_DIGITS));
const costs = (steps, body) => Object.assign(body, { steps });

const growth = (rate, periods) => (isZero(periods) ? ONE : longPower(plus(ONE, rate), periods));
const annuity = (rate, periods, due) => {
  if (isZero(rate)) return periods;
  const grown = over(minus(growth(rate, periods), ONE), rate);
  return isZero(due) ? grown : times(grown, plus(ONE, rate));
};
const payment = (rate, periods, now, later, due) => {
  const shared = annuity(rate, periods, due);
  if (isZero(shared)) refuse(OUT_OF_RANGE);
  return negate(over(plus(times(now, growth(rate, periods)), later), shared));
};
const future = (rate, periods, paid, now, due) =>
  negate(plus(times(now, growth(rate, periods)), times(paid, annuity(rate, periods, due))));
const present = (rate, periods, paid, later, due) => {
  const grown = growth(rate, periods);
  if (isZero(grown)) refuse(OUT_OF_RANGE);
  return negate(over(plus(later, times(paid, annuity(rate, periods, due))), grown));
};
const inside = (period, life) => compareNumbers(period, ONE) >= 0 && compareNumbers(period, life) <= 0;
const interestPart = (rate, period, periods, now, later, due) => {
  if (!inside(period, periods)) refuse(OUT_OF_RANGE);
  if (!isZero(due) && compareNumbers(period, ONE) === 0) return ZERO;
  const paid = payment(rate, periods, now, later, due);
  const interest = times(future(rate, minus(period, ONE), paid, now, due), rate);
  return isZero(due) ? interest : over(interest, plus(ONE, rate));
};

export const FUNCTIONS = {
  PMT: costs(30, (rate, periods, now, later = ZERO, due = ZERO) => fit(payment(rate, periods, now, later, due))),
  IPMT: costs(40, (rate, period, periods, now, later = ZERO, due = ZERO) => fit(interestPart(rate, period, periods, now, later, due))),
  PPMT: costs(30, (rate, period, periods, now, later = ZERO, due = ZERO) => {
    const interest = interestPart(rate, period, periods, now, later, due);
    return fit(minus(payment(rate, periods, now, later, due), interest));
  }),
  PV: costs(30, (rate, periods, paid, later = ZERO, due = ZERO) => fit(present(rate, periods, paid, later, due))),
  FV: costs(30, (rate, periods, paid, now = ZERO, due = ZERO) => fit(future(rate, periods, paid, now, due))),
  NPV: (rate, amounts) => {
    if (compareNumbers(rate, negate(ONE)) === 0) refuse(DIVISION_BY_ZERO);
    let factor = ONE, total = ZERO;
    for (const each of amounts) {
      factor = times(factor, plus(ONE, rate));
      total = plus(total, over(each, factor));
    }
    return fit(total);
  },
  SLN: (cost, rest, life) => (isZero(life) ? refuse(DIVISION_BY_ZERO) : fit(over(minus(cost, rest), life))),
  SYD: (cost, rest, life, period) => {
    if (life.m <= 0n || !inside(period, life)) refuse(OUT_OF_RANGE);
    const left = plus(minus(life, period), ONE);
    return fit(over(times(times(minus(cost, rest), left), TWO), times(life, plus(life, ONE))));
  },
  DDB: costs(40, (cost, rest, life, period, factor = TWO) => {
    if (cost.m < 0n || rest.m < 0n || factor.m <= 0n || !inside(period, life)) refuse(OUT_OF_RANGE);
    const kept = minus(ONE, over(factor, life)), isFirst = compareNumbers(period, ONE) === 0;
    const [before, after] = kept.m <= 0n ? [isFirst ? cost : ZERO, ZERO]
      : [times(cost, longPower(kept, minus(period, ONE))), times(cost, longPower(kept, period))];
    const fallen = minus(before, compareNumbers(after, rest) >= 0 ? after : rest);
    return fallen.m > 0n ? fit(fallen) : ZERO;
  }),
  EFFECT: costs(30, (nominal, periods) => {
    const count = small(periods);
    if (nominal.m <= 0n || count < 1) refuse(OUT_OF_RANGE);
    return fit(minus(growth(over(nominal, whole(count)), whole(count)), ONE));
  }),
};
