// The browser back end: runs the JSON tree of runtime/formula/to_json.py exactly as Python does.
// No eval: only the node kinds listed there; the server's value decides at save.
// Functions come in families, one module each, which `prepare` loads for the formulas of a page.
import {
  POWER_STEPS, Work, compare, daysBetween, guarded, isBoolean, isError, isNumber, isText, joinTexts, lifted, minus, plus, refuse, rowOf,
  toBoolean, toClock, toDate, toNumber, toText,
} from "./formula/coerce.js";
import { HUNDRED, divide, finish, multiply, negate, plain, power, readNumber } from "./formula/decimal.js";
import { FUNCTIONS as LOGIC } from "./formula/logic.js";
import {
  BAD_ARGUMENT, CellError, Instant, Limit, NOT_AVAILABLE, ServerOnly, checkText, isDate, isTime, isoText, readDate, readTime,
} from "./formula/values.js";

const FORMAT = 2;
const FUNCTIONS = new Map(Object.entries(LOGIC));
const FAMILIES = {
  aggregate: () => import("./formula/aggregate.js"), chinese: () => import("./formula/chinese.js"),
  conditional: () => import("./formula/conditional.js"), conversion: () => import("./formula/conversion.js"),
  date: () => import("./formula/date.js"), encoding: () => import("./formula/encoding.js"),
  finance: () => import("./formula/finance.js"), information: () => import("./formula/information.js"), lists: () => import("./formula/lists.js"),
  lookup: () => import("./formula/lookup.js"), math: () => import("./formula/math.js"),
  parts: () => import("./formula/parts.js"), powers: () => import("./formula/powers.js"),
  regression: () => import("./formula/regression.js"), statistics: () => import("./formula/statistics.js"),
  text: () => import("./formula/text.js"), time: () => import("./formula/time.js"),
  trigonometry: () => import("./formula/trigonometry.js"), workdays: () => import("./formula/workdays.js"),
};
const NUMERIC = ["number", "money", "percent"];
const holds = test => (left, right) => test(compare(left, right));
const OPERATORS = new Map(Object.entries({
  "+": plus, "-": minus, days: daysBetween, "&": joinTexts,
  "*": (left, right) => multiply(toNumber(left), toNumber(right)),
  "/": (left, right) => divide(toNumber(left), toNumber(right)),
  "^": Object.assign((left, right) => power(toNumber(left), toNumber(right)), { steps: POWER_STEPS }),
  "=": holds(order => order === 0), "<>": holds(order => order !== 0), "<": holds(order => order < 0),
  "<=": holds(order => order <= 0), ">": holds(order => order > 0), ">=": holds(order => order >= 0),
}));
const SIGNS = new Map(Object.entries({
  "-": value => negate(toNumber(value)), "+": toNumber, "%": value => divide(toNumber(value), HUNDRED),
}));

const asWritten = value => !isBoolean(value) && !isText(value) ? value
  : [toNumber, toDate].map(read => guarded(read, value)).find(each => !isError(each)) ?? value;
const SCALARS = { number: toNumber, text: toText, boolean: toBoolean, date: toDate, clock: toClock, any: value => value };
const DATED = ["date", "clock"];
const PER_ROW = new Set([...Object.keys(SCALARS), "raw"]);
const PATIENT = new Set(["anything", "counted"]), FLAT = new Set(["numbers", "ordered", "values", ...PATIENT]);

// Each text is read once: thousands of lines come anew with every key.
const NUMBERS = new Map();
const numeric = text => {
  if (!NUMBERS.has(text)) {
    if (NUMBERS.size > 20000) NUMBERS.clear();
    const found = guarded(readNumber, text);
    NUMBERS.set(text, isError(found) && found.kind === "#VALUE!" ? text : found);
  }
  return NUMBERS.get(text);
};

