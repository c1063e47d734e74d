// Mirrors runtime/kinds/functions/lookup.py.
import { average, extreme, sum } from "./aggregate.js";
import { compare, isError, isNumber, isText, kindOf, refuse } from "./coerce.js";
import { Pattern, hasWildcard } from "./criteria.js";
import { ONE, ZERO, isZero, small, whole } from "./decimal.js";
import { BAD_ARGUMENT, NOTHING_MATCHED, NO_SUCH_PLACE, isDate, isTime } from "./values.js";

const given = value => (isError(value) ? refuse(value) : value);
const sameLength = (keys, results) => keys.length !== results.length && refuse(BAD_ARGUMENT);
const equalTo = wanted => {
  const kind = kindOf(wanted);
  return key => kindOf(key) === kind && compare(key, wanted) === 0;
};
const like = wanted => {
  if (!isText(wanted) || !hasWildcard(wanted)) return equalTo(wanted);
  const pattern = new Pattern(wanted);
  return key => isText(key) && pattern.matches(key);
};
const first = (test, keys) => keys.findIndex(test);
const last = (test, keys) => keys.findLastIndex(test);
const nearest = (wanted, keys, side, isLast) => {
  const kind = kindOf(wanted);
  let found = -1;
  keys.forEach((each, place) => {
    if (kindOf(each) !== kind || compare(each, wanted) === -side) return;
    const order = found < 0 ? side : compare(keys[found], each);
    if (order === side || (order === 0 && isLast)) found = place;
  });
  return found;
};
// The keys before the first that is less: of keys in falling order, all that are not.
const fallingTo = (wanted, keys) => {
  const end = keys.findIndex(each => kindOf(each) === kindOf(wanted) && compare(each, wanted) < 0);
  return end < 0 ? keys : keys.slice(0, end);
};
const sought = (wanted, keys, match, direction) => {
  const how = small(match), way = small(direction);
  if (![0, -1, 1, 2].includes(how) || ![1, -1, 2, -2].includes(way)) refuse(BAD_ARGUMENT);
  const test = how === 2 ? like(wanted) : equalTo(wanted), place = (way < 0 ? last : first)(test, keys);
  return place < 0 && (how === 1 || how === -1) && wanted !== null ? nearest(wanted, keys, how, way < 0) : place;
};
const filled = wanted => (wanted === null ? ZERO : wanted);
const placed = place => (place < 0 ? NOTHING_MATCHED : whole(place + 1));
const orEmpty = (rows, summary) => (rows.length === 0 ? null : summary(rows));
const ordered = rows => rows.filter(each => isNumber(each) || isDate(each) || isTime(each));
const SUMMARIES = {
  first: rows => orEmpty(rows, () => rows[0]),
  last: rows => orEmpty(rows, () => rows[rows.length - 1]),
  max: rows => orEmpty(ordered(rows), extreme(1)),
  min: rows => orEmpty(ordered(rows), extreme(-1)),
  avg: rows => orEmpty(rows.filter(isNumber), average),
  sum: rows => sum(rows.filter(isNumber)),
  count: rows => whole(rows.length),
};

export const FUNCTIONS = {
  XLOOKUP: (wanted, keys, results, missing = () => null, match = ZERO, direction = ONE) => {
    sameLength(keys, results);
    const place = sought(wanted, keys, match, direction);
    return place >= 0 ? given(results[place]) : missing() ?? NOTHING_MATCHED;
  },
  VLOOKUP: (wanted, keys, results, isNear = false) => {
    sameLength(keys, results);
    const place = isNear ? nearest(filled(wanted), keys, -1, true) : first(like(filled(wanted)), keys);
    return place < 0 ? NOTHING_MATCHED : given(results[place]);
  },
  LOOKUP: (wanted, keys, results = keys) => {
    sameLength(keys, results);
    const place = nearest(filled(wanted), keys, -1, true);
    return place < 0 ? NOTHING_MATCHED : given(results[place]);
  },
  MATCH: (asked, keys, kind = ONE) => {
    const wanted = filled(asked);
    if (isZero(kind)) return placed(first(like(wanted), keys));
    return placed(kind.m < 0n ? nearest(wanted, fallingTo(wanted, keys), 1, true) : nearest(wanted, keys, -1, true));
  },
  XMATCH: (wanted, keys, match = ZERO, direction = ONE) => placed(sought(wanted, keys, match, direction)),
  INDEX: (column, row, side = ONE) => {
    const place = small(row);
    if (place < 1) refuse(BAD_ARGUMENT);
    return place > column.length || ![0, 1].includes(small(side)) ? refuse(NO_SUCH_PLACE) : column[place - 1];
  },
  MAPX: (operation, wanted, keys, results) => {
    sameLength(keys, results);
    const name = operation.toLowerCase();
    if (!Object.hasOwn(SUMMARIES, name)) refuse(BAD_ARGUMENT);
    const test = wanted === null || wanted === "" ? () => false : equalTo(wanted);
    return SUMMARIES[name](results.filter((_, place) => test(keys[place])).map(given));
  },
};
