// Mirrors runtime/kinds/functions/lists.py.
import { isError, isNumber, isText, kindOf, refuse, toBoolean, toText } from "./coerce.js";
import { ONE, plain, small, whole } from "./decimal.js";
import { inOrder } from "./statistics.js";
import { joined } from "./text.js";
import { BAD_ARGUMENT, NOTHING_MATCHED, isDate, isTime, secondOf } from "./values.js";

const key = value => {
  const own = isText(value) ? value.toLowerCase() : isNumber(value) ? plain(value)
    : isDate(value) ? secondOf(value) : isTime(value) ? value.second : value;
  return `${kindOf(value)} ${own}`;
};
// Each value once, in the order of their first coming.
const distinct = values => {
  const seen = new Map();
  for (const each of values) if (!seen.has(key(each))) seen.set(key(each), each);
  return [...seen.values()];
};
const entire = column => { column.forEach(each => isError(each) && refuse(each)); return column; };
const sameLength = (column, other) => column.length !== other.length && refuse(BAD_ARGUMENT);
const turned = (ordered, order) => {
  if (![1, -1].includes(small(order))) refuse(BAD_ARGUMENT);
  if (order.m > 0n) return ordered;
  const full = ordered.filter(each => each !== null);
  return [...full.reverse(), ...Array(ordered.length - full.length).fill(null)];
};

export const FUNCTIONS = {
  UNIQUE: column => distinct(entire(column)),
  UNION: values => distinct(values.filter(each => each !== null && each !== "")),
  SORT: (column, side = ONE, order = ONE) => (small(side) === 1 ? turned(inOrder(entire(column)), order) : refuse(BAD_ARGUMENT)),
  SORTBY: (column, keys, order = ONE) => {
    sameLength(column, keys);
    entire(column);
    const ranks = new Map(distinct(turned(inOrder(entire(keys)), order)).map((each, rank) => [key(each), rank]));
    return [...column.keys()].sort((a, b) => ranks.get(key(keys[a])) - ranks.get(key(keys[b]))).map(place => column[place]);
  },
  FILTER: (column, conditions, missing = () => null) => {
    sameLength(column, conditions);
    const holds = entire(conditions).map(toBoolean), rows = column.filter((_, place) => holds[place]);
    return rows.length ? rows : missing() ?? NOTHING_MATCHED;
  },
  TAKE: (column, count) => {
    const number = small(count);
    if (number === 0) refuse(BAD_ARGUMENT);
    return number > 0 ? column.slice(0, number) : column.slice(number);
  },
  DROP: (column, count) => (small(count) >= 0 ? column.slice(small(count)) : column.slice(0, small(count))),
  COUNTARRAY: values => whole(values.length),
  JOIN: (column, separator = ",") => joined(entire(column).map(toText), separator),
  SPLIT: (text, separator) => (separator ? text.split(separator) : Array.from(text)),
  FINDA: (text, before, after) => {
    if (!before || !after) refuse(BAD_ARGUMENT);
    const found = [];
    for (let begin = text.indexOf(before); begin >= 0; ) {
      const start = begin + before.length, end = text.indexOf(after, start);
      if (end < 0) break;
      found.push(text.slice(start, end));
      begin = text.indexOf(before, end + after.length);
    }
    return found;
  },
};
