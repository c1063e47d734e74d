// Mirrors runtime/kinds/functions/math.py.
import { Decimal, ONE, ZERO, abs, absolute, add, aligned, fit, isZero, negate, roundTo, settled, small, whole } from "./decimal.js";
import { refuse } from "./coerce.js";
import { DIVISION_BY_ZERO, OUT_OF_RANGE } from "./values.js";

const modulo = (a, b) => {
  if (isZero(b)) refuse(DIVISION_BY_ZERO);
  const [x, y, e] = aligned(settled(a), settled(b));
  const rest = x % y;
  return fit(new Decimal(rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest, e));
};
const wholeQuotient = (a, b) => {
  if (isZero(b)) refuse(DIVISION_BY_ZERO);
  const [x, y] = aligned(settled(a), settled(b));
  return fit(new Decimal(x / y));
};
const roundToMultiple = (value, step, how) => {
  const [x, y, e] = aligned(settled(value), settled(step));
  const rest = x % y;
  if (rest === 0n) return settled(value);
  const down = x - rest, up = down + (x < 0n ? -abs(y) : abs(y));
  const low = down < up ? down : up, high = down < up ? up : down;
  const found = how === "half" ? (abs(rest) * 2n >= abs(y) ? up : down) : { up, down, floor: low, ceiling: high }[how];
  return fit(new Decimal(found, e));
};

const TWO = whole(2);
const rounding = how => (number, digits = ZERO) => roundTo(number, small(digits, 200), how);
const opposed = (number, step) => number.m > 0n && step.m < 0n;

export const FUNCTIONS = {
  ABS: absolute,
  SIGN: number => (number.m > 0n ? ONE : number.m < 0n ? negate(ONE) : ZERO),
  ROUND: rounding("half"),
  ROUNDUP: rounding("up"),
  ROUNDDOWN: rounding("down"),
  TRUNC: rounding("down"),
  INT: number => roundTo(number, 0, "floor"),
  CEILING: (number, step = ONE) => {
    if (isZero(number) || isZero(step)) return ZERO;
    if (opposed(number, step)) refuse(OUT_OF_RANGE);
    return roundToMultiple(number, step, step.m < 0n ? "up" : "ceiling");
  },
  FLOOR: (number, step = ONE) => {
    if (isZero(number)) return ZERO;
    if (isZero(step)) refuse(DIVISION_BY_ZERO);
    if (opposed(number, step)) refuse(OUT_OF_RANGE);
    return roundToMultiple(number, step, step.m < 0n ? "down" : "floor");
  },
  "CEILING.MATH": (number, step = ONE, away = ZERO) =>
    isZero(number) || isZero(step) ? ZERO : roundToMultiple(number, step, !isZero(away) && number.m < 0n ? "up" : "ceiling"),
  "FLOOR.MATH": (number, step = ONE, towards = ZERO) =>
    isZero(number) || isZero(step) ? ZERO : roundToMultiple(number, step, !isZero(towards) && number.m < 0n ? "down" : "floor"),
  MROUND: (number, multiple) => {
    if (isZero(number) || isZero(multiple)) return ZERO;
    if (number.m < 0n !== multiple.m < 0n) refuse(OUT_OF_RANGE);
    return roundToMultiple(number, multiple, "half");
  },
  EVEN: number => roundToMultiple(number, TWO, "up"),
  ODD: number => {
    if (isZero(number)) return ONE;
    const step = number.m < 0n ? negate(ONE) : ONE;
    return add(roundToMultiple(add(number, step), TWO, "up"), negate(step));
  },
  MOD: modulo,
  QUOTIENT: wholeQuotient,
};
