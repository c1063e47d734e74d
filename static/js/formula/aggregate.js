// Mirrors runtime/kinds/functions/aggregate.py.
import { compare, isError, isNumber, refuse } from "./coerce.js";
import { ONE, ZERO, divide, exactSum, fit, multiply, whole } from "./decimal.js";
import { BAD_ARGUMENT, NO_VALUES, isDate, isTime } from "./values.js";

export const sum = numbers => fit(exactSum(numbers));
const product = numbers => (numbers.length === 0 ? ZERO : numbers.reduce(multiply, ONE));
export const average = numbers => (numbers.length === 0 ? refuse(NO_VALUES) : divide(sum(numbers), whole(numbers.length)));
const counting = test => values => whole(values.filter(test).length);
export const extreme = wanted => values =>
  values.length === 0 ? ZERO : values.slice(1).reduce((found, each) => (compare(each, found) === wanted ? each : found), values[0]);

export const FUNCTIONS = {
  SUM: sum,
  PRODUCT: product,
  SUMSQ: numbers => sum(numbers.map(each => multiply(each, each))),
  SUMPRODUCT: columns => {
    if (columns.some(each => each.length !== columns[0].length)) refuse(BAD_ARGUMENT);
    return sum([...columns[0].keys()].map(place => {
      const row = columns.map(column => column[place]);
      row.forEach(each => isError(each) && refuse(each));
      return product(row.map(each => (isNumber(each) ? each : ZERO)));
    }));
  },
  AVERAGE: average,
  COUNT: counting(each => isNumber(each) || isDate(each) || isTime(each)),
  COUNTA: counting(each => each !== null),
  COUNTBLANK: counting(each => each === null || each === ""),
  MAX: extreme(1),
  MIN: extreme(-1),
};
