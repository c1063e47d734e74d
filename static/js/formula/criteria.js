// Mirrors runtime/formula/criteria.py.
import { compare, guarded, isError, isNumber, isText, kindOf, toDate, toTime } from "./coerce.js";
import { ZERO, readNumber } from "./decimal.js";
import { LIMIT_STEPS, Limit } from "./values.js";

const MAX_PATTERN = 255, MAX_COMPARISONS = 2000000;
const CRITERION = /^(>=|<=|<>|>|<|=)?([^]*)$/;
const HOLDS = {
  "=": order => order === 0, "<>": order => order !== 0, "<": order => order < 0,
  "<=": order => order <= 0, ">": order => order > 0, ">=": order => order >= 0,
};
// A text that reads as the number wanted is equal to it: item 1001 is found by 1001.
const readsAs = (text, number) => {
  const found = guarded(readNumber, text);
  return !isError(found) && compare(found, number) === 0;
};
const compared = (wanted, holds, others) => item => {
  if (!isError(item) && kindOf(item) === kindOf(wanted)) return holds(compare(item, wanted));
  const isEquality = holds === HOLDS["="] || holds === HOLDS["<>"];
  if (isEquality && isNumber(wanted) && isText(item) && readsAs(item, wanted)) return holds === HOLDS["="];
  return others;
};
const typed = text => {
  if (["TRUE", "FALSE"].includes(text.toUpperCase())) return text.toUpperCase() === "TRUE";
  for (const reader of [readNumber, toDate, toTime]) {
    const found = guarded(reader, text);
    if (!isError(found)) return found;
  }
  return text;
};
// A text that reads as a number means that number, and the very text where texts stand.
const meant = (value, text, operator) => {
  const holds = HOLDS[operator ?? "="], others = operator === "<>", numbers = compared(value, holds, others);
  if (![undefined, "=", "<>"].includes(operator)) return numbers;
  const texts = compared(text, holds, others);
  return item => (isText(item) ? texts : numbers)(item);
};

export const criterion = wanted => {
  if (!isText(wanted)) return compared(wanted === null ? ZERO : wanted, HOLDS["="], false);
  const [, operator, text] = CRITERION.exec(wanted);
  if (text === "") {
    if (operator === undefined) return item => item === null || item === "";
    return operator === "<>" ? item => item !== null : item => item === null && operator === "=";
  }
  const value = typed(text), holds = HOLDS[operator ?? "="];
  if (!isText(value)) return meant(value, text, operator);
  if (operator === undefined || operator === "=" || operator === "<>") {
    if (!hasWildcard(text)) return compared(value, holds, operator === "<>");
    const pattern = new Pattern(text);
    return item => (isText(item) && pattern.matches(item)) !== (operator === "<>");
  }
  return compared(value, holds, false);
};

const stands = (part, text, place) =>
  place + part.length <= text.length && part.every((sign, at) => sign === null || sign === text[place + at]);

export const hasWildcard = text => /[*?~]/.test(text);

export class Pattern {
  constructor(pattern) {
    const text = Array.from(Array.from(pattern).slice(0, MAX_PATTERN).join("").toLowerCase());
    this.parts = [[]];
    this.left = MAX_COMPARISONS;
    for (let place = 0; place < text.length; place++) {
      const part = this.parts[this.parts.length - 1];
      if (text[place] === "~" && ["*", "?", "~"].includes(text[place + 1])) part.push(text[++place]);
      else if (text[place] === "*") this.parts.push([]);
      else part.push(text[place] === "?" ? null : text[place]);
    }
  }

  spend(comparisons) {
    this.left -= comparisons;
    if (this.left < 0) throw new Limit(LIMIT_STEPS);
  }

  seek(part, text, start, end) {
    if (part.includes(null)) this.spend(part.length * Math.max(end - start, 0));
    for (let place = start; place <= end - part.length; place++) if (stands(part, text, place)) return place;
    return null;
  }

  matches(given) {
    this.spend(this.parts.length);
    const text = Array.from(given.toLowerCase()), first = this.parts[0], last = this.parts[this.parts.length - 1];
    if (this.parts.length === 1) return first.length === text.length && stands(first, text, 0);
    const end = text.length - last.length;
    if (end < first.length || !stands(first, text, 0) || !stands(last, text, end)) return false;
    let place = first.length;
    for (const part of this.parts.slice(1, -1)) {
      const found = this.seek(part, text, place, end);
      if (found === null) return false;
      place = found + part.length;
    }
    return true;
  }

  find(given, start) {
    const text = Array.from(given.toLowerCase()), found = this.seek(this.parts[0], text, start, text.length);
    let place = found;
    for (let at = 1; at < this.parts.length; at++) {
      if (place === null) return null;
      place = this.seek(this.parts[at], text, place + this.parts[at - 1].length, text.length);
    }
    return place === null ? null : found;
  }
}
