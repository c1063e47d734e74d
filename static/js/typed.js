/** What people type into a box, made tidy when they leave it: numbers, sums, dates. Exact: no float anywhere. */

const WIDE = { '。': '.', '．': '.', '，': ',', '－': '-', '−': '-', '—': '-', '＋': '+', '＊': '*', '×': '*', '／': '/', '÷': '/', '（': '(', '）': ')', '＝': '=', '％': '%', '：': ':', '￥': '¥', '　': ' ' };

/** Full-width digits and signs become the usual ones. */
export function narrow(text) {
  return text.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[。．，－−—＋＊×／÷（）＝％：￥　]/g, (c) => WIDE[c]).trim();
}

const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; };
const fraction = (p, q) => { const d = gcd(p, q) || 1n; return q < 0n ? [-p / d, -q / d] : [p / d, q / d]; };

function literal(text) {
  const [whole, part = ''] = text.split('.');
  return fraction(BigInt(whole + part || '0'), 10n ** BigInt(part.length));
}

/** `12*24+(3-1)/2` as an exact fraction, or null. */
function arithmetic(text) {
  const tokens = text.match(/\d+\.?\d*|\.\d+|[-+*/()]|\S/g) ?? [];
  let at = 0;
  const factor = () => {
    const token = tokens[at++];
    if (token === '-') { const v = factor(); return v && [-v[0], v[1]]; }
    if (token === '+') return factor();
    if (token === '(') { const v = sum(); return tokens[at++] === ')' ? v : null; }
    return /^[\d.]+$/.test(token ?? '') ? literal(token) : null;
  };
  const product = () => {
    let left = factor();
    while (left && /^[*/]$/.test(tokens[at] ?? '')) {
      const isTimes = tokens[at++] === '*', right = factor();
      if (!right || (!isTimes && right[0] === 0n)) return null;
      left = isTimes ? fraction(left[0] * right[0], left[1] * right[1]) : fraction(left[0] * right[1], left[1] * right[0]);
    }
    return left;
  };
  const sum = () => {
    let left = product();
    while (left && /^[-+]$/.test(tokens[at] ?? '')) {
      const sign = tokens[at++] === '+' ? 1n : -1n, right = product();
      if (!right) return null;
      left = fraction(left[0] * right[1] + sign * right[0] * left[1], left[1] * right[1]);
    }
    return left;
  };
  const value = tokens.length > 200 ? null : sum();
  return at === tokens.length ? value : null;
}

/** A fraction as decimal text with at most `places` digits, half up. */
function decimal([p, q], places) {
  const unit = 10n ** BigInt(places), negative = p < 0n;
  const scaled = ((negative ? -p : p) * unit * 2n + q) / (q * 2n);
  const digits = scaled.toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places), part = digits.slice(digits.length - places).replace(/0+$/, '');
  return (negative && scaled ? '-' : '') + whole + (part ? `.${part}` : '');
}

/** Typed text as plain decimal text (`1,234.5` → `1234.5`, `=12*24` → `288`, `1.2万` → `12000`); '' when empty, null when it is no number. */
export function readNumber(text, places = 10) {
  let source = narrow(text).replace(/^[¥$]\s*/, '').replace(/\s*元$/, '');
  if (!source) return '';
  if (source.length > 200) return null;
  if (source.startsWith('=')) {
    const value = arithmetic(source.slice(1).replaceAll(',', ''));
    return value && decimal(value, places);
  }
  const unit = { 万: 10000n, 亿: 100000000n }[source.at(-1)];
  if (unit) source = source.slice(0, -1).trim();
  if (/^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(source)) source = source.replaceAll(',', '');
  if (source.length > 40 || !/^[+-]?(\d+\.?\d*|\.\d+)$/.test(source)) return null;
  const negative = source.startsWith('-');
  const [p, q] = literal(source.replace(/^[+-]/, ''));
  return decimal([(negative ? -p : p) * (unit ?? 1n), q], 20);
}

