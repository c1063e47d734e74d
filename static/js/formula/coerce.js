// How values turn into one another and compare; mirrors runtime/formula/values.py.
import {
  Decimal, ONE, ZERO, add, compareSettled, divide, isZero, multiply, negate, plain, readNumber, roundTo, small, subtract, whole,
} from "./decimal.js";
import {
  CellError, Day, Fault, Instant, LENGTHS_DIFFER, LIMIT_STEPS, Limit, NOT_A_BOOLEAN, NOT_A_DATE, NOT_A_NUMBER, NOT_A_TIME,
  Time, WRONG_KIND, checkText, dayOf, isDate, isTime, isoText, makeDay, makeInstant, readDate, readTime, secondOf,
} from "./values.js";

export const MAX_STEPS = 100000;
export const POWER_STEPS = 50;
const ROWS_A_STEP = 8, TEXT_A_STEP = 64, DAY_SECONDS = 86400, DAY = whole(DAY_SECONDS);

export class Work {
  constructor(steps = MAX_STEPS) { this.left = steps; }
  spend(steps = 1) {
    this.left -= steps;
    if (this.left < 0) throw new Limit(LIMIT_STEPS);
  }
  read(rows) { this.spend(Math.floor(rows / ROWS_A_STEP)); }
  // Long texts cost by their length, in characters as Python counts them.
  weigh(values) {
    for (const each of values) {
      if (typeof each !== "string" || each.length < TEXT_A_STEP) continue;
      let length = 0;
      for (const _ of each) length += 1;
      this.spend(Math.floor(length / TEXT_A_STEP));
    }
  }
}

export const isText = value => typeof value === "string";
export const isBoolean = value => typeof value === "boolean";
export const isError = value => value instanceof CellError;
export const isNumber = value => value instanceof Decimal;
export const refuse = cell => { throw new Fault(cell); };

export const toNumber = value => {
  if (isNumber(value)) return value;
  if (value === null) return ZERO;
  if (isBoolean(value)) return value ? ONE : ZERO;
  return isText(value) ? readNumber(value) : refuse(NOT_A_NUMBER);
};
export const toText = value => {
  if (isText(value)) return value;
  if (value === null) return "";
  if (isBoolean(value)) return value ? "TRUE" : "FALSE";
  if (isNumber(value)) return plain(value);
  return isDate(value) || isTime(value) ? isoText(value, " ") : refuse(WRONG_KIND);
};
export const toBoolean = value => {
  if (isBoolean(value)) return value;
  if (value === null) return false;
  if (isNumber(value)) return !isZero(value);
  const word = isText(value) ? value.toUpperCase() : "";
  return word === "TRUE" || word === "FALSE" ? word === "TRUE" : refuse(NOT_A_BOOLEAN);
};
export const toDate = value => {
  if (isDate(value)) return value;
  return (isText(value) ? readDate(value) : null) ?? refuse(NOT_A_DATE);
};

const midnight = value => (value instanceof Day ? new Instant(secondOf(value)) : value);
export const toTime = value => {
  if (isTime(value)) return value;
  if (value instanceof Instant) return new Time(value.second - dayOf(value) * DAY_SECONDS);
  return (isText(value) ? readTime(value) : null) ?? refuse(NOT_A_TIME);
};
export const toClock = value => {
  if (isTime(value) || isDate(value)) return midnight(value);
  return (isText(value) ? readTime(value) : null) ?? midnight(toDate(value));
};

export const guarded = (operation, ...operands) => {
  try {
    return operation(...operands);
  } catch (caught) {
    if (caught instanceof Fault) return caught.cell;
    throw caught;
  }
};
export const rowOf = (value, place) =>
  !Array.isArray(value) ? value : place < value.length ? value[place] : LENGTHS_DIFFER;
export const lifted = (work, operation, ...operands) => {
  const columns = operands.filter(Array.isArray);
  if (columns.length === 0) {
    const failed = operands.find(isError);
    if (failed !== undefined) return failed;
    work.weigh(operands);
    work.spend(operation.steps ?? 0);
    const found = guarded(operation, ...operands);
    work.weigh([found]);
    return found;
  }
  const length = Math.max(...columns.map(each => each.length));
  work.spend(length);
  return Array.from({ length }, (_, at) => lifted(work, operation, ...operands.map(each => rowOf(each, at))));
};

export const move = (start, days) => {
  if (isDate(days)) refuse(WRONG_KIND);
  const count = toNumber(days);
  if (start instanceof Instant) return makeInstant(start.second + small(roundTo(multiply(count, DAY), 0), 1e12));
  return makeDay(start.day + small(count));
};
const withTime = (left, right) => {
  const [day, clock] = isTime(left) ? [right, left] : [left, right];
  if (day === null || day === "") return null;
  return isDate(day) ? makeInstant(secondOf(day) + clock.second) : refuse(WRONG_KIND);
};
export const plus = (left, right) => {
  if (isTime(left) || isTime(right)) return withTime(left, right);
  if (isDate(left)) return move(left, right);
  return isDate(right) ? move(right, left) : add(toNumber(left), toNumber(right));
};
export const minus = (left, right) => {
  if (isDate(right) || (isTime(left) && isTime(right))) return daysBetween(left, right);
  if (isDate(left)) return move(left, negate(toNumber(right)));
  return subtract(toNumber(left), toNumber(right));
};
export const daysBetween = (left, right) => {
  if (left === null || left === "" || right === null || right === "") return null;
  if (isTime(left) && isTime(right)) return divide(whole(left.second - right.second), DAY);
  const last = toDate(left), first = toDate(right);
  if (last instanceof Day && first instanceof Day) return whole(last.day - first.day);
  return divide(whole(secondOf(last) - secondOf(first)), DAY);
};
export const joinTexts = (left, right) => checkText(toText(left) + toText(right));

const like = (value, other) => (value !== null ? value : isText(other) ? "" : isBoolean(other) ? false : ZERO);
const rank = value => (isBoolean(value) ? 2 : isText(value) ? 1 : 0);
const order = (left, right) => (left < right ? -1 : left > right ? 1 : 0);
const compareTexts = (left, right) => {
  const a = Array.from(left), b = Array.from(right), length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return order(a[at].codePointAt(0), b[at].codePointAt(0));
  return order(a.length, b.length);
};
export const compare = (first, second) => {
  const left = like(first, second), right = like(second, first);
  if (rank(left) !== rank(right)) return order(rank(left), rank(right));
  if (rank(left) === 0 && kindOf(left) !== kindOf(right)) {
    if (isNumber(left) && isZero(left)) return -1;
    return isNumber(right) && isZero(right) ? 1 : refuse(WRONG_KIND);
  }
  if (isText(left)) return compareTexts(left.toLowerCase(), right.toLowerCase());
  if (isBoolean(left)) return order(left, right);
  if (isNumber(left)) return compareSettled(left, right);
  if (left instanceof Day && right instanceof Day) return order(left.day, right.day);
  return isTime(left) ? order(left.second, right.second) : order(secondOf(left), secondOf(right));
};
export const kindOf = value => {
  if (isNumber(value)) return "number";
  if (isText(value)) return "text";
  if (isBoolean(value)) return "boolean";
  if (value === null) return "nothing";
  return isDate(value) ? "date" : isTime(value) ? "time" : "error";
};
