// Mirrors runtime/kinds/functions/chinese.py.
import { refuse } from "./coerce.js";
import { Decimal, absolute, compareNumbers, isZero, plain, roundTo } from "./decimal.js";
import { OUT_OF_RANGE } from "./values.js";

const DIGITS = "零壹贰叁肆伍陆柒捌玖", UNITS = ["仟", "佰", "拾", ""], GROUPS = ["", "万", "亿", "万亿"];
const MAX_AMOUNT = new Decimal(10n ** 16n);

const group = (digits, unit, next) => {
  let words = "", gap = false;
  [...digits].forEach((digit, at) => {
    if (digit === "0") gap = words !== "";
    else {
      words += (gap ? "零" : "") + DIGITS[Number(digit)] + UNITS[at];
      gap = false;
    }
  });
  return words + (unit === "万亿" && next !== "0000" ? "万" : unit);
};
const yuan = digits => {
  if (digits === "0") return "";
  const groups = digits.padStart(Math.ceil(digits.length / 4) * 4, "0").match(/[0-9]{4}/g);
  return groups.reduce((words, each, at) => {
    if (each === "0000") return words;
    const zero = words !== "" && (each[0] === "0" || groups[at - 1] === "0000") ? "零" : "";
    return words + zero + group(each, GROUPS[groups.length - 1 - at], groups[at + 1]);
  }, "") + "元";
};
const cents = (decimals, hasYuan) => {
  const [tenths, hundredths] = [...decimals].map(Number);
  if (!tenths && !hundredths) return hasYuan ? "整" : "";
  const words = tenths ? `${DIGITS[tenths]}角` : hasYuan ? "零" : "";
  return words + (hundredths ? `${DIGITS[hundredths]}分` : "整");
};

export const rmbcap = amount => {
  const rounded = roundTo(absolute(amount), 2);
  if (compareNumbers(rounded, MAX_AMOUNT) >= 0) refuse(OUT_OF_RANGE);
  const [digits, decimals = ""] = plain(rounded).split(".");
  const words = yuan(digits) + cents(decimals.padEnd(2, "0"), digits !== "0");
  return (amount.m < 0n && !isZero(rounded) ? "负" : "") + (words || "零元整");
};
export const FUNCTIONS = { RMBCAP: rmbcap };
