// Mirrors runtime/formula/workdays.py and workdays.py of the functions; the Chinese calendar is the server's alone.
import { isError, isNumber, isText, refuse, toDate } from "./coerce.js";
import { small, whole } from "./decimal.js";
import { BAD_ARGUMENT, Day, NO_SUCH_DATE, OUT_OF_RANGE, dayOf } from "./values.js";

const MAX_DAYS = 10000000, PLAIN = "0000011", FIRST = 719163, LAST = 3652059;
const digits = isOff => Array.from({ length: 7 }, (_, day) => (isOff(day) ? "1" : "0")).join("");
const WEEKENDS = new Map();
for (let n = 1; n <= 7; n++) {
  WEEKENDS.set(n, digits(day => day === (n + 4) % 7 || day === (n + 5) % 7));
  WEEKENDS.set(n + 10, digits(day => day === (n + 5) % 7));
}

// Days are counted from year 1, whose first day was a Monday.
class Calendar {
  constructor(week, off) {
    this.week = [...week].map(each => each === "0");
    this.total = this.week.filter(Boolean).length;
    this.off = [...new Set(off)].filter(day => this.week[(day - 1) % 7]).sort((a, b) => a - b);
  }

  until(day) {
    const weeks = Math.floor(day / 7);
    let low = 0, high = this.off.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.off[middle] <= day) low = middle + 1; else high = middle;
    }
    return weeks * this.total + this.week.slice(0, day - weeks * 7).filter(Boolean).length - low;
  }

  between(first, last) { return this.until(last) - this.until(first - 1); }

  moved(start, days) {
    if (days === 0) return start;
    const count = days > 0 ? this.until(start) + days : this.until(start - 1) + days + 1;
    let low = 1, high = LAST + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.until(middle) < count) low = middle + 1; else high = middle;
    }
    return count < 1 || low > LAST ? refuse(NO_SUCH_DATE) : low;
  }
}

const dayNumber = value => dayOf(value) + FIRST;
const dates = column => column.filter(each => each !== null && each !== "").map(each => {
  if (isError(each)) refuse(each);
  return dayNumber(toDate(each));
});
const weekendOf = given => {
  if (given === null) return PLAIN;
  if (isText(given)) return /^[01]{7}$/.test(given) ? given : refuse(BAD_ARGUMENT);
  if (!isNumber(given)) refuse(BAD_ARGUMENT);
  return WEEKENDS.get(small(given)) ?? refuse(OUT_OF_RANGE);
};
const counted = (calendar, start, end) => {
  const first = dayNumber(start), last = dayNumber(end);
  return whole(first > last ? 0 - calendar.between(last, first) : calendar.between(first, last));
};
const moved = (calendar, start, days) => new Day(calendar.moved(dayNumber(start), small(days, MAX_DAYS)) - FIRST);

export const FUNCTIONS = {
  NETWORKDAYS: (start, end, holidays = []) => counted(new Calendar(PLAIN, dates(holidays)), start, end),
  "NETWORKDAYS.INTL": (start, end, weekend = null, holidays = []) =>
    counted(new Calendar(weekendOf(weekend), dates(holidays)), start, end),
  WORKDAY: (start, days, holidays = []) => moved(new Calendar(PLAIN, dates(holidays)), start, days),
  "WORKDAY.INTL": (start, days, weekend = null, holidays = []) => {
    const week = weekendOf(weekend);
    if (!week.includes("0")) refuse(BAD_ARGUMENT);
    return moved(new Calendar(week, dates(holidays)), start, days);
  },
};
