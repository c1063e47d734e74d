// The kinds of value besides numbers and texts, and the errors; mirrors runtime/formula/cell_errors.py.
export class CellError {
  constructor(kind, reason) { this.kind = kind; this.reason = reason; }
}
const error = (kind, reason) => Object.freeze(new CellError(kind, reason));
export const DIVISION_BY_ZERO = error("#DIV/0!", "cell_division_by_zero");
export const NO_VALUES = error("#DIV/0!", "cell_no_values");
export const NOT_A_NUMBER = error("#VALUE!", "cell_not_a_number");
export const NOT_A_BOOLEAN = error("#VALUE!", "cell_not_a_boolean");
export const NOT_A_DATE = error("#VALUE!", "cell_not_a_date");
export const NOT_A_TIME = error("#VALUE!", "cell_not_a_time");
export const WRONG_KIND = error("#VALUE!", "cell_wrong_kind");
export const BAD_ARGUMENT = error("#VALUE!", "cell_bad_argument");
export const BAD_FORMAT = error("#VALUE!", "cell_bad_format");
export const TEXT_NOT_FOUND = error("#VALUE!", "cell_text_not_found");
export const NUMBER_TOO_LARGE = error("#NUM!", "cell_number_too_large");
export const OUT_OF_RANGE = error("#NUM!", "cell_out_of_range");
export const NO_SUCH_DATE = error("#NUM!", "cell_no_such_date");
export const NOT_AVAILABLE = error("#N/A", "cell_not_available");
export const NOTHING_MATCHED = error("#N/A", "cell_nothing_matched");
export const LENGTHS_DIFFER = error("#N/A", "cell_lengths_differ");
export const NO_SUCH_PLACE = error("#REF!", "cell_no_such_place");
export const LIMIT_STEPS = error("limit", "cell_limit_steps");
export const LIMIT_TEXT = error("limit", "cell_limit_text");

// Thrown inside a function; becomes the value of that place.
export class Fault extends Error {
  constructor(cell) { super(cell.kind); this.cell = cell; }
}
// Thrown when the work runs out; ends everything, IFERROR does not see it.
export class Limit extends Error {
  constructor(cell) { super(cell.reason); this.cell = cell; }
}
// Thrown for what only the server computes.
export class ServerOnly extends Error {}

export const MAX_TEXT = 32767;
export const checkText = text => {
  // Characters are counted as Python counts them; a text this short in UTF-16 needs no counting.
  if (text.length > MAX_TEXT && Array.from(text).length > MAX_TEXT) throw new Limit(LIMIT_TEXT);
  return text;
};

// A calendar date as its day, a wall time as its second, both counted from 1970-01-01; a time as its second of the day.
export class Day {
  constructor(day) { this.day = day; }
}
export class Instant {
  constructor(second) { this.second = second; }
}
export class Time {
  constructor(second) { this.second = second; }
}
export const isTime = value => value instanceof Time;
export const isDate = value => value instanceof Day || value instanceof Instant;
const FIRST_DAY = -719162, LAST_DAY = 2932896, DAY_SECONDS = 86400;
export const dayOf = value => (value instanceof Day ? value.day : Math.floor(value.second / DAY_SECONDS));
export const secondOf = value => (value instanceof Day ? value.day * DAY_SECONDS : value.second);
export const makeDay = day => {
  if (!(day >= FIRST_DAY && day <= LAST_DAY)) throw new Fault(NO_SUCH_DATE);
  return new Day(day);
};
export const makeInstant = second => {
  makeDay(Math.floor(second / DAY_SECONDS));
  return new Instant(second);
};

const leap = year => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
export const daysIn = (year, month) => (month === 2 ? 28 + leap(year) : [4, 6, 9, 11].includes(month) ? 30 : 31);
export const civil = (year, month, day) => {
  const moved = new Date(0);
  moved.setUTCFullYear(year, month - 1, day);
  return Math.floor(moved.getTime() / (DAY_SECONDS * 1000));
};
export const clockParts = ({ second }) => ({ hour: Math.floor(second / 3600), minute: Math.floor(second / 60) % 60, second: second % 60 });
export const parts = value => {
  const day = dayOf(value), at = new Date(day * DAY_SECONDS * 1000);
  return {
    year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(), weekday: (at.getUTCDay() + 6) % 7,
    ...clockParts({ second: secondOf(value) - day * DAY_SECONDS }),
  };
};
const two = n => String(n).padStart(2, "0");
const clockText = second => `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
export const isoDate = value => {
  const at = parts(value);
  return `${String(at.year).padStart(4, "0")}-${two(at.month)}-${two(at.day)}`;
};
export const isoText = (value, between) => {
  if (value instanceof Day) return isoDate(value);
  if (isTime(value)) return clockText(value.second);
  return `${isoDate(value)}${between}${clockText(value.second - dayOf(value) * DAY_SECONDS)}`;
};
const ISO = /^([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?$/;
// A date or wall time in ISO order, or as 2026年2月9日; null for any other text.
export const readDate = text => {
  const found = ISO.exec(text.replace(/^ +| +$/g, "").replace(/^([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日/, "$1-$2-$3"));
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.slice(1).map(part => Number(part ?? 0));
  const fine = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  if (!fine || hour > 23 || minute > 59 || second > 59) throw new Fault(NOT_A_DATE);
  const at = civil(year, month, day);
  return found[4] === undefined ? new Day(at) : new Instant(at * DAY_SECONDS + hour * 3600 + minute * 60 + second);
};

const CLOCK = /^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ?([AaPp])[Mm])?$/;
// A time of the day such as 8:05 or 6:30 PM; null for any other text.
export const readTime = text => {
  const found = CLOCK.exec(text.replace(/^ +| +$/g, ""));
  if (found === null) return null;
  const [minute, second] = [found[2], found[3] ?? 0].map(Number);
  let hour = Number(found[1]);
  if (found[4] !== undefined) {
    if (hour < 1 || hour > 12) throw new Fault(NOT_A_TIME);
    hour = (hour % 12) + (/p/i.test(found[4]) ? 12 : 0);
  }
  if (hour > 23 || minute > 59 || second > 59) throw new Fault(NOT_A_TIME);
  return new Time(hour * 3600 + minute * 60 + second);
};
