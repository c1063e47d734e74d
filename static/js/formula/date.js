// Mirrors runtime/kinds/functions/date.py.
import { daysBetween, move, refuse, toDate } from "./coerce.js";
import { ONE, ZERO, divide, small, whole } from "./decimal.js";
import { Day, NO_SUCH_DATE, OUT_OF_RANGE, civil, dayOf, daysIn, makeDay, parts } from "./values.js";

const LAST_YEAR = 9999, MAX_MONTHS = 200000;
export const calendar = value => new Day(dayOf(value));
const month = (year, number) => {
  const months = year * 12 + number - 1;
  if (!(months >= 12 && months < (LAST_YEAR + 1) * 12)) refuse(NO_SUCH_DATE);
  return { year: Math.floor(months / 12), month: (months % 12) + 1 };
};
const at = (year, number, day) => civil(year, number, day);
export const later = (value, months) => {
  const now = parts(value), then = month(now.year, now.month + months);
  return new Day(at(then.year, then.month, Math.min(now.day, daysIn(then.year, then.month))));
};
const part = name => value => whole(parts(value)[name]);

const WEEKS = new Map([[1, [6, 1]], [2, [0, 1]], [3, [0, 0]], [17, [6, 1]]]);
for (let n = 1; n <= 6; n++) WEEKS.set(10 + n, [n - 1, 1]);
const wrapped = (n, by) => ((n % by) + by) % by;
const isoWeek = value => {
  const day = dayOf(value), thursday = day - parts(value).weekday + 3;
  return whole(Math.floor((thursday - at(parts(new Day(thursday)).year, 1, 1)) / 7) + 1);
};

const now = moment => moment, today = moment => calendar(moment);
now.volatile = today.volatile = true;


const endsFebruary = ({ year, month: number, day }) => number === 2 && day === daysIn(year, 2);
const leap = year => daysIn(year, 2) === 29;
// The days of the years touched and how many years these are; within one year, of that one.
const actualYears = (from, to, last) => {
  const within = from.year === to.year
    || (from.year + 1 === to.year && (from.month > to.month || (from.month === to.month && from.day >= to.day)));
  if (!within) return [at(to.year, 12, 31) - at(from.year, 1, 1) + 1, to.year - from.year + 1];
  const isLong = from.year === to.year ? leap(from.year)
    : (leap(from.year) && from.month < 3) || (leap(to.year) && last >= at(to.year, 2, 29));
  return [isLong ? 366 : 365, 1];
};
const bankDays = (from, to, isEuropean) => {
  let begin = Math.min(from.day, 30), finish = to.day;
  if (isEuropean) finish = Math.min(finish, 30);
  else if (endsFebruary(from)) {
    begin = 30;
    if (endsFebruary(to)) finish = 30;
  } else if (finish === 31 && begin === 30) finish = 30;
  return ((to.year - from.year) * 12 + to.month - from.month) * 30 + finish - begin;
};

export const FUNCTIONS = {
  TODAY: today,
  NOW: now,
  DATE: (year, number, day) => {
    const given = small(year), then = month(given >= 0 && given < 1900 ? given + 1900 : given, small(number));
    return makeDay(at(then.year, then.month, 1) + small(day) - 1);
  },
  YEAR: part("year"),
  MONTH: part("month"),
  DAY: part("day"),
  EDATE: (value, months) => later(value, small(months, MAX_MONTHS)),
  EOMONTH: (value, months = ZERO) => {
    const now_ = parts(value), then = month(now_.year, now_.month + small(months, MAX_MONTHS));
    return new Day(at(then.year, then.month, daysIn(then.year, then.month)));
  },
  DAYS: (end, start) => daysBetween(calendar(end), calendar(start)),
  DATEDIF: (start, end, unit = "D") => {
    const first = calendar(start), last = calendar(end), from = parts(first), to = parts(last);
    if (first.day > last.day) refuse(OUT_OF_RANGE);
    const months = (to.year - from.year) * 12 + to.month - from.month - (to.day < from.day ? 1 : 0);
    switch (unit.toUpperCase()) {
      case "D": return whole(last.day - first.day);
      case "M": return whole(months);
      case "Y": return whole(Math.floor(months / 12));
      case "YM": return whole(months % 12);
      case "MD": return whole(last.day - later(first, months).day);
      case "YD": return whole(last.day - later(first, Math.floor(months / 12) * 12).day);
      default: return refuse(OUT_OF_RANGE);
    }
  },
  DAYS360: (start, end, european = false) => {
    const from = parts(start), to = parts(end);
    let begin = from.day, finish = to.day;
    if (european) [begin, finish] = [Math.min(begin, 30), Math.min(finish, 30)];
    else {
      if (begin === 31 || (from.month === 2 && begin === daysIn(from.year, 2))) begin = 30;
      if (finish === 31 && begin === 30) finish = 30;
    }
    return whole(((to.year - from.year) * 12 + to.month - from.month) * 30 + finish - begin);
  },
  YEARFRAC: (start, end, basis = ZERO) => {
    const kind = small(basis);
    if (kind < 0 || kind > 4) refuse(OUT_OF_RANGE);
    const [first, last] = [calendar(start), calendar(end)].sort((a, b) => a.day - b.day), from = parts(first), to = parts(last);
    const days = last.day - first.day;
    if (kind === 2) return divide(whole(days), whole(360));
    if (kind === 3) return divide(whole(days), whole(365));
    if (kind !== 1) return divide(whole(bankDays(from, to, kind === 4)), whole(360));
    const [total, years] = actualYears(from, to, last.day);
    return divide(whole(days * years), whole(total));
  },
  WEEKDAY: (value, kind = ONE) => {
    const [start, number] = WEEKS.get(small(kind)) ?? refuse(OUT_OF_RANGE);
    return whole(wrapped(parts(value).weekday - start, 7) + number);
  },
  WEEKNUM: (value, kind = ONE) => {
    if (small(kind) === 21) return isoWeek(value);
    const week = small(kind) === 3 ? undefined : WEEKS.get(small(kind));
    if (week === undefined) refuse(OUT_OF_RANGE);
    const first = at(parts(value).year, 1, 1), offset = wrapped(parts(new Day(first)).weekday - week[0], 7);
    return whole(Math.floor((dayOf(value) - first + offset) / 7) + 1);
  },
  ISOWEEKNUM: isoWeek,
  DATEVALUE: text => calendar(toDate(text)),
  DATEDELTA: move,
};
