// Mirrors runtime/kinds/functions/logic.py.
import { compare, guarded, isBoolean, isError, isNumber, refuse, rowOf, toBoolean } from "./coerce.js";
import { small } from "./decimal.js";
import { BAD_ARGUMENT, NOT_AVAILABLE, NOTHING_MATCHED } from "./values.js";

const single = value => (Array.isArray(value) ? refuse(BAD_ARGUMENT) : value);
const na = value => isError(value) && value.kind === NOT_AVAILABLE.kind;

const choose = (condition, yes, no = () => false) => {
  const found = condition();
  if (isError(found)) return found;
  if (!Array.isArray(found)) return toBoolean(found) ? yes() : no();
  const whenTrue = yes(), whenFalse = no();
  return found.map((each, at) => {
    const holds = isError(each) ? each : guarded(toBoolean, each);
    return isError(holds) ? holds : rowOf(holds ? whenTrue : whenFalse, at);
  });
};
const replaced = (found, fallback, bad) => {
  if (!Array.isArray(found)) return bad(found) ? fallback() : found;
  if (!found.some(bad)) return found;
  const other = fallback();
  return found.map((each, at) => (bad(each) ? rowOf(other, at) : each));
};
const truths = value => {
  if (!Array.isArray(value)) return [toBoolean(value)];
  const found = [];
  for (const each of value) {
    if (isError(each)) { found.push(each); break; }
    if (isBoolean(each) || isNumber(each)) found.push(toBoolean(each));
  }
  return found;
};
const until = (conditions, stop) => {
  for (const condition of conditions) {
    const found = condition();
    if (isError(found)) return found;
    for (const truth of truths(found)) {
      if (isError(truth)) refuse(truth);
      if (truth === stop) return stop;
    }
  }
  return !stop;
};

export const FUNCTIONS = {
  IF: choose,
  IFS: pairs => {
    for (let at = 0; at < pairs.length; at += 2) {
      const found = pairs[at]();
      if (isError(found)) return found;
      if (toBoolean(single(found))) return pairs[at + 1]();
    }
    return NOTHING_MATCHED;
  },
  SWITCH: (value, first, result, rest) => {
    const wanted = value(), cases = [first, result, ...rest];
    if (isError(wanted)) return wanted;
    for (let at = 0; at + 1 < cases.length; at += 2) {
      const found = cases[at]();
      if (isError(found)) return found;
      if (compare(single(wanted), single(found)) === 0) return cases[at + 1]();
    }
    return cases.length % 2 ? cases[cases.length - 1]() : NOTHING_MATCHED;
  },
  CHOOSE: (index, values) => {
    const place = small(index);
    return place >= 1 && place <= values.length ? values[place - 1]() : BAD_ARGUMENT;
  },
  IFERROR: (value, fallback) => replaced(value(), fallback, isError),
  IFNA: (value, fallback) => replaced(value(), fallback, na),
  AND: conditions => until(conditions, false),
  OR: conditions => until(conditions, true),
  XOR: values => values.filter(each => each !== "").filter(toBoolean).length % 2 === 1,
  NOT: condition => !condition,
  TRUE: () => true,
  FALSE: () => false,
};
