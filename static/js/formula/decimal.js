// Exact decimals: {m: BigInt, e: exponent}, the same rules digit by digit as runtime/formula/numbers.py.
import { DIVISION_BY_ZERO, Fault, NOT_A_NUMBER, NUMBER_TOO_LARGE, OUT_OF_RANGE, ServerOnly } from "./values.js";

const DIGITS = 34, RESULT_DIGITS = 28, MAX_EXPONENT = 33, SMALLEST = -99, MAX_POWER = 1000000n;
export const abs = m => (m < 0n ? -m : m);
const length = m => (m === 0n ? 0 : abs(m).toString().length);
const ten = n => 10n ** BigInt(n);

export class Decimal {
  constructor(m, e = 0) { this.m = m; this.e = e; }
}
export const ZERO = new Decimal(0n), ONE = new Decimal(1n), HUNDRED = new Decimal(100n);
export const whole = n => new Decimal(BigInt(n));

// Divides a coefficient by a power of ten; "half" away from zero, or "up", "down", "floor", "ceiling".
const shift = (m, by, how = "half") => {
  if (by <= 0) return m * ten(-by);
  const unit = ten(by), rest = m % unit, down = m / unit, away = m < 0n ? -1n : 1n;
  if (rest === 0n) return down;
  if (how === "half") return abs(rest) * 2n >= unit ? down + away : down;
  if (how === "up") return down + away;
  if (how === "floor") return m < 0n ? down - 1n : down;
  if (how === "ceiling") return m > 0n ? down + 1n : down;
  return down;
};

const rounded = ({ m, e }, digits) => {
  const drop = Math.max(length(m) - digits, SMALLEST - e, 0);
  if (drop === 0) return new Decimal(m, e);
  const short = shift(m, drop);
  // 9.99 rounds to 10.0: one digit more than asked for, and it is a zero.
  return length(short) > digits ? new Decimal(short / 10n, e + drop + 1) : new Decimal(short, e + drop);
};
const within = (value, digits) => {
  const found = rounded(value, digits);
  if (found.m !== 0n && found.e + length(found.m) - 1 > MAX_EXPONENT) throw new Fault(NUMBER_TOO_LARGE);
  return found.m === 0n ? ZERO : found;
};
export const fit = value => within(value, DIGITS);
export const finish = value => within(value, RESULT_DIGITS);

export const plain = ({ m, e }) => {
  let digits = abs(m).toString();
  if (e >= 0) digits += "0".repeat(e);
  else {
    digits = digits.padStart(1 - e, "0");
    digits = `${digits.slice(0, e)}.${digits.slice(e)}`.replace(/0+$/, "").replace(/\.$/, "");
  }
  return m < 0n ? `-${digits}` : digits === "" || m === 0n ? "0" : digits;
};

export const aligned = (a, b) => {
  const e = Math.min(a.e, b.e);
  return [a.m * ten(a.e - e), b.m * ten(b.e - e), e];
};
// Guard digits decide nothing: what compares, rounds or counts looks at 28 digits, as Python's `settled`.
// What rounds up beyond the largest number has none.
export const settled = value => {
  const found = rounded(value, RESULT_DIGITS);
  return found.e + length(found.m) - 1 > MAX_EXPONENT ? value : found;
};
export const compareSettled = (a, b) => compareNumbers(settled(a), settled(b));
export const compareNumbers = (a, b) => {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
};
export const negate = a => new Decimal(-a.m, a.e);
export const absolute = a => new Decimal(abs(a.m), a.e);
export const isZero = a => a.m === 0n;
export const add = (a, b) => {
  const [x, y, e] = aligned(a, b);
  return fit(new Decimal(x + y, e));
};
// The sum without any rounding, so that the order of the rows does not matter.
export const exactSum = numbers => {
  let m = 0n, e = 0;
  for (const each of numbers) {
    if (each.e < e) { m *= ten(e - each.e); e = each.e; }
    m += each.e === e ? each.m : each.m * ten(each.e - e);
  }
  return new Decimal(m, e);
};
export const subtract = (a, b) => add(a, negate(b));
export const multiply = (a, b) => fit(new Decimal(a.m * b.m, a.e + b.e));

