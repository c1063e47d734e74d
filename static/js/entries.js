/** Boxes for numbers and days anywhere on the page: tidy on leaving, arrow keys on days, a calendar on demand. */
import { composing } from './dom.js';
import { readDuration, readTime, showDuration } from './clock.js';
import { mark } from './invalid.js';
import { readDay, readInstant, readNumber, shiftDay, showNumber } from './typed.js';
import { t } from './texts.js';

const today = () => document.querySelector('[data-today]')?.dataset.today;

/** A calendar for the box; most people type. */
const calendar = async (input) => (await import('./calendar.js')).openCalendar(input, today());

const UNREAD = { decimal: 'not_number', time: 'not_time', duration: 'not_duration' };

/** What an input holds: `{plain, shown}`, or null when it cannot be read. */
export function read(input, text = input.value) {
  const kind = input.dataset.entry;
  if (kind === 'decimal') {
    const suffix = input.dataset.suffix ?? '';
    const bare = suffix ? text.trim().replace(/[%％]$/, '') : text;
    const plain = readNumber(bare, Number(input.dataset.places || 10));
    return plain === null ? null : { plain, shown: plain && showNumber(plain, Number(input.dataset.least || 0)) + suffix };
  }
  if (kind === 'date' || kind === 'datetime') {
    const plain = (kind === 'date' ? readDay : readInstant)(text, today());
    return plain === null ? null : { plain, shown: plain };
  }
  if (kind === 'time') {
    const plain = readTime(text);
    return plain === null ? null : { plain, shown: plain };
  }
  if (kind === 'duration') {
    const unit = Number(input.dataset.unit || 60), plain = readDuration(text, unit);
    return plain === null ? null : { plain, shown: showDuration(plain, unit === 1) };
  }
  return { plain: text, shown: text };
}

/** Rewrite what was typed the way it is shown; say so when it cannot be read. */
export function tidy(input) {
  const found = read(input);
  if (!found) {
    mark(input, t(UNREAD[input.dataset.entry] ?? 'not_date', { text: input.value }));
    input.dataset.unread = '';
    return false;
  }
  if ('unread' in input.dataset) { delete input.dataset.unread; mark(input, null); }
  if (input.value !== found.shown) {
    input.value = found.shown;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return true;
}

document.addEventListener('focusout', (event) => {
  if (event.target.dataset?.entry && !event.target.readOnly) tidy(event.target);
});

document.addEventListener('keydown', (event) => {
  const input = event.target;
  if (composing(event) || input.dataset?.entry !== 'date' || input.readOnly) return;
  if (event.altKey && event.key === 'ArrowDown') {
    event.preventDefault();
    calendar(input);
    return;
  }
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.shiftKey || input.closest('line-grid')) return;
  const from = readDay(input.value, today()) || shiftDay(today(), -step);
  event.preventDefault();
  input.value = shiftDay(from, step);
  input.dispatchEvent(new Event('input', { bubbles: true }));
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-calendar]');
  if (button) calendar(document.getElementById(button.dataset.calendar));
});
