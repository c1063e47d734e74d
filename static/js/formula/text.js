// Mirrors runtime/kinds/functions/text.py; characters are code points.
import { refuse, toText } from "./coerce.js";
import { Pattern } from "./criteria.js";
import { ONE, small, whole } from "./decimal.js";
import { BAD_ARGUMENT, LIMIT_TEXT, Limit, MAX_TEXT, TEXT_NOT_FOUND, checkText } from "./values.js";

export const letters = text => Array.from(text);
export const size = text => letters(text).length;
const tooLong = () => { throw new Limit(LIMIT_TEXT); };
const count = number => { const found = small(number); return found < 0 ? refuse(BAD_ARGUMENT) : found; };
const place = number => { const found = small(number); return found < 1 ? refuse(BAD_ARGUMENT) : found; };
const start = (number, text) => { const found = place(number) - 1; return found > size(text) ? refuse(BAD_ARGUMENT) : found; };
export const joined = (texts, separator) => {
  const total = texts.reduce((sum, each) => sum + size(each), 0) + size(separator) * Math.max(texts.length - 1, 0);
  return total > MAX_TEXT ? tooLong() : texts.join(separator);
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

export const FUNCTIONS = {
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
  REPT: (text, times) => (count(times) * size(text) > MAX_TEXT ? tooLong() : text.repeat(text ? count(times) : 0)),
  STRREVERSE: text => letters(text).reverse().join(""),
  INCLUDE: (text, part) => text.includes(part),
};
