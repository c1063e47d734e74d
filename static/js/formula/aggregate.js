// Mirrors runtime/kinds/functions/aggregate.py.
import { compare, isError, isNumber, refuse } from "./coerce.js";
import { ONE, ZERO, divide, exactSum, fit, multiply, whole } from "./decimal.js";
import { BAD_ARGUMENT, NO_VALUES, isDate, isTime } from "./values.js";

export const sum = numbers => fit(exactSum(numbers));
const product = numbers => (numbers.length === 0 ? ZERO : numbers.reduce(multiply, ONE));
export const average = numbers => (numbers.length === 0 ? refuse(NO_VALUES) : divide(sum(numbers), whole(numbers.length)));
const factor = value => (isError(value) ? refuse(value) : isNumber(value) ? value : ZERO);
const counting = test => values => whole(values.filter(test).length);
export const extreme = wanted => values =>
  values.length === 0 ? ZERO : values.slice(1).reduce((found, each) => (compare(each, found) === wanted ? each : found), values[0]);

export const FUNCTIONS = {
  SUM: sum,
  PRODUCT: product,
  SUMSQ: numbers => sum(numbers.map(each => multiply(each, each))),
  SUMPRODUCT: columns => {
    if (columns.some(each => each.length !== columns[0].length)) refuse(BAD_ARGUMENT);
    const numbers = columns.map(column => column.map(factor));
    return sum(numbers.slice(1).reduce((products, column) => products.map((each, at) => multiply(each, column[at])), numbers[0]));
  },
  AVERAGE: average,
  COUNT: counting(each => isNumber(each) || isDate(each) || isTime(each)),
  COUNTA: counting(each => each !== null),
  COUNTBLANK: counting(each => each === null || each === ""),
  MAX: extreme(1),
  MIN: extreme(-1),
};