const READERS = { date: readDate, datetime: readDate, time: readTime };
// A value from the form as the language has it; what cannot be read stays a text.
const read = (value, type) => {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(each => read(each, type.replace(/^list of /, "")));
  if (typeof value === "object") return new CellError(value.error, value.reason);
  if (isBoolean(value)) return value;
  const text = checkText(String(value));
  if (NUMERIC.includes(type)) {
    return text === "" ? null : numeric(text);
  }
  const reader = READERS[type];
  if (reader === undefined) return text;
  if (text === "") return null;
  const found = guarded(reader, text.replace(/\.[0-9]+$/, ""));
  return isDate(found) || isTime(found) ? found : text;
};

// What a clock in the zone shows at an instant, as 2026-11-21 18:30:00.
const wallTime = (instant, zone) => new Intl.DateTimeFormat("sv-SE", {
  timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
}).format(instant);

class Run {
  constructor({ values = {}, lines = {}, line = null, now, zone = "UTC", steps }) {
    this.work = new Work(steps);
    Object.assign(this, { values, lines, line, now, zone });
  }

  moment() {
    const found = readDate(this.now instanceof Date ? wallTime(this.now, this.zone) : this.now);
    return found instanceof Instant ? found : refuse(NOT_AVAILABLE);
  }

  of(node) {
    switch (node[0]) {
      case "n": return readNumber(node[1]);
      case "t": case "b": return node[1];
      case "e": return null;
      case "f": return this.field(this.values, node[1], node[2]);
      case "l": return this.field(this.line ?? {}, node[1], node[2]);
      case "v": return this.through(node);
      case "a": return this.column(node);
      case "s": return this.cell(node[1]);
      case "u": return this.step(SIGNS.get(node[1]), this.of(node[2]));
      case "o": return this.chain(node);
      case "c": return this.call(node);
      default: throw new ServerOnly();
    }
  }

  field(values, code, type) {
    this.work.spend();
    return read(Object.hasOwn(values, code) ? values[code] : null, type);
  }

  // A field of the record pointed to, if the page has it.
  through([, lines, reference, code, type]) {
    const values = (lines === "" ? this.values : this.line) ?? {}, name = `${reference}.${code}`;
    if (!Object.hasOwn(values, name)) throw new ServerOnly();
    return this.field(values, name, type);
  }

  column([, lines, code, type]) {
    this.work.spend();
    const rows = Object.hasOwn(this.lines, lines) ? this.lines[lines] : [];
    this.work.read(rows.length);
    return rows.map(row => read(Object.hasOwn(row, code) ? row[code] : null, type));
  }

  cell(node) {
    const value = this.of(node);
    return Array.isArray(value) ? value : [value];
  }

  step(operation, ...operands) {
    this.work.spend();
    return lifted(this.work, operation, ...operands);
  }

  chain(node) {
    let value = this.of(node[1]);
    for (let at = 2; at < node.length; at += 2) value = this.step(OPERATORS.get(node[at]), value, this.of(node[at + 1]));
    return value;
  }

  call([, name, kinds, repeated, nodes]) {
    const found = FUNCTIONS.get(name);
    if (found === undefined) throw new ServerOnly();
    const kindAt = at => (at < kinds.length ? kinds[at] : kinds[kinds.length - repeated + ((at - kinds.length) % repeated)]);
    const given = nodes.map((node, at) => (kindAt(at) === "lazy" ? () => this.of(node) : this.of(node)));
    const body = found.volatile ? (...rest) => found(this.moment(), ...rest) : found;
    this.work.spend(1 + given.length);
    const perRow = at => PER_ROW.has(kindAt(at));
    const columns = given.filter((each, at) => perRow(at) && Array.isArray(each));
    if (columns.length === 0) {
      const value = this.once(body, kinds, repeated, kindAt, given);
      this.work.read(Array.isArray(value) ? value.length : 0);
      return value;
    }
    return Array.from({ length: Math.max(...columns.map(each => each.length)) }, (_, place) => {
      this.work.spend(given.length);
      const row = given.map((each, at) => (perRow(at) ? rowOf(each, place) : each));
      const value = this.once(body, kinds, repeated, kindAt, row);
      return Array.isArray(value) ? BAD_ARGUMENT : value; // a list has no lists in it
    });
  }

