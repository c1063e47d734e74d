// Mirrors runtime/kinds/functions/statistics.py; the normal distribution is the server's alone.
import { compare, isError, isNumber, kindOf, refuse } from "./coerce.js";
import {
  Decimal, ONE, ZERO, absolute, add, compareNumbers, divide, exactSum, isZero, multiply, plain, small, squareRoot, subtract, whole,
} from "./decimal.js";
import { NOTHING_MATCHED, NO_VALUES, OUT_OF_RANGE, WRONG_KIND } from "./values.js";

// Sorted as Excel sorts: numbers or dates, texts, FALSE, TRUE; nothing stands last.
export const inOrder = items => {
  const full = items.filter(each => each !== null), kinds = new Set(full.map(kindOf));
  if (["number", "date", "time"].filter(kind => kinds.has(kind)).length > 1) refuse(WRONG_KIND);
  return [...full.sort(compare), ...Array(items.length - full.length).fill(null)];
};

const TWO = whole(2), FOUR = whole(4);
const exactly = (a, b) => new Decimal(a.m * b.m, a.e + b.e);
// n·Σxy − Σx·Σy without any rounding.
export const commonSpread = (left, right) => {
  const products = exactSum(left.map((each, at) => exactly(each, right[at])));
  const { m, e } = exactly(exactSum(left), exactSum(right));
  return exactSum([exactly(whole(left.length), products), new Decimal(-m, e)]);
};
export const spread = numbers => commonSpread(numbers, numbers);

const ascending = numbers => [...numbers].sort(compareNumbers);
const at = (ordered, place) => {
  const index = small(place);
  return index >= 1 && index <= ordered.length ? ordered[index - 1] : refuse(OUT_OF_RANGE);
};
const ranked = (number, column, order) => {
  column.forEach(each => isError(each) && refuse(each));
  const orders = column.filter(isNumber).map(each => compareNumbers(each, number)), ahead = isZero(order) ? 1 : -1;
  const ties = orders.filter(each => each === 0).length;
  if (ties === 0) refuse(NOTHING_MATCHED);
  return [whole(orders.filter(each => each === ahead).length + 1), whole(ties)];
};
const between = (ordered, place) => {
  const below = small(place);
  if (below + 1 >= ordered.length) return ordered[ordered.length - 1];
  const share = subtract(place, whole(below)), gap = subtract(ordered[below + 1], ordered[below]);
  return add(ordered[below], multiply(share, gap));
};
const within = (number, low, high) => compareNumbers(number, low) >= 0 && compareNumbers(number, high) <= 0;
const percentile = (numbers, part) => {
  if (numbers.length === 0 || !within(part, ZERO, ONE)) refuse(OUT_OF_RANGE);
  return between(ascending(numbers), multiply(part, whole(numbers.length - 1)));
};
const percentileExclusive = (numbers, part) => {
  const place = multiply(part, whole(numbers.length + 1));
  if (!within(place, ONE, whole(numbers.length))) refuse(OUT_OF_RANGE);
  return between(ascending(numbers), subtract(place, ONE));
};
const quarter = (number, low, high) => {
  const found = small(number);
  return found >= low && found <= high ? divide(whole(found), FOUR) : refuse(OUT_OF_RANGE);
};
const variance = less => numbers => {
  const weight = numbers.length - less;
  return weight < 1 ? refuse(NO_VALUES) : divide(spread(numbers), whole(numbers.length * weight));
};
const some = numbers => (numbers.length === 0 ? refuse(OUT_OF_RANGE) : whole(numbers.length));

export const FUNCTIONS = {
  LARGE: (values, place) => at(inOrder(values).reverse(), place),
  SMALL: (values, place) => at(inOrder(values), place),
  MEDIAN: numbers => {
    some(numbers);
    const ordered = ascending(numbers), half = Math.floor(ordered.length / 2);
    return ordered.length % 2 ? ordered[half] : divide(add(ordered[half - 1], ordered[half]), TWO);
  },
  MODE: numbers => {
    const counts = new Map();
    for (const each of numbers) counts.set(plain(each), (counts.get(plain(each)) ?? 0) + 1);
    const most = [...counts.values()].reduce((found, each) => Math.max(found, each), 0);
    return most < 2 ? refuse(NOTHING_MATCHED) : numbers.find(each => counts.get(plain(each)) === most);
  },
  RANK: (number, column, order = ZERO) => ranked(number, column, order)[0],
  "RANK.AVG": (number, column, order = ZERO) => {
    const [first, ties] = ranked(number, column, order);
    return add(first, divide(subtract(ties, ONE), TWO));
  },
  PERCENTILE: percentile,
  "PERCENTILE.EXC": percentileExclusive,
  QUARTILE: (numbers, number) => percentile(numbers, quarter(number, 0, 4)),
  "QUARTILE.EXC": (numbers, number) => percentileExclusive(numbers, quarter(number, 1, 3)),
  VAR: variance(1),
  VARP: variance(0),
  STDEV: numbers => squareRoot(variance(1)(numbers)),
  STDEVP: numbers => squareRoot(variance(0)(numbers)),
  DEVSQ: numbers => divide(spread(numbers), some(numbers)),
  AVEDEV: numbers => {
    const count = some(numbers), total = exactSum(numbers), below = new Decimal(-total.m, total.e);
    const gaps = numbers.map(each => absolute(exactSum([exactly(count, each), below])));
    return divide(exactSum(gaps), whole(numbers.length ** 2));
  },
  HARMEAN: numbers => {
    if (numbers.some(each => each.m <= 0n)) refuse(OUT_OF_RANGE);
    return divide(some(numbers), numbers.reduce((total, each) => add(total, divide(ONE, each)), ZERO));
  },
  TRIMMEAN: (numbers, part) => {
    if (numbers.length === 0 || part.m < 0n || compareNumbers(part, ONE) >= 0) refuse(OUT_OF_RANGE);
    const away = Math.floor(small(multiply(part, whole(numbers.length))) / 2);
    const kept = ascending(numbers).slice(away, numbers.length - away);
    return divide(exactSum(kept), whole(kept.length));
  },
};
