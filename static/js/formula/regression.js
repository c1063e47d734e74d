// Mirrors runtime/kinds/functions/regression.py.
import { isError, isNumber, refuse } from "./coerce.js";
import { Decimal, ZERO, divide, exactSum, isZero, negate, squareRoot, whole } from "./decimal.js";
import { commonSpread, spread } from "./statistics.js";
import { LENGTHS_DIFFER, NO_VALUES } from "./values.js";

const exactly = (a, b) => new Decimal(a.m * b.m, a.e + b.e);
const less = ({ m, e }) => new Decimal(-m, e);
const pairs = (first, second) => {
  if (first.length !== second.length) refuse(LENGTHS_DIFFER);
  const rows = first.map((each, at) => [each, second[at]]);
  rows.flat().forEach(each => isError(each) && refuse(each));
  const full = rows.filter(row => row.every(isNumber));
  return [full.map(row => row[0]), full.map(row => row[1])];
};
const squared = (common, xs, ys) => {
  const spreads = xs.length ? exactly(spread(xs), spread(ys)) : ZERO;
  return isZero(spreads) ? refuse(NO_VALUES) : divide(exactly(common, common), spreads);
};
const steepness = xs => {
  const found = xs.length ? spread(xs) : ZERO;
  return isZero(found) ? refuse(NO_VALUES) : found;
};
const forecast = (number, knownY, knownX) => {
  const [ys, xs] = pairs(knownY, knownX), below = steepness(xs), count = whole(xs.length), common = commonSpread(xs, ys);
  const level = [exactly(exactSum(ys), below), less(exactly(common, exactSum(xs)))];
  return divide(exactSum([...level, exactly(exactly(count, number), common)]), exactly(count, below));
};

export const FUNCTIONS = {
  CORREL: (first, second) => {
    const [xs, ys] = pairs(first, second), common = commonSpread(xs, ys), root = squareRoot(squared(common, xs, ys));
    return common.m < 0n ? negate(root) : root;
  },
  RSQ: (knownY, knownX) => {
    const [ys, xs] = pairs(knownY, knownX);
    return squared(commonSpread(xs, ys), xs, ys);
  },
  COVAR: (first, second) => {
    const [xs, ys] = pairs(first, second);
    return xs.length === 0 ? refuse(NO_VALUES) : divide(commonSpread(xs, ys), whole(xs.length ** 2));
  },
  SLOPE: (knownY, knownX) => {
    const [ys, xs] = pairs(knownY, knownX);
    return divide(commonSpread(xs, ys), steepness(xs));
  },
  INTERCEPT: (knownY, knownX) => forecast(ZERO, knownY, knownX),
  FORECAST: forecast,
};
