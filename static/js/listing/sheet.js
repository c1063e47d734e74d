/** A list as a sheet: cells are typed into, pasted and filled; what was changed waits for one save. */
import { $, $$, askJson, composing, el, place, toast } from '../dom.js';
import { parseBlock } from '../paste.js';
import { t } from '../texts.js';

const sheet = $('#sheet'), state = $('#sheet-state'), save = $('#sheet-save');
const rows = () => [...sheet.tBodies[0].rows];
const codes = $$('thead th[data-code]', sheet).map((head) => head.dataset.code);
const was = new WeakMap();
const steps = [];
let at = null, from = null, isEditing = false, tip = null;
// One box goes from cell to cell, unseen until something is typed: an input method needs a place to write into.
const box = el('input', { class: 'sheet-box is-idle', autocomplete: 'off', spellcheck: 'false' });

const cell = (row, column) => rows()[row]?.cells[column + 1];
const spot = (td) => [td.parentElement.sectionRowIndex, td.cellIndex - 1];
const isOpen = (td) => td && !td.classList.contains('is-shut');
const changed = () => $$('td.is-changed', sheet);

function count() {
  const n = changed().length;
  state.textContent = n ? state.dataset.some.replace('{n}', n) : state.dataset.none;
  save.disabled = !n;
}

/** Write a text into a cell; what stood there first is remembered until it has been saved. */
function write(td, text) {
  if (!was.has(td)) was.set(td, td.textContent);
  const holds = td.contains(box);
  td.textContent = text;
  if (holds) { td.append(box); box.focus(); }
  td.classList.toggle('is-changed', text !== was.get(td));
  td.classList.remove('is-bad');
  td.removeAttribute('title');
}

/** Change several cells as one step that Ctrl+Z takes back. */
function step(changes) {
  const open = changes.filter(([td, text]) => isOpen(td) && td.textContent !== text);
  if (!open.length) return;
  steps.push(open.map(([td]) => [td, td.textContent]));
  for (const [td, text] of open) write(td, text);
  count();
}

function back() {
  const last = steps.pop();
  if (!last) { toast(t('nothing_to_undo')); return; }
  for (const [td, text] of last) write(td, text);
  count();
  go(...spot(last[0][0]));
}

function area() {
  const [r, c] = at, [fr, fc] = from ?? at;
  return { top: Math.min(r, fr), bottom: Math.max(r, fr), left: Math.min(c, fc), right: Math.max(c, fc) };
}

function cells() {
  const { top, bottom, left, right } = area(), found = [];
  for (let r = top; r <= bottom; r += 1) for (let c = left; c <= right; c += 1) found.push(cell(r, c));
  return found.filter(Boolean);
}

function go(row, column, isExtending = false) {
  close(true);
  const to = cell(Math.max(0, Math.min(row, rows().length - 1)), Math.max(0, Math.min(column, codes.length - 1)));
  if (!to) return;
  from = isExtending ? from ?? at : null;
  at = spot(to);
  for (const td of $$('td.is-in', sheet)) td.classList.remove('is-in');
  for (const td of cells()) td.classList.add('is-in');
  $$('td[tabindex="0"]', sheet).forEach((td) => { td.tabIndex = -1; });
  to.tabIndex = 0;
  box.value = '';
  if (isOpen(to)) {
    to.append(box);
    box.setAttribute('aria-label', `${$$('thead th[data-code]', sheet)[at[1]].textContent} ${to.textContent}`);
    box.focus();
  } else to.focus();
  tip?.remove();
  if (to.title) { tip = el('p', { class: 'le-tip', role: 'alert' }, to.title); document.body.append(tip); place(to, tip); }
}

/** Show the box with what stands in the cell; without a text it is what was just typed into it. */
function edit(text) {
  if (isEditing || !box.isConnected) return;
  isEditing = true;
  box.classList.remove('is-idle');
  if (text !== undefined) { box.value = text; box.select(); }
}

function close(isKept) {
  if (!isEditing) return;
  isEditing = false;
  const td = box.parentElement, text = box.value.trim();
  box.value = '';
  box.classList.add('is-idle');
  if (isKept && td) step([[td, text]]);
}

box.addEventListener('compositionstart', () => edit());
box.addEventListener('input', () => edit());
box.addEventListener('blur', () => close(true));

async function send() {
  close(true);
  const sent = new Map();
  for (const td of changed()) {
    const row = td.parentElement, [, column] = spot(td);
    if (!sent.has(row)) sent.set(row, { id: Number(row.dataset.id), version: Number(row.dataset.version), cells: {} });
    sent.get(row).cells[codes[column]] = td.textContent;
  }
  if (!sent.size) return;
  save.setAttribute('aria-busy', 'true');
  const answer = await askJson(location.pathname, { body: { rows: [...sent.values()] } });
  save.removeAttribute('aria-busy');
  if (!answer) { toast(t('failed'), { stay: true }); return; }
  let saved = 0, bad = 0;
  for (const row of sent.keys()) {
    const told = answer.rows[row.dataset.id];
    if (told?.version) { saved += 1; settle(row, told.version); } else if (told) { bad += 1; refuse(row, told.problems); }
  }
  steps.length = 0;
  count();
  if (saved) toast(state.dataset.saved.replace('{n}', saved), { undo: answer.undo ? () => undo(answer.undo) : null });
  if (bad) { state.textContent = state.dataset.bad.replace('{n}', bad); go(...spot($('td.is-bad', sheet))); }
}