// The quotient with more digits than any rounding needs; what is cut off cannot decide a half.
export const quotientDigits = (a, b, digits) => {
  const extra = Math.max(digits + 2 + length(b.m) - length(a.m), 0);
  return new Decimal((a.m * ten(extra)) / b.m, a.e - b.e - extra);
};
export const divide = (a, b) => {
  if (isZero(b)) throw new Fault(DIVISION_BY_ZERO);
  return fit(quotientDigits(a, b, DIGITS));
};

const isWhole = ({ m, e }) => e >= 0 || m % ten(-e) === 0n;
export const toBigInt = value => {
  const { m, e } = isWhole(value) ? value : settled(value);
  return e >= 0 ? m * ten(e) : m / ten(-e);
};
// For counts and places: the whole part within ±limit, as an ordinary integer.
export const small = (value, limit = 1000000000) => {
  const found = toBigInt(value), most = BigInt(limit);
  return Number(found > most ? most : found < -most ? -most : found);
};

// Guard digits for powers and what is made of them, rounded once more at the end.
export const LONG_DIGITS = 50;
export const longRounded = ({ m, e }) => {
  const drop = length(m) - LONG_DIGITS;
  if (drop <= 0) return new Decimal(m, e);
  const short = shift(m, drop);
  return length(short) > LONG_DIGITS ? new Decimal(short / 10n, e + drop + 1) : new Decimal(short, e + drop);
};
export const longMultiply = (a, b) => longRounded(new Decimal(a.m * b.m, a.e + b.e));
export const power = (base, exponent) => fit(longPower(base, exponent));
export const longPower = (base, exponent) => {
  if (isZero(base)) {
    if (exponent.m > 0n) return ZERO;
    throw new Fault(exponent.m < 0n ? DIVISION_BY_ZERO : OUT_OF_RANGE);
  }
  if (!isWhole(exponent)) {
    if (base.m < 0n) throw new Fault(OUT_OF_RANGE);
    if (compareNumbers(exponent, new Decimal(5n, -1)) === 0) return squareRoot(base);
    throw new ServerOnly();
  }
  if (compareNumbers(base, ONE) === 0) return ONE;
  const times = toBigInt(exponent);
  if (abs(times) > MAX_POWER) throw new Fault(NUMBER_TOO_LARGE);
  let result = ONE, square = base;
  for (let count = abs(times); count > 0n; count >>= 1n) {
    if (count & 1n) result = longMultiply(result, square);
    if (count > 1n) square = longMultiply(square, square);
  }
  return times < 0n ? longRounded(quotientDigits(ONE, result, LONG_DIGITS)) : result;
};

const integerRoot = n => {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
};
export const squareRoot = value => {
  if (value.m < 0n) throw new Fault(OUT_OF_RANGE);
  if (isZero(value)) return ZERO;
  const odd = Math.abs(value.e) % 2;
  const extra = Math.max(2 * (DIGITS + 2) - length(value.m), 0);
  const more = extra + ((extra + odd) % 2);
  return fit(new Decimal(integerRoot(value.m * ten(more)), (value.e - more) / 2));
};

export const roundTo = (given, digits, how = "half") => {
  const value = settled(given);
  const places = Math.max(Math.min(digits, 200), -200);
  const drop = -places - value.e;
  return fit(drop <= 0 ? value : new Decimal(shift(value.m, drop, how), -places));
};

// What people type, full-width and all, in the letters a number is made of.
export const narrow = text =>
  text.replace(/[\uff01-\uff5e]/g, c => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/\uffe5/g, "¥").replace(/[\u3000\u00a0]/g, " ");
const TYPED = /^([+-]?)[¥$]?((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?)([eE][+-]?[0-9]{1,3})?(%?)$/;
export const readNumber = text => {
  const typed = Array.from(text).length > 128 ? "" : narrow(text).replace(/^ +| +$/g, "");
  const found = TYPED.exec(typed.replace(/^\(([^+-].*)\)$/, "-$1"));
  if (found === null || found[2].replace(/\./g, "") === "") throw new Fault(NOT_A_NUMBER);
  const [before, after = ""] = found[2].replace(/,/g, "").split(".");
  const m = BigInt(before + after), e = Number((found[3] ?? "e0").slice(1)) - after.length;
  const value = fit(new Decimal(found[1] === "-" ? -m : m, e));
  return found[4] ? divide(value, HUNDRED) : value;
};
