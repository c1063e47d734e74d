/** New fields: from the library by a click, or `/` on the canvas and a few letters. */
import { $, $$, composing, el, icon, place, toast } from '../dom.js';
import { addSection, addTab } from './canvas-edits.js';
import { placeOf } from './canvas-moves.js';
import { edit } from './canvas.js';
import { announce, at, saying, select, selected, send } from './studio.js';

const popup = $('#insert'), find = $('#insert-find'), list = $('#insert-list');
const chips = () => $$('#library .chip');
const isHeaderOnly = (kind) => Boolean($(`#library .chip[data-kind="${kind}"]`)?.hasAttribute('data-header-only'));
const children = (holder) => [...holder.children].filter((each) => each.matches('[data-stop]'));
const words = (text) => text.trim().toLowerCase().split(/\s+/).filter(Boolean);
const fits = (chip, asked) => words(asked).every((word) => chip.dataset.find.includes(word));

/** Where a field of this kind goes: after what is selected, into the line table that is, else at the end. */
export function target(kind, table = '') {
  const now = selected(), found = at(now.path);
  const lines = table || now.lines || (found?.dataset.kind === 'lines' ? now.field : '');
  if (lines && !isHeaderOnly(kind)) {
    const holder = $(`#canvas [data-columns="${lines}"]`), columns = children(holder);
    const index = now.lines && !table ? columns.indexOf(found) + 1 : columns.length;
    return { lines, to: { index }, words: saying('insert_table', { label: at(lines).dataset.label }) };
  }
  const card = now.type === 'column' ? at(now.lines) : found;
  if (card?.dataset.type === 'field' && card.parentElement.dataset.drop !== undefined) {
    const holder = card.parentElement;
    return { to: placeOf(holder, children(holder).indexOf(card) + 1), words: saying('insert_into', { label: card.dataset.label }) };
  }
  const page = $('#canvas .page-of:not([hidden]):last-of-type') ?? $('#canvas');
  const holder = (found?.closest('[data-section]') ?? $$('[data-section]', page).at(-1) ?? $$('#canvas [data-section]').at(-1))?.querySelector('[data-drop]');
  if (!holder) return { to: {}, words: saying('insert_end') };
  const heading = $('[data-name]', holder.closest('[data-section]'))?.textContent ?? '';
  return { to: placeOf(holder, children(holder).length), words: heading ? saying('insert_into', { label: heading }) : saying('insert_end') };
}

/** Add a field of a kind; answers its path, '' when it was refused. */
export async function add(kind, { label = '', where = null } = {}) {
  if (kind === '@section') { await addSection(); return ''; }
  if (kind === '@tab') { await addTab(); return ''; }
  const { lines, to } = where ?? target(kind), was = selected().path;
  const field = label ? { kind, label } : { kind };
  const done = await send([{ op: 'add_field', ...(lines ? { lines } : {}), field, to }]);
  if (!done.ok || !done.created[0]) return '';
  const path = lines ? `${lines}.${done.created[0]}` : done.created[0];
  // Whoever selected something else meanwhile keeps that.
  if (selected().path === was) select(path);
  announce(saying('added', { label: at(path)?.dataset.label ?? '' }));
  document.dispatchEvent(new CustomEvent('designer:added', { detail: { path, kind } }));
  return path;
}

/* The library. */

const narrow = matchMedia('(max-width:860px)');
let adding = Promise.resolve();

// Clicks wait for one another: each field goes after the one before it.
$('#library').addEventListener('click', (event) => {
  const chip = event.target.closest('.chip');
  if (!chip) return;
  adding = adding.then(() => add(chip.dataset.kind)).then((path) => {
    if (path && narrow.matches) toast(saying('added', { label: at(path)?.dataset.label ?? chip.dataset.label }));
  });
});