  once(body, kinds, repeated, kindAt, given) {
    if (given.some((each, at) => (each === null || each === "") && DATED.includes(kindAt(at)))) return null;
    this.work.weigh(given);
    this.work.spend(body.steps ?? 0);
    const found = guarded(() => {
      const single = kinds.length - repeated;
      const bound = given.slice(0, single).map((each, at) => this.converted(kinds[at], each));
      if (repeated > 0) {
        const rest = given.slice(single), kind = kinds[single];
        bound.push(FLAT.has(kind)
          ? rest.flatMap(each => this.flat(kind, each))
          : rest.map((each, at) => this.converted(kinds[single + (at % repeated)], each)));
      }
      return body(...bound);
    });
    if (!isError(found)) this.work.weigh([found]);
    return found;
  }

  converted(kind, value) {
    if (kind === "raw" || kind === "lazy") return value;
    if (kind === "array") {
      const items = Array.isArray(value) ? value : [value];
      this.work.read(items.length);
      this.work.weigh(items);
      return items;
    }
    if (FLAT.has(kind)) return this.flat(kind, value);
    return isError(value) ? refuse(value) : SCALARS[kind](value);
  }

  flat(kind, value) {
    if (!Array.isArray(value)) {
      if (isError(value) && !PATIENT.has(kind)) refuse(value);
      if (kind === "counted") return [asWritten(value)];
      return [kind === "numbers" || (kind === "ordered" && !isDate(value) && !isTime(value)) ? toNumber(value) : value];
    }
    this.work.read(value.length);
    this.work.weigh(value);
    return value.filter(each => {
      if (isError(each) && !PATIENT.has(kind)) refuse(each);
      return kind === "numbers" ? isNumber(each) : kind === "ordered" ? isNumber(each) || isDate(each) || isTime(each) : true;
    });
  }
}

// 28 digits at the end; this rounding may make a number too large.
const finished = value => {
  if (Array.isArray(value)) return value.map(finished);
  return isNumber(value) ? guarded(finish, value) : value;
};
const outside = (value, type) => {
  if (isNumber(value)) return plain(value);
  if (isDate(value) || isTime(value)) return isoText(value, "T");
  if (isError(value)) return { error: value.kind, reason: value.reason };
  if (Array.isArray(value)) return value.map(each => outside(each, type.replace(/^list of /, "")));
  return value === "" && !["text", "choice", "any", "empty"].includes(type) ? null : value;
};
const typeOf = (value, type) => {
  if (isNumber(value)) return NUMERIC.includes(type) ? type : "number";
  if (isBoolean(value)) return "boolean";
  if (isTime(value)) return "time";
  if (isDate(value)) return value instanceof Instant ? "datetime" : "date";
  return isText(value) && type !== "choice" ? "text" : type;
};

// Loads the families that formulas name; without it evaluate leaves their functions to the server.
export const prepare = async formulas => {
  const names = new Set(formulas.flatMap(formula => formula.families ?? []).filter(name => Object.hasOwn(FAMILIES, name)));
  await Promise.all([...names].map(async name => {
    const { FUNCTIONS: found } = await FAMILIES[name]();
    for (const [each, body] of Object.entries(found)) FUNCTIONS.set(each, body);
  }));
};

// evaluate(tree, {values, lines, line, now}) -> {type, value} | {error, reason}.
// Values: decimal strings, ISO dates, booleans, texts, null. `now`: a Date with the app's `zone`, or its wall time as a text.
export const evaluate = (formula, context) => {
  if (formula.format !== FORMAT || formula.server_only) return { error: "server_only", reason: "server_only" };
  try {
    const value = finished(guarded(() => new Run(context).of(formula.tree)));
    return isError(value) ? { error: value.kind, reason: value.reason } : { type: typeOf(value, formula.type), value: outside(value, formula.type) };
  } catch (caught) {
    if (caught instanceof Limit) return { error: caught.cell.kind, reason: caught.cell.reason };
    if (caught instanceof ServerOnly) return { error: "server_only", reason: "server_only" };
    throw caught;
  }
};
