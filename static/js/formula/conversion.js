// Mirrors runtime/kinds/functions/conversion.py and runtime/formula/text_format.py; characters are code points.
import { isBoolean, isNumber, isText, refuse, toNumber, toText } from "./coerce.js";
import { Decimal, HUNDRED, absolute, isZero, multiply, negate, plain, readNumber, roundTo, small, whole } from "./decimal.js";
import { BAD_ARGUMENT, BAD_FORMAT, checkText, clockParts, isDate, isTime, parts } from "./values.js";

const MAX_FORMAT = 255, MAX_SECTIONS = 3;
const PIECE = /"([^"]*)"|\\([^])|([#0][#0,]*(?:\.[#0]*)?|\.[#0]+)|([yY]+|[mM]+|[dD]+|[hH]+|[sS]+)|(%)|([^A-Za-z#0.,*_?@;[\]])/uy;
const KINDS = ["quoted", "escaped", "digits", "letters", "percent", "plain"];
const two = n => String(n).padStart(2, "0");
const DATES = {
  yyyy: at => String(at.year).padStart(4, "0"), yy: at => two(at.year % 100), mm: at => two(at.month), m: at => String(at.month),
  dd: at => two(at.day), d: at => String(at.day), hh: at => two(at.hour), h: at => String(at.hour),
  ss: at => two(at.second), s: at => String(at.second), "minute mm": at => two(at.minute), "minute m": at => String(at.minute),
};
const TIMES = ["hh", "h", "ss", "s", "minute mm", "minute m"];
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
    if (!Object.hasOwn(DATES, name) || (at.year === undefined && !TIMES.includes(name))) refuse(BAD_FORMAT);
    return DATES[name](at);
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
  if (Array.from(pattern).length > MAX_FORMAT) refuse(BAD_FORMAT);
  if (isText(value) || isBoolean(value) || pattern === "@" || pattern === "General") return toText(value);
  if (isDate(value)) return dateText(parts(value), pieces(pattern));
  if (isTime(value)) return dateText(clockParts(value), pieces(pattern));
  const number = toNumber(value), sections = pattern.split(";");
  if (sections.length > MAX_SECTIONS) refuse(BAD_FORMAT);
  if (number.m < 0n && sections.length > 1) return numberText(negate(number), pieces(sections[1]));
  return numberText(number, pieces(sections[isZero(number) && sections.length === MAX_SECTIONS ? 2 : 0]));
};

export const FUNCTIONS = {
  VALUE: text => (isNumber(text) ? text : readNumber(toText(text))),
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