$('#lib-find').addEventListener('input', ({ target: { value } }) => {
  let n = 0;
  for (const chip of chips()) { chip.hidden = !fits(chip, value); n += !chip.hidden; }
  for (const shelf of $$('.dz-shelf')) shelf.hidden = !$('.chip:not([hidden])', shelf);
  const none = $('#lib-none');
  none.hidden = n > 0;
  none.textContent = n ? '' : saying('nothing_found', { text: value });
});
$('#lib-find').addEventListener('keydown', (event) => {
  if (composing(event)) return;
  const first = $('#library .chip:not([hidden])');
  if (event.key === 'Enter' && first) { event.preventDefault(); first.click(); event.target.select(); }
  else if (event.key === 'ArrowDown' && first) { event.preventDefault(); first.focus(); }
  else if (event.key === 'Escape' && event.target.value) { event.preventDefault(); event.target.value = ''; event.target.dispatchEvent(new Event('input')); }
});
$('#library').addEventListener('keydown', (event) => {
  if (composing(event) || !event.target.matches('.chip')) return;
  const all = chips().filter((chip) => chip.offsetParent), at2 = all.indexOf(event.target);
  const next = { ArrowDown: at2 + 2, ArrowUp: at2 - 2, ArrowRight: at2 + 1, ArrowLeft: at2 - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  (all[next] ?? (next < 0 ? $('#lib-find') : all.at(-1))).focus();
});

/** Say beside the library where a click would put a field. */
function sayWhere() { $('#lib-where').textContent = $('#canvas [data-stop]') ? target('text').words : ''; }
document.addEventListener('designer:select', sayWhere);
document.addEventListener('designer:changed', sayWhere);

/* The list that `/` opens. */

let into = '', opener = null;

/** Open the list; `table` adds columns to that line table. */
export function openInsert(table = '') {
  into = table;
  opener = document.activeElement;
  popup.hidden = false;
  find.value = '';
  const where = target('text', into);
  $('#insert-where').textContent = where.words;
  draw();
  const anchor = (into ? $(`#canvas [data-add-column="${into}"]`) : at(selected().path)) ?? $('#add-section');
  anchor.scrollIntoView({ block: 'nearest' });
  place(anchor, popup, 6);
  find.focus({ preventScroll: true });
}

function closeInsert(isBack = true) {
  if (popup.hidden) return;
  popup.hidden = true;
  if (isBack) (at(selected().path) ?? opener)?.focus({ preventScroll: true });
}

function draw() {
  const asked = find.value.trim();
  const found = chips().filter((chip) => fits(chip, asked) && !(into && chip.hasAttribute('data-header-only')));
  const options = found.map((chip) => ({ kind: chip.dataset.kind, label: '', text: chip.dataset.label, picture: $('use', chip).getAttribute('href').split('#')[1] }));
  // Any other word is the name of a new text field.
  if (asked && !found.some((chip) => chip.dataset.label === asked)) options.push({ kind: 'text', label: asked, text: $('#library .chip[data-kind=text]').dataset.label, picture: 'letter-case' });
  list.replaceChildren(...options.map((each, n) => el('div', { class: 'dz-o', role: 'option', id: `insert-${n}`, 'data-kind': each.kind, 'data-name': each.label, 'aria-selected': String(n === 0) },
    icon(each.picture, 'ic-16'), each.label ? el('span', {}, `${each.text} `, el('b', {}, `“${each.label}”`)) : each.text)));
  choose(list.firstElementChild);
}

function choose(option) {
  for (const each of list.children) each.setAttribute('aria-selected', String(each === option));
  if (option) { find.setAttribute('aria-activedescendant', option.id); option.scrollIntoView({ block: 'nearest' }); } else find.removeAttribute('aria-activedescendant');
}

async function take(option) {
  const { kind, name } = option.dataset;
  const where = kind.startsWith('@') ? null : target(kind, into);
  closeInsert();
  const path = await add(kind, { label: name, where });
  if (path && name) at(path)?.focus({ preventScroll: true });
  // Without a name yet, that is the next thing to write.
  else if (path) edit(path);
  else if (kind.startsWith('@') && selected().path) edit(selected().path);
}

find.addEventListener('input', draw);
find.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  event.stopPropagation();
  const all = [...list.children], now = all.findIndex((each) => each.getAttribute('aria-selected') === 'true');
  if (event.key === 'Escape' || event.key === 'Tab') { event.preventDefault(); closeInsert(); }
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); choose(all.at((now + (event.key === 'ArrowDown' ? 1 : -1)) % all.length)); }
  else if (event.key === 'Enter' && all[now]) { event.preventDefault(); take(all[now]); }
});
list.addEventListener('mousedown', (event) => event.preventDefault());
list.addEventListener('click', (event) => { const option = event.target.closest('[role=option]'); if (option) take(option); });
document.addEventListener('pointerdown', (event) => { if (!popup.hidden && !popup.contains(event.target)) closeInsert(false); });
$('#stage').addEventListener('click', (event) => {
  const plus = event.target.closest('[data-add-column]');
  if (plus) openInsert(plus.dataset.addColumn);
});
