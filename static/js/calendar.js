/** A small month calendar for a date box: arrows, Page Up and Page Down, Enter, Esc. */
import { composing, el, icon, place } from './dom.js';
import { readDay, shiftDay } from './typed.js';
import { t } from './texts.js';

let box = null, owner = null, shown = '', now = '';

const parts = (day) => day.split('-').map(Number);

function monthAfter(day, months) {
  const [y, m, d] = parts(day);
  const last = new Date(y, m - 1 + months + 1, 0).getDate();
  const made = new Date(y, m - 1 + months, Math.min(d, last));
  return `${made.getFullYear()}-${String(made.getMonth() + 1).padStart(2, '0')}-${String(made.getDate()).padStart(2, '0')}`;
}

function close(isBack = true) {
  if (!owner) return;
  const input = owner;
  owner = null;
  box.remove();
  if (isBack) input.focus();
}

function take(day) {
  const input = owner;
  input.value = day;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  close();
}

function dayButton(day, month) {
  const [, m, d] = parts(day);
  const cls = [m !== month && 'out', day === now && 'now'].filter(Boolean).join(' ');
  return el('button', { type: 'button', class: cls, 'data-day': day, tabindex: day === shown ? '0' : '-1', 'aria-pressed': String(day === shown), 'aria-label': day }, String(d));
}

function draw(isFocused = true) {
  const [year, month] = parts(shown);
  const first = new Date(year, month - 1, 1), lead = (first.getDay() + 6) % 7;
  const start = shiftDay(`${year}-${String(month).padStart(2, '0')}-01`, -lead);
  box.replaceChildren(
    el('div', { class: 'cal-h' },
      el('button', { type: 'button', class: 'btn btn-ghost btn-icon btn-sm', 'aria-label': t('previous_month'), onclick: () => { shown = monthAfter(shown, -1); draw(); } }, icon('chevron-left', 'ic-16')),
      el('b', { class: 'grow', 'aria-live': 'polite' }, t('month', { year, month })),
      el('button', { type: 'button', class: 'btn btn-ghost btn-icon btn-sm', 'aria-label': t('next_month'), onclick: () => { shown = monthAfter(shown, 1); draw(); } }, icon('chevron-right', 'ic-16'))),
    el('div', { class: 'cal-w', 'aria-hidden': 'true' }, [...t('weekdays')].map((name) => el('span', {}, name))),
    el('div', { class: 'cal-d' }, Array.from({ length: 42 }, (_, i) => dayButton(shiftDay(start, i), month))),
    el('div', { class: 'cal-f' }, el('button', { type: 'button', class: 'btn btn-ghost btn-sm', onclick: () => take(now) }, t('today'))));
  place(owner, box);
  if (isFocused) box.querySelector('[tabindex="0"]').focus();
}

function onKey(event) {
  if (composing(event)) return;
  if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); close(); return; }
  if (!event.target.dataset.day) return;
  const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  const months = { PageUp: -1, PageDown: 1 }[event.key];
  if (days || months) {
    event.preventDefault();
    shown = days ? shiftDay(shown, days) : monthAfter(shown, months);
    draw();
  }
}

/** Open the calendar of a date input. */
export function openCalendar(input, today) {
  if (owner === input) return close();
  close(false);
  owner = input;
  now = today;
  shown = readDay(input.value, today) || today;
  box = el('div', { class: 'cal', role: 'dialog', 'aria-label': t('calendar') });
  box.addEventListener('keydown', onKey);
  box.addEventListener('click', (event) => { const day = event.target.closest('[data-day]'); if (day) take(day.dataset.day); });
  box.addEventListener('focusout', (event) => {
    if (owner === input && event.relatedTarget && !box.contains(event.relatedTarget)) close(false);
  });
  // Inside an open dialog the rest of the page is inert, so the box goes where its owner is.
  (input.closest('dialog') ?? document.querySelector('main') ?? document.body).append(box);
  draw();
}

document.addEventListener('mousedown', (event) => {
  if (owner && !box.contains(event.target) && event.target !== owner && !event.target.closest('[data-calendar]')) close(false);
});
