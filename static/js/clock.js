/** Times of day and lengths of time as people type them; whole seconds, no float anywhere. */
import { narrow } from './typed.js';

const pad = (n) => String(n).padStart(2, '0');
const HALVES = ['上午', '早上', '凌晨', '中午', '下午', '晚上', 'am', 'pm'], LATER = ['下午', '晚上', 'pm'];

/** Typed text as `14:30` or `14:30:05`; '' when empty, null when it is no time of day. */
export function readTime(text) {
  let source = narrow(text).toLowerCase();
  if (!source) return '';
  const half = HALVES.find((word) => source.startsWith(word) || source.endsWith(word)) ?? '';
  if (half) source = source.replace(half, '').trim();
  const m = source.match(/^(\d{1,2}):(\d{2})(?::(\d{2}))?$/) ?? source.match(/^(\d{1,2})(\d{2})$/)
    ?? source.match(/^(\d{1,2})[点时](?:(\d{1,2})分?)?(?:(\d{1,2})秒)?$/) ?? (source.match(/^(\d{1,2})点半$/) && [source, source.split('点')[0], '30']);
  if (!m) return null;
  let hour = Number(m[1]);
  const minute = Number(m[2] ?? 0), second = Number(m[3] ?? 0);
  if (LATER.includes(half) && hour < 12) hour += 12;
  else if (['am', '凌晨'].includes(half) && hour === 12) hour = 0;
  if (hour > 23 || minute > 59 || second > 59) return null;
  return `${pad(hour)}:${pad(minute)}${second ? `:${pad(second)}` : ''}`;
}

const AMOUNT = String.raw`(\d+(?:\.\d+)?)\s*`;
const PARTS = [['(?:天|日|days?|d)', 86400n], ['(?:个?小时|时|hours?|hrs?|h)', 3600n], ['(?:分钟|分|minutes?|mins?|m(?!s))', 60n], ['(?:秒钟?|seconds?|secs?|s)', 1n]]
  .map(([words, seconds]) => [new RegExp(`^${AMOUNT}${words}`), seconds]);
const LONGEST = 10n ** 10n;

/** `1.5` times so many seconds, as a whole number of them; null where a part of a second is left. */
function times(amount, unit) {
  const [whole, part = ''] = amount.split('.'), scale = 10n ** BigInt(part.length);
  const total = BigInt(whole + part) * unit;
  return total % scale ? null : total / scale;
}

function spoken(text) {
  let rest = text, total = 0n;
  for (const [pattern, seconds] of PARTS) {
    const m = rest.match(pattern);
    if (!m) continue;
    const found = times(m[1], seconds);
    if (found === null) return null;
    total += found;
    rest = rest.slice(m[0].length).replace(/^[ ,，零又]+/, '');
  }
  return rest || rest === text ? null : total;
}

/** Typed text as a count of seconds; '' when empty, null when it is no length of time. */
export function readDuration(text, unit = 60) {
  const source = narrow(text).toLowerCase();
  if (!source) return '';
  const run = source.match(/^(\d{1,7}):(\d{2})(?::(\d{2}))?$/);
  let found = null;
  if (run) found = Number(run[2]) < 60 && Number(run[3] ?? 0) < 60 ? BigInt(run[1]) * 3600n + BigInt(run[2]) * 60n + BigInt(run[3] ?? 0) : null;
  else if (/^\d+(\.\d+)?$/.test(source)) found = source.length > 20 ? null : times(source, BigInt(unit));
  else found = source.length > 60 ? null : spoken(source);
  return found === null || found >= LONGEST ? null : String(found);
}

/** A count of seconds as `26:30`, with seconds where there are some or the unit counts them. */
export function showDuration(seconds, hasSeconds = false) {
  if (seconds === '' || seconds === null) return '';
  const all = BigInt(seconds), left = all < 0n ? -all : all, odd = left % 60n;
  return `${all < 0n ? '-' : ''}${left / 3600n}:${pad(left % 3600n / 60n)}${hasSeconds || odd ? `:${pad(odd)}` : ''}`;
}
