// Mirrors runtime/kinds/functions/parts.py; characters are code points.
import { refuse } from "./coerce.js";
import { ONE, ZERO, isZero, small, whole } from "./decimal.js";
import { letters, size } from "./text.js";
import { BAD_ARGUMENT, NOTHING_MATCHED, checkText } from "./values.js";

const WIDER = 0xfee0;
const folded = text => letters(text).map(each => (size(each.toLowerCase()) === 1 ? each.toLowerCase() : each)).join("");
// Places in UTF-16 are fine here: whole marks are found and whole parts are cut.
const spans = (text, mark) => {
  const found = [];
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) found.push([at, at + mark.length]);
  return found;
};
const mark = (text, wanted, number, fold, ending) => {
  const place = small(number);
  if (place === 0 || ![0, 1].includes(small(fold)) || ![0, 1].includes(small(ending))) refuse(BAD_ARGUMENT);
  if (wanted === "") return place > 0 ? [0, 0] : [text.length, text.length];
  const found = isZero(fold) ? spans(text, wanted) : spans(folded(text), folded(wanted));
  if (small(ending) === 1) place > 0 ? found.push([text.length, text.length]) : found.unshift([0, 0]);
  return found[place > 0 ? place - 1 : found.length + place];
};
const cut = take => (text, wanted, number = ONE, fold = ZERO, ending = ZERO, missing = () => null) => {
  const found = mark(text, wanted, number, fold, ending);
  return found === undefined ? missing() ?? NOTHING_MATCHED : take(text, found);
};
const isLetter = each => /\p{L}/u.test(each);
const shifted = (first, last, by, [from, to]) => text =>
  letters(text).map(each => (each >= first && each <= last ? String.fromCodePoint(each.codePointAt(0) + by) : each === from ? to : each)).join("");

export const FUNCTIONS = {
  TEXTBEFORE: cut((text, [start]) => text.slice(0, start)),
  TEXTAFTER: cut((text, [, end]) => text.slice(end)),
  PROPER: text => {
    let isInside = false;
    return checkText(letters(text).map(each => {
      const written = isInside ? each.toLowerCase() : each.toUpperCase();
      isInside = isLetter(each);
      return written;
    }).join(""));
  },
  COUNTCHAR: (text, part) => {
    if (part === undefined) return whole(size(text));
    return part === "" ? refuse(BAD_ARGUMENT) : whole(text.split(part).length - 1);
  },
  LENB: text => whole(letters(text).reduce((sum, each) => sum + (each < "\u0080" ? 1 : 2), 0)),
  ASC: shifted("\uff01", "\uff5e", -WIDER, ["\u3000", " "]),
  WIDECHAR: shifted("!", "~", WIDER, [" ", "\u3000"]),
};
