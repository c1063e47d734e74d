// Mirrors runtime/kinds/functions/information.py.
import { isBoolean, isError, isNumber, isText, toNumber } from "./coerce.js";
import { ZERO, isZero, toBigInt } from "./decimal.js";
import { NOT_AVAILABLE, isDate, isTime } from "./values.js";

const odd = number => toBigInt(number) % 2n !== 0n;
const na = value => isError(value) && value.kind === NOT_AVAILABLE.kind;

export const FUNCTIONS = {
  NA: () => NOT_AVAILABLE,
  ISBLANK: value => value === null,
  ISEMPTY: value => value === null || value === "",
  ISNUMBER: value => isNumber(value) || isDate(value) || isTime(value),
  ISTEXT: isText,
  ISNONTEXT: value => !isText(value),
  ISLOGICAL: isBoolean,
  ISERROR: isError,
  ISERR: value => isError(value) && !na(value),
  ISNA: na,
  ISEVEN: number => !odd(number),
  ISODD: odd,
  N: value => (isText(value) ? ZERO : isNumber(value) && isZero(value) ? ZERO : toNumber(value)),
};
