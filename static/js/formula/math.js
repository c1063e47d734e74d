// Mirrors math.py and powers.py of runtime/kinds/functions; the logarithms are the server's alone.
import {
  Decimal, ONE, ZERO, absolute, add, fit, isZero, modulo, negate, power, readNumber, roundTo, roundToMultiple, small, squareRoot,
  toBigInt, whole, wholeQuotient,
} from "./decimal.js";
import { refuse } from "./coerce.js";
import { DIVISION_BY_ZERO, NUMBER_TOO_LARGE, OUT_OF_RANGE } from "./values.js";

const TWO = whole(2), HUGE = 10n ** 40n;
const rounding = how => (number, digits = ZERO) => roundTo(number, small(digits, 200), how);
const divisor = (a, b) => { while (b) [a, b] = [b, a % b]; return a; };
const wholes = numbers => (numbers.some(each => each.m < 0n) ? refuse(OUT_OF_RANGE) : numbers.map(toBigInt));
const opposed = (number, step) => number.m > 0n && step.m < 0n;

export const MATH = {
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
  POWER: power,
  SQRT: squareRoot,
  FACT: number => {
    const count = small(number);
    if (count < 0) refuse(OUT_OF_RANGE);
    let result = 1n;
    for (let factor = 2; factor <= Math.min(count, 40); factor++) result *= BigInt(factor);
    return fit(new Decimal(result));
  },
  COMBIN: (number, chosen) => {
    const total = small(number), count = small(chosen);
    if (total < 0 || count < 0 || count > total) refuse(OUT_OF_RANGE);
    let result = 1n;
    for (let step = 1; step <= Math.min(count, total - count); step++) {
      result = (result * BigInt(total - step + 1)) / BigInt(step);
      if (result > HUGE) refuse(NUMBER_TOO_LARGE);
    }
    return fit(new Decimal(result));
  },
  GCD: numbers => new Decimal(wholes(numbers).reduce(divisor, 0n)),
  LCM: numbers => {
    let result = 1n;
    for (const each of wholes(numbers)) {
      result = each === 0n ? 0n : (result * each) / divisor(result, each);
      if (result > HUGE) refuse(NUMBER_TOO_LARGE);
      if (result === 0n) return ZERO;
    }
    return fit(new Decimal(result));
  },
  PI: () => readNumber("3.141592653589793238462643383279503"),
};
