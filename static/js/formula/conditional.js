// Mirrors runtime/kinds/functions/conditional.py.
import { average, sum } from "./aggregate.js";
import { isError, isNumber, refuse } from "./coerce.js";
import { criterion } from "./criteria.js";
import { ZERO, compareNumbers, whole } from "./decimal.js";
import { BAD_ARGUMENT } from "./values.js";

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
const best = wanted => (column, pairs) => {
  const found = chosen(column, pairs);
  return found.length === 0 ? ZERO : found.reduce((most, each) => (compareNumbers(each, most) === wanted ? each : most));
};

export const FUNCTIONS = {
  SUMIF: (column, wanted, summed = column) => sum(chosen(summed, [column, wanted])),
  SUMIFS: (summed, pairs) => sum(chosen(summed, pairs)),
  AVERAGEIF: (column, wanted, averaged = column) => average(chosen(averaged, [column, wanted])),
  AVERAGEIFS: (averaged, pairs) => average(chosen(averaged, pairs)),
  MAXIFS: best(1),
  MINIFS: best(-1),
  COUNTIF: (column, wanted) => whole(meeting([column, wanted]).length),
  COUNTIFS: pairs => whole(meeting(pairs).length),
};
