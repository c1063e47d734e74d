// Mirrors runtime/kinds/functions/time.py.
import { isText, refuse, toClock, toNumber, toTime } from "./coerce.js";
import { calendar, later } from "./date.js";
import { small, whole } from "./decimal.js";
import { BAD_ARGUMENT, Instant, OUT_OF_RANGE, Time, clockParts, dayOf, makeDay, makeInstant, parts, secondOf } from "./values.js";

const DAY_SECONDS = 86400, MOST = 32767, MAX_MOVE = 1e9, MAX_MOVES = 64;
const MONTHS = { Y: 12, M: 1 }, SECONDS = { w: 604800, d: 86400, h: 3600, m: 60, s: 1 };
const UNITS = {
  Y: "Y", M: "M", w: "w", d: "d", h: "h", m: "m", s: "s", y: "Y", W: "w", D: "d", H: "h", S: "s",
  年: "Y", 月: "M", 周: "w", 天: "d", 日: "d", 时: "h", 分: "m", 秒: "s",
};
const MOVES = /^(?:[+-]?[0-9]{1,9}[YyMwWdDhHmsS])+$/, MOVE = /([+-]?[0-9]{1,9})([YyMwWdDhHmsS])/g;
const unitOf = name => (Object.hasOwn(UNITS, name) ? UNITS[name] : refuse(BAD_ARGUMENT));
const moved = (given, count, unit) => {
  if (Object.hasOwn(MONTHS, unit)) {
    const day = later(given, count * MONTHS[unit]);
    return given instanceof Instant ? new Instant(secondOf(day) + secondOf(given) - dayOf(given) * DAY_SECONDS) : day;
  }
  const seconds = count * SECONDS[unit];
  if (given instanceof Instant) return makeInstant(given.second + seconds);
  return seconds % DAY_SECONDS ? refuse(BAD_ARGUMENT) : makeDay(given.day + seconds / DAY_SECONDS);
};
const part = name => clock => whole((clock instanceof Time ? clockParts(clock) : parts(clock))[name]);

export const FUNCTIONS = {
  TIME: (hour, minute, second) => {
    const given = [hour, minute, second].map(each => small(each)), total = given[0] * 3600 + given[1] * 60 + given[2];
    return Math.max(...given) > MOST || total < 0 ? refuse(OUT_OF_RANGE) : new Time(total % DAY_SECONDS);
  },
  TIMEVALUE: text => toTime(toClock(text)),
  HOUR: part("hour"),
  MINUTE: part("minute"),
  SECOND: part("second"),
  DATEADD: (given, amount, unit = "d") => {
    const text = isText(amount) ? amount.replaceAll(" ", "") : "";
    if (!MOVES.test(text)) return moved(given, small(toNumber(amount), MAX_MOVE), unitOf(unit));
    const moves = [...text.matchAll(MOVE)];
    if (moves.length > MAX_MOVES) refuse(BAD_ARGUMENT);
    return moves.reduce((day, [, count, letter]) => moved(day, Number(count), UNITS[letter]), given);
  },
  DATEIF: (start, end, unit = "d") => {
    const chosen = unitOf(unit), isBackwards = secondOf(start) > secondOf(end);
    const [first, last] = isBackwards ? [end, start] : [start, end], gap = secondOf(last) - secondOf(first);
    const signed = count => whole(isBackwards && count ? -count : count);
    if (!Object.hasOwn(MONTHS, chosen)) return signed(Math.floor(gap / SECONDS[chosen]));
    const from = parts(first), to = parts(last), clock = value => secondOf(value) - calendar(value).day * DAY_SECONDS;
    const isEarly = to.day < from.day || (to.day === from.day && clock(last) < clock(first));
    const months = (to.year - from.year) * 12 + to.month - from.month - (isEarly ? 1 : 0);
    return signed(Math.floor(months / MONTHS[chosen]));
  },
};