function settle(row, version) {
  row.dataset.version = version;
  for (const td of row.cells) { td.classList.remove('is-changed', 'is-bad'); td.removeAttribute('title'); was.delete(td); }
}

function refuse(row, problems) {
  for (const [code, words] of Object.entries(problems)) {
    const td = code ? row.cells[codes.indexOf(code) + 1] : $('td.is-changed', row);
    // A reason about a column that is not shown stands at the first cell that was changed.
    const home = td?.tagName === 'TD' ? td : $('td.is-changed', row);
    home.classList.add('is-bad');
    home.title = words;
  }
}

/** Undo the whole save: the rows come back from the server as they are then. */
async function undo(address) {
  const body = new URLSearchParams({ csrf_token: $('input[name=csrf_token]').value });
  const answer = await fetch(address, { method: 'POST', body, headers: { 'HX-Request': 'true' }, credentials: 'same-origin' });
  if (answer.headers.has('HX-Redirect')) location.assign(answer.headers.get('HX-Redirect'));
  else if (answer.ok) location.reload();
  else toast(await answer.text(), { stay: true });
}

function fillDown() {
  const { top, bottom, left, right } = area(), changes = [];
  const first = top === bottom ? top - 1 : top;
  for (let c = left; c <= right; c += 1) for (let r = first + 1; r <= bottom; r += 1) if (cell(first, c)) changes.push([cell(r, c), cell(first, c).textContent]);
  step(changes);
}

sheet.addEventListener('mousedown', (event) => {
  const td = event.target.closest('td');
  if (!td || (isEditing && td.contains(box))) return;
  event.preventDefault();
  go(...spot(td), event.shiftKey);
  if (!event.shiftKey) from = null;
});
sheet.addEventListener('mouseover', (event) => {
  const td = event.target.closest('td');
  if (td && event.buttons === 1 && at && !isEditing) go(...spot(td), true);
});
sheet.addEventListener('dblclick', (event) => { const td = event.target.closest('td'); if (isOpen(td)) edit(td.textContent); });
save.addEventListener('click', send);

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

document.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  const hasControl = event.ctrlKey || event.metaKey, key = event.key;
  if (hasControl && key.toLowerCase() === 's') { event.preventDefault(); send(); return; }
  if (!at || !sheet.contains(event.target)) return;
  const leave = (row, column) => { event.preventDefault(); close(true); go(at[0] + row, at[1] + column); };
  if (key === 'Enter' && isEditing) leave(event.shiftKey ? -1 : 1, 0);
  else if (key === 'Tab' && (isEditing || !atEdge(event.shiftKey))) leave(0, event.shiftKey ? -1 : 1);
  else if (key === 'Escape' && isEditing) { event.preventDefault(); close(false); go(...at); }
  else if (isEditing) return;
  else if (key in MOVES && !event.altKey) { event.preventDefault(); go(at[0] + MOVES[key][0], at[1] + MOVES[key][1], event.shiftKey); }
  else if (key === 'F2' || key === 'Enter') { event.preventDefault(); if (isOpen(cell(...at))) edit(cell(...at).textContent); }
  else if (key === 'Delete' || key === 'Backspace') { event.preventDefault(); step(cells().map((td) => [td, ''])); }
  else if (hasControl && key.toLowerCase() === 'z') { event.preventDefault(); back(); }
  else if (hasControl && key.toLowerCase() === 'd') { event.preventDefault(); fillDown(); }
});

/** At the first or last cell Tab leaves the sheet. */
const atEdge = (isBack) => (isBack ? at[0] === 0 && at[1] === 0 : at[0] === rows().length - 1 && at[1] === codes.length - 1);

document.addEventListener('paste', (event) => {
  if (!at || isEditing || !sheet.contains(document.activeElement)) return;
  event.preventDefault();
  const block = parseBlock(event.clipboardData.getData('text/plain')), { top, left } = area();
  step(block.flatMap((line, r) => line.map((text, c) => [cell(top + r, left + c), text])).filter(([td]) => td));
  from = null;
});
document.addEventListener('copy', (event) => {
  if (!at || isEditing || !sheet.contains(document.activeElement)) return;
  const { top, bottom, left, right } = area(), lines = [];
  for (let r = top; r <= bottom; r += 1) lines.push(Array.from({ length: right - left + 1 }, (_, c) => cell(r, left + c).textContent).join('\t'));
  event.clipboardData.setData('text/plain', lines.join('\n'));
  event.preventDefault();
});

// Leaving with changes that wait is asked about by the browser: they are nowhere else.
window.addEventListener('beforeunload', (event) => { if (changed().length) event.preventDefault(); });

if (sheet.tBodies[0].rows.length) { const first = cell(0, 0); if (first) first.tabIndex = 0; }
sheet.addEventListener('focusin', (event) => { const td = event.target.closest('td'); if (td && !at) go(...spot(td)); });
