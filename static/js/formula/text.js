// Mirrors text.py and conversion.py of runtime/kinds/functions, and text_format.py; characters are code points.
import { isBoolean, isNumber, isText, refuse, toNumber, toText } from "./coerce.js";
import { Pattern } from "./criteria.js";
import { Decimal, HUNDRED, ONE, absolute, isZero, multiply, negate, plain, readNumber, roundTo, small, whole } from "./decimal.js";
import { BAD_ARGUMENT, BAD_FORMAT, LIMIT_TEXT, Limit, MAX_TEXT, TEXT_NOT_FOUND, checkText, isDate, parts } from "./values.js";

const letters = text => Array.from(text);
const size = text => letters(text).length;
const tooLong = () => { throw new Limit(LIMIT_TEXT); };
const count = number => { const found = small(number); return found < 0 ? refuse(BAD_ARGUMENT) : found; };
const place = number => { const found = small(number); return found < 1 ? refuse(BAD_ARGUMENT) : found; };
const start = (number, text) => { const found = place(number) - 1; return found > size(text) ? refuse(BAD_ARGUMENT) : found; };
const joined = (texts, separator) => {
  const total = texts.reduce((sum, each) => sum + size(each), 0) + size(separator) * Math.max(texts.length - 1, 0);
  return total > MAX_TEXT ? tooLong() : texts.join(separator);
};

const MAX_FORMAT = 255, MAX_SECTIONS = 3;
const PIECE = /"([^"]*)"|\\([^])|([#0][#0,]*(?:\.[#0]*)?|\.[#0]+)|([yY]+|[mM]+|[dD]+|[hH]+|[sS]+)|(%)|([^A-Za-z#0.,*_?@;[\]])/uy;
const KINDS = ["quoted", "escaped", "digits", "letters", "percent", "plain"];
const two = n => String(n).padStart(2, "0");
const DATES = {
  yyyy: at => String(at.year).padStart(4, "0"), yy: at => two(at.year % 100), mm: at => two(at.month), m: at => String(at.month),
  dd: at => two(at.day), d: at => String(at.day), hh: at => two(at.hour), h: at => String(at.hour),
  ss: at => two(at.second), s: at => String(at.second), "minute mm": at => two(at.minute), "minute m": at => String(at.minute),
};
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
  let seen = 0;
  return found.map(([kind, text]) => {
    if (kind === "digits") refuse(BAD_FORMAT);
    if (kind !== "letters") return text;
    let name = text.toLowerCase();
    if (name[0] === "m" && (initials[seen - 1] === "h" || initials[seen + 1] === "s")) name = `minute ${name}`;
    seen += 1;
    return Object.hasOwn(DATES, name) ? DATES[name](at) : refuse(BAD_FORMAT);
  }).join("");
};
const digitsText = (number, pattern) => {
  const [before, after = ""] = pattern.split(".");
  const rounded = roundTo(number, after.length);
  let [integer, decimals = ""] = plain(absolute(rounded)).split(".");
  decimals = decimals.padEnd(after.lastIndexOf("0") + 1, "0");
  integer = (integer === "0" ? "" : integer).padStart(before.split("0").length - 1, "0");
  if (before.includes(",")) integer = integer.replace(/\B(?=([0-9]{3})+$)/g, ",");
  return [`${integer}${decimals || pattern.includes(".") ? "." : ""}${decimals}`, rounded.m < 0n];
};
const numberText = (given, found) => {
  const kinds = found.map(([kind]) => kind);
  if (kinds.filter(kind => kind === "digits").length > 1 || kinds.includes("letters")) refuse(BAD_FORMAT);
  const number = kinds.filter(kind => kind === "percent").reduce(value => multiply(value, HUNDRED), given);
  let negative = false;
  const text = found.map(([kind, piece]) => {
    if (kind !== "digits") return piece;
    const [digits, below] = digitsText(number, piece);
    negative = below;
    return digits;
  }).join("");
  return (negative ? "-" : "") + text;
};
export const formatText = (value, pattern) => {
  if (size(pattern) > MAX_FORMAT) refuse(BAD_FORMAT);
  if (isText(value) || isBoolean(value) || pattern === "@" || pattern === "General") return toText(value);
  if (isDate(value)) return dateText(parts(value), pieces(pattern));
  const number = toNumber(value), sections = pattern.split(";");
  if (sections.length > MAX_SECTIONS) refuse(BAD_FORMAT);
  if (number.m < 0n && sections.length > 1) return numberText(negate(number), pieces(sections[1]));
  return numberText(number, pieces(sections[isZero(number) && sections.length === MAX_SECTIONS ? 2 : 0]));
};

