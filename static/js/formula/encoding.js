// Mirrors runtime/kinds/functions/encoding.py.
import { refuse } from "./coerce.js";
import { small } from "./decimal.js";
import { BAD_ARGUMENT, checkText } from "./values.js";

const LAST = 0x10ffff;
const HIDDEN = [
  [0, 8], [11, 12], [14, 31], [127, 159], [173, 173], [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f], [0xd800, 0xf8ff],
  [0xfe00, 0xfe0f], [0xfeff, 0xfeff], [0xfff0, 0xffff], [0xe0000, LAST],
];
const orBad = decode => text => {
  try {
    return decode(text);
  } catch (caught) {
    if (caught instanceof URIError) return refuse(BAD_ARGUMENT);
    throw caught;
  }
};

export const FUNCTIONS = {
  UNICHAR: code => {
    const number = small(code);
    const isFine = number >= 0 && number <= LAST && !HIDDEN.some(([first, last]) => first <= number && number <= last);
    return isFine ? String.fromCodePoint(number) : refuse(BAD_ARGUMENT);
  },
  ENCODEURI: orBad(text => checkText(encodeURI(text))),
  ENCODEURICOMPONENT: orBad(text => checkText(encodeURIComponent(text))),
  DECODEURI: orBad(decodeURI),
  DECODEURICOMPONENT: orBad(decodeURIComponent),
};