/** Plain decimal text the way it is shown: grouped, with `least` places at least. */
export function showNumber(plain, least = 0) {
  if (!plain) return '';
  const negative = plain.startsWith('-');
  let [whole, part = ''] = plain.replace(/^[+-]/, '').split('.');
  part = part.replace(/0+$/, '').padEnd(least, '0');
  whole = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return (negative ? '-' : '') + whole + (part ? `.${part}` : '');
}

const pad = (n) => String(n).padStart(2, '0');
const iso = (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;

/** A day that exists, as `2026-11-21`; null otherwise. */
function day(year, month, date) {
  const made = new Date(year, month - 1, date);
  return made.getFullYear() === year && made.getMonth() === month - 1 && made.getDate() === date ? iso(made) : null;
}

/** `days` after an ISO day. */
export function shiftDay(isoDay, days) {
  const [y, m, d] = isoDay.split('-').map(Number);
  return iso(new Date(y, m - 1, d + days));
}

const WORDS = { 今: 0, 今天: 0, 今日: 0, t: 0, 明: 1, 明天: 1, 后天: 2, 昨: -1, 昨天: -1, 前天: -2 };

/** Typed text as an ISO day: `1121`, `11-21`, `21`, `+7`, `明`, `2026年11月21日`; '' when empty, null when it is no day. */
export function readDay(text, today = iso(new Date())) {
  const source = narrow(text).toLowerCase();
  if (!source) return '';
  if (source in WORDS) return shiftDay(today, WORDS[source]);
  if (/^[+-]\d{1,4}$/.test(source)) return shiftDay(today, Number(source));
  const [year, month] = today.split('-').map(Number);
  let m = source.match(/^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})[日号]?$/);
  if (m) return day(+m[1], +m[2], +m[3]);
  m = source.match(/^(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?$/);
  if (m) return day(2000 + +m[1], +m[2], +m[3]);
  m = source.match(/^(\d{1,2})\s*[-/.月]\s*(\d{1,2})[日号]?$/);
  if (m) return day(year, +m[1], +m[2]);
  m = source.match(/^(\d{1,2})[日号]?$/);
  if (m) return day(year, month, +m[1]);
  if (/^\d{3,4}$/.test(source)) return day(year, +source.slice(0, -2), +source.slice(-2));
  if (/^\d{6}$/.test(source)) return day(2000 + +source.slice(0, 2), +source.slice(2, 4), +source.slice(4));
  if (/^\d{8}$/.test(source)) return day(+source.slice(0, 4), +source.slice(4, 6), +source.slice(6));
  return null;
}

/** Typed text as `2026-11-21 14:32`; the time may be missing or written `1432`. */
export function readInstant(text, today) {
  const source = narrow(text);
  if (!source) return '';
  const m = source.match(/^(.*?)[\sT]+(\d{1,2}):?(\d{2})(?::(\d{2}(?:\.\d{1,6})?))?$/);
  const date = readDay(m ? m[1] : source, today);
  if (!date) return null;
  if (m && (Number(m[2]) > 23 || Number(m[3]) > 59 || (m[4] ?? '00').slice(0, 2) > '59')) return null;
  // Seconds nobody typed are not written; those that are there stay.
  const seconds = /[1-9]/.test(m?.[4] ?? '') ? `:${m[4]}` : '';
  return m ? `${date} ${pad(m[2])}:${m[3]}${seconds}` : `${date} 00:00`;
}

/** Plain decimal text as an integer count of 10⁻¹², to add and compare exactly. */
export function scaled(plain) {
  const [whole, part = ''] = (plain || '0').replace(/^[+-]/, '').split('.');
  const value = BigInt(whole + part.padEnd(12, '0').slice(0, 12));
  return plain?.startsWith('-') ? -value : value;
}

/** The other way: plain decimal text of a count of 10⁻¹². */
export function unscaled(value) {
  return decimal([value, 10n ** 12n], 12);
}

/** Plain decimal text rounded half up to some places. */
export function roundTo(plain, places) {
  const negative = plain.startsWith('-'), [p, q] = literal(plain.replace(/^[+-]/, ''));
  return decimal([negative ? -p : p, q], places);
}