const concat = values => joined(values.map(toText), "");
const substitute = (text, old, fresh, occurrence) => {
  if (old === "") return text;
  const found = text.split(old);
  if (occurrence === undefined) {
    return size(text) + (found.length - 1) * (size(fresh) - size(old)) > MAX_TEXT ? tooLong() : found.join(fresh);
  }
  const wanted = place(occurrence);
  if (wanted >= found.length) return text;
  return checkText(found.slice(0, wanted).join(old) + fresh + found.slice(wanted).join(old));
};

export const TEXT = {
  CONCAT: concat,
  TEXTJOIN: (separator, skip, values) => joined(values.map(toText).filter(each => each || !skip), separator),
  LEFT: (text, length = ONE) => letters(text).slice(0, count(length)).join(""),
  RIGHT: (text, length = ONE) => letters(text).slice(Math.max(size(text) - count(length), 0)).join(""),
  MID: (text, first, length) => letters(text).slice(place(first) - 1, place(first) - 1 + count(length)).join(""),
  LEN: text => whole(size(text)),
  TRIM: text => text.split(" ").filter(Boolean).join(" "),
  CLEAN: text => letters(text).filter(each => each >= " ").join(""),
  UPPER: text => text.toUpperCase(),
  LOWER: text => text.toLowerCase(),
  EXACT: (first, second) => first === second,
  SUBSTITUTE: substitute,
  REPLACE: (text, first, length, fresh) => {
    const all = letters(text), begin = place(first) - 1;
    return checkText(all.slice(0, begin).join("") + fresh + all.slice(begin + count(length)).join(""));
  },
  FIND: (wanted, text, first = ONE) => {
    const begin = start(first, text), all = letters(text), before = all.slice(0, begin).join("").length;
    const found = text.indexOf(wanted, before);
    return found < 0 ? refuse(TEXT_NOT_FOUND) : whole(size(text.slice(0, found)) + 1);
  },
  SEARCH: (wanted, text, first = ONE) => {
    const begin = start(first, text);
    if (size(wanted) > 255) refuse(BAD_ARGUMENT);
    const found = new Pattern(wanted).find(text, begin);
    return found === null ? refuse(TEXT_NOT_FOUND) : whole(found + 1);
  },
  VALUE: text => (isNumber(text) ? text : readNumber(toText(text))),
  TEXT: (value, pattern) => checkText(formatText(value, pattern)),
  FIXED: (number, digits = new Decimal(2n), simple = false) => {
    const places = small(digits, 127), zeros = places > 0 ? `.${"0".repeat(places)}` : "";
    return formatText(roundTo(number, places), (simple ? "0" : "#,##0") + zeros);
  },
  REPT: (text, times) => (count(times) * size(text) > MAX_TEXT ? tooLong() : text.repeat(text ? count(times) : 0)),
  CHAR: code => {
    const number = small(code), fine = [9, 10, 13].includes(number) || (number >= 32 && number < 127);
    return fine || (number >= 160 && number < 256 && number !== 173) ? String.fromCharCode(number) : refuse(BAD_ARGUMENT);
  },
  CODE: text => (text ? whole(text.codePointAt(0)) : refuse(BAD_ARGUMENT)),
  T: value => (isText(value) ? value : ""),
  STRING: toText,
  STRREVERSE: text => letters(text).reverse().join(""),
  INCLUDE: (text, part) => text.includes(part),
};
