// Mirrors runtime/kinds/functions/conversion.py and runtime/formula/text_format.py; characters are code points.
import { guarded, isBoolean, isNumber, isText, refuse, toNumber, toText } from "./coerce.js";
import { Decimal, HUNDRED, ZERO, absolute, divide, isZero, multiply, negate, plain, readNumber, roundTo, small, whole } from "./decimal.js";
import { BAD_ARGUMENT, BAD_FORMAT, checkText, civil, clockParts, isDate, isTime, parts } from "./values.js";

const MAX_FORMAT = 255, MAX_SECTIONS = 3, MAX_SCALE = 4;
const PIECE = /"([^"]*)"|\\([^])|([#0][#0,]*(?:\.[#0]*)?|\.[#0]+)|(AM\/PM|am\/pm|上午\/下午)|([yY]+|[mM]+|[dD]+|[hH]+|[sS]+|[aA]{3,4})|(%)|([^A-Za-z#0.,*_?@;[\]])/uy;
const KINDS = ["quoted", "escaped", "digits", "noon", "letters", "percent", "plain"];
const two = n => String(n).padStart(2, "0");
// Excel writes the names of months and days in English, of days in Chinese as well.
const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");
const weekday = at => (civil(at.year, at.month, at.day) + 3 + 7 * 200000) % 7; // 1970-01-01 was a Thursday
const DATES = {
  mmm: at => MONTHS[at.month - 1].slice(0, 3), mmmm: at => MONTHS[at.month - 1], ddd: at => DAYS[weekday(at)].slice(0, 3),
  dddd: at => DAYS[weekday(at)], aaa: at => `周${"一二三四五六日"[weekday(at)]}`, aaaa: at => `星期${"一二三四五六日"[weekday(at)]}`,
  "noon hh": at => two(at.hour % 12 || 12), "noon h": at => String(at.hour % 12 || 12),
  yyyy: at => String(at.year).padStart(4, "0"), yy: at => two(at.year % 100), mm: at => two(at.month), m: at => String(at.month),
  dd: at => two(at.day), d: at => String(at.day), hh: at => two(at.hour), h: at => String(at.hour),
  ss: at => two(at.second), s: at => String(at.second), "minute mm": at => two(at.minute), "minute m": at => String(at.minute),
};
const TIMES = ["hh", "h", "noon hh", "noon h", "ss", "s", "minute mm", "minute m"];
const pieces = pattern => {
  const found = [];
  for (PIECE.lastIndex = 0; PIECE.lastIndex < pattern.length; ) {
    const match = PIECE.exec(pattern);
    if (match === null) refuse(BAD_FORMAT);
    const at = match.slice(1).findIndex(each => each !== undefined);
    found.push([KINDS[at], match[at + 1]]);
  }
  return found;
};
const dateText = (at, found) => {
  const initials = found.filter(([kind]) => kind === "letters").map(([, text]) => text.toLowerCase()[0]);
  const halves = found.some(([kind]) => kind === "noon");
  let seen = 0;
  return found.map(([kind, text]) => {
    if (kind === "digits") refuse(BAD_FORMAT);
    if (kind === "noon") return text.split("/")[at.hour < 12 ? 0 : 1];
    if (kind !== "letters") return text;
    let name = (halves && /^h/i.test(text) ? "noon " : "") + text.toLowerCase();
    if (name[0] === "m" && (initials[seen - 1] === "h" || initials[seen + 1] === "s")) name = `minute ${name}`;
    seen += 1;
    if (!Object.hasOwn(DATES, name) || (at.year === undefined && !TIMES.includes(name))) refuse(BAD_FORMAT);
    return DATES[name](at);
  }).join("");
};
const digitsText = (number, pattern) => {
  const [thousands, after = ""] = pattern.split(".");
  const before = thousands.replace(/,+$/, ""); // a comma behind the digits means thousands
  const scale = thousands.length - before.length;
  if (scale > MAX_SCALE) refuse(BAD_FORMAT);
  const rounded = roundTo(divide(number, whole(1000 ** scale)), after.length);
  let [integer, decimals = ""] = plain(absolute(rounded)).split(".");
  decimals = decimals.padEnd(after.lastIndexOf("0") + 1, "0");
  integer = (integer === "0" ? "" : integer).padStart(before.split("0").length - 1, "0");
  if (before.includes(",")) integer = integer.replace(/\B(?=([0-9]{3})+$)/g, ",");
  return [`${integer}${decimals || pattern.includes(".") ? "." : ""}${decimals}`, rounded.m < 0n];
};
// Digits with something between them, from the right: 000-0000-0000.
const apart = (number, found) => {
  const patterns = found.filter(([kind]) => kind === "digits").map(([, text]) => text);
  if (patterns.some(each => /[.,]/.test(each))) refuse(BAD_FORMAT);
  const rounded = roundTo(number, 0);
  let digits = plain(absolute(rounded)).replace(/^0+/, "").padStart(patterns.join("").split("0").length - 1, "0");
  let left = patterns.length;
  const text = [...found].reverse().map(([kind, piece]) => {
    if (kind !== "digits") return piece;
    left -= 1;
    const cut = left ? Math.max(digits.length - piece.length, 0) : 0, part = digits.slice(cut);
    digits = digits.slice(0, cut);
    return part;
  }).reverse().join("");
  return (rounded.m < 0n ? "-" : "") + text;
};
const numberText = (given, found) => {
  const kinds = found.map(([kind]) => kind);
  if (kinds.includes("letters") || kinds.includes("noon")) refuse(BAD_FORMAT);
  const number = kinds.filter(kind => kind === "percent").reduce(value => multiply(value, HUNDRED), given);
  if (kinds.filter(kind => kind === "digits").length > 1) return apart(number, found);
  let negative = false;
  const text = found.map(([kind, piece]) => {
    if (kind !== "digits") return piece;
    const [digits, below] = digitsText(number, piece);
    negative = below;
    return digits;
  }).join("");
  return (negative ? "-" : "") + text;
};
const readText = text => {
  const found = guarded(readNumber, text);
  return isNumber(found) ? found : text;
};
export const formatText = (given, pattern) => {
  if (Array.from(pattern).length > MAX_FORMAT) refuse(BAD_FORMAT);
  const value = isText(given) ? readText(given) : given;
  if (isText(value) || isBoolean(value) || pattern === "@" || pattern === "General") return toText(value);
  if (isDate(value)) return dateText(parts(value), pieces(pattern));
  if (isTime(value)) return dateText(clockParts(value), pieces(pattern));
  const number = toNumber(value), sections = pattern.split(";");
  if (sections.length > MAX_SECTIONS) refuse(BAD_FORMAT);
  if (number.m < 0n && sections.length > 1) return numberText(negate(number), pieces(sections[1]));
  return numberText(number, pieces(sections[isZero(number) && sections.length === MAX_SECTIONS ? 2 : 0]));
};

export const FUNCTIONS = {
  VALUE: text => (text === null ? ZERO : isNumber(text) ? text : readNumber(toText(text))),
  TEXT: (value, pattern) => checkText(formatText(value, pattern)),
  FIXED: (number, digits = new Decimal(2n), simple = false) => {
    const places = small(digits, 127), zeros = places > 0 ? `.${"0".repeat(places)}` : "";
    return formatText(roundTo(number, places), (simple ? "0" : "#,##0") + zeros);
  },
  CHAR: code => {
    const number = small(code), fine = [9, 10, 13].includes(number) || (number >= 32 && number < 127);
    return fine || (number >= 160 && number < 256 && number !== 173) ? String.fromCharCode(number) : refuse(BAD_ARGUMENT);
  },
  CODE: text => (text ? whole(text.codePointAt(0)) : refuse(BAD_ARGUMENT)),
  T: value => (isText(value) ? value : ""),
  STRING: toText,
};
