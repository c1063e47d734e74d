// Mirrors runtime/kinds/functions/powers.py; the logarithms are the server's alone.
import { Decimal, ZERO, fit, power, readNumber, small, squareRoot, toBigInt } from "./decimal.js";
import { refuse } from "./coerce.js";
import { NUMBER_TOO_LARGE, OUT_OF_RANGE } from "./values.js";

const HUGE = 10n ** 40n;
const divisor = (a, b) => { while (b) [a, b] = [b, a % b]; return a; };
const wholes = numbers => (numbers.some(each => each.m < 0n) ? refuse(OUT_OF_RANGE) : numbers.map(toBigInt));

export const PI = readNumber("3.141592653589793238462643383279503");
export const FUNCTIONS = {
  POWER: Object.assign((number, exponent) => power(number, exponent), { steps: 50 }),
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
  PERMUT: (number, chosen) => {
    const total = small(number), count = small(chosen);
    if (total < 0 || count < 0 || count > total) refuse(OUT_OF_RANGE);
    let result = 1n;
    for (let step = 0; step < count; step++) {
      result *= BigInt(total - step);
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
  PI: () => PI,
};
