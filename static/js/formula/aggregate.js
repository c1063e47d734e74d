// Mirrors runtime/kinds/functions/aggregate.py.
import { compare, isError, isNumber, refuse } from "./coerce.js";
import { criterion } from "./criteria.js";
import { ONE, ZERO, add, compareNumbers, divide, multiply, small, whole } from "./decimal.js";
import { BAD_ARGUMENT, NO_VALUES, OUT_OF_RANGE, isDate } from "./values.js";

const sum = numbers => numbers.reduce(add, ZERO);
const product = numbers => (numbers.length === 0 ? ZERO : numbers.reduce(multiply, ONE));
const average = numbers => (numbers.length === 0 ? refuse(NO_VALUES) : divide(sum(numbers), whole(numbers.length)));
const counting = test => values => whole(values.filter(test).length);
const extreme = wanted => values =>
  values.length === 0 ? ZERO : values.slice(1).reduce((found, each) => (compare(each, found) === wanted ? each : found), values[0]);
const sorted = values => [...values].sort(compare);
const at = (ordered, place) => {
  const index = small(place);
  return index >= 1 && index <= ordered.length ? ordered[index - 1] : refuse(OUT_OF_RANGE);
};
const even = (list, place) => list.filter((_, index) => index % 2 === place);
const meeting = pairs => {
  const columns = even(pairs, 0), tests = even(pairs, 1).map(criterion);
  if (columns.some(each => each.length !== columns[0].length)) refuse(BAD_ARGUMENT);
  return [...columns[0].keys()].filter(place => tests.every((test, index) => test(columns[index][place])));
};
const chosen = (column, pairs) => {
  if (column.length !== pairs[0].length) refuse(BAD_ARGUMENT);
  const found = meeting(pairs).map(place => column[place]);
  found.forEach(each => isError(each) && refuse(each));
  return found.filter(isNumber);
};
const best = (numbers, wanted) => numbers.reduce((found, each) => (compareNumbers(each, found) === wanted ? each : found));

export const AGGREGATE = {
  SUM: sum,
  PRODUCT: product,
  SUMSQ: numbers => sum(numbers.map(each => multiply(each, each))),
  AVERAGE: average,
  COUNT: counting(each => isNumber(each) || isDate(each)),
  COUNTA: counting(each => each !== null),
  COUNTBLANK: counting(each => each === null || each === ""),
  MAX: extreme(1),
  MIN: extreme(-1),
  LARGE: (values, place) => at(sorted(values).reverse(), place),
  SMALL: (values, place) => at(sorted(values), place),
  MEDIAN: numbers => {
    if (numbers.length === 0) refuse(OUT_OF_RANGE);
    const ordered = [...numbers].sort(compareNumbers), half = Math.floor(ordered.length / 2);
    return ordered.length % 2 ? ordered[half] : divide(add(ordered[half - 1], ordered[half]), whole(2));
  },
  SUMPRODUCT: columns => {
    if (columns.some(each => each.length !== columns[0].length)) refuse(BAD_ARGUMENT);
    return sum([...columns[0].keys()].map(place => {
      const row = columns.map(column => column[place]);
      row.forEach(each => isError(each) && refuse(each));
      return product(row.map(each => (isNumber(each) ? each : ZERO)));
    }));
  },
  SUMIF: (column, wanted, summed = column) => sum(chosen(summed, [column, wanted])),
  SUMIFS: (summed, pairs) => sum(chosen(summed, pairs)),
  AVERAGEIF: (column, wanted, averaged = column) => average(chosen(averaged, [column, wanted])),
  AVERAGEIFS: (averaged, pairs) => average(chosen(averaged, pairs)),
  MAXIFS: (column, pairs) => { const found = chosen(column, pairs); return found.length ? best(found, 1) : ZERO; },
  MINIFS: (column, pairs) => { const found = chosen(column, pairs); return found.length ? best(found, -1) : ZERO; },
  COUNTIF: (column, wanted) => whole(meeting([column, wanted]).length),
  COUNTIFS: pairs => whole(meeting(pairs).length),
};
