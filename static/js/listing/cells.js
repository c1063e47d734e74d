/** Cells edited in place: double click or e; Enter goes down, Tab to the right, Esc leaves it as it was. */
import { $, $$, composing, el, place, toast } from '../dom.js';
import { settled, tools } from './tools.js';

const HEADERS = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' };
let open = null;

const heads = () => $$('#list thead th');
const cellAt = (row, at) => row?.cells[at];
const address = (row, code) => `${$('#list').dataset.cells}/${row.id.slice(4)}/cells/${code}`;
const canEdit = (at) => { const head = heads()[at]; return head && 'edit' in head.dataset; };

/** The next place one can type in, in steps of one column or one row. */
function next(row, at, right, down) {
  if (down) {
    const rows = $$('#list tbody tr'), to = rows[rows.indexOf(row) + down];
    return to && [to, at];
  }
  for (let to = at + right; to >= 0 && to < heads().length; to += right) if (canEdit(to)) return [row, to];
  const beyond = next(row, at, 0, right);
  if (!beyond) return null;
  const edge = right > 0 ? heads().findIndex((_, i) => canEdit(i)) : heads().findLastIndex((_, i) => canEdit(i));
  return [beyond[0], edge];
}

function close({ focus = true } = {}) {
  if (!open) return;
  const { cell, form, tip, row } = open;
  open = null;
  form.remove();
  tip?.remove();
  cell.classList.remove('is-edit');
  if (focus) $('.lst-k a', row)?.focus({ preventScroll: true });
}

async function begin(row, at) {
  const code = heads()[at]?.dataset.code;
  if (!code || !canEdit(at) || (open && !(await save()))) return;
  const cell = cellAt(row, at);
  const answer = await fetch(address(row, code), { headers: HEADERS, credentials: 'same-origin' });
  const text = await answer.text();
  if (!answer.ok) { toast(text, { stay: false }); return; }
  if (!cell.isConnected) return;
  const form = new DOMParser().parseFromString(text, 'text/html').querySelector('form');
  if (!form) return;
  document.adoptNode(form);
  cell.classList.add('is-edit');
  cell.append(form);
  open = { row, at, code, cell, form, tip: null, was: '', isBusy: false };
  await tools(form);
  const box = $('input:not([type=hidden]), select, textarea', form);
  box?.focus();
  box?.select?.();
  if (open) open.was = state(form);
}

const state = (form) => new URLSearchParams(new FormData(form)).toString();

function say(words) {
  const box = $('input:not([type=hidden]), select, textarea', open.form);
  open.tip?.remove();
  open.tip = el('p', { class: 'le-tip', role: 'alert', id: 'le-tip' }, words.join('；'));
  document.body.append(open.tip);
  place(open.cell, open.tip);
  box?.setAttribute('aria-invalid', 'true');
  box?.setAttribute('aria-describedby', 'le-tip');
  box?.focus();
}

/** Save what was typed; true when the cell is done with. */
async function save() {
  if (!open || open.isBusy) return false;
  const mine = open, { form, row, code } = mine;
  for (const lookup of $$('ref-lookup', form)) lookup.left?.();
  if ($('ref-lookup', form)) await settled();
  if (open !== mine) return true;
  if (state(form) === mine.was) { close({ focus: false }); return true; }
  mine.isBusy = true;
  const body = new URLSearchParams(new FormData(form));
  body.set('version', form.dataset.version);
  body.set('columns', heads().map((head) => head.dataset.code).filter(Boolean).join(','));
  body.set('csrf_token', $('input[name=csrf_token]').value);
  let answer = null;
  try {
    answer = await fetch(address(row, code), { method: 'POST', body, headers: HEADERS, credentials: 'same-origin' });
  } catch { /* the words below say so */ }
  mine.isBusy = false;
  if (open !== mine) return true;
  const isJson = answer?.headers.get('Content-Type')?.includes('json');
  if (!answer?.ok) {
    say(isJson ? (await answer.json()).problems : [answer ? await answer.text() : (await import('../texts.js')).t('no_answer')]);
    return false;
  }
  const { cells } = await answer.json();
  close({ focus: false });
  redraw(row, cells);
  return true;
}

/** Write what the server says now stands in the row. */
function redraw(row, cells) {
  heads().forEach((head, at) => {
    const told = cells[head.dataset.code], cell = cellAt(row, at);
    if (!told || !cell) return;
    const home = $('a', cell) ?? cell;
    if (home.textContent !== told.text) cell.classList.add('is-new');
    home.textContent = told.text || (home === cell ? '' : '—');
    cell.classList.toggle('neg', told.neg && cell.classList.contains('r'));
  });
}

async function go(right, down) {
  const { row, at } = open, to = next(row, at, right, down);
  if (!(await save())) return;
  if (to) await begin(...to); else $('.lst-k a', row)?.focus();
}

// A click on a row opens the record. Where a second click would edit the cell, the first one waits for it.
const PAUSE = 220;
let opening = 0;
document.addEventListener('click', (event) => {
  const cell = event.target.closest?.('#list tbody td, #list tbody th');
  if (!cell || event.ctrlKey || event.metaKey || event.target.closest('a, button, input, label')) return;
  if (cell.contains(open?.form)) { event.stopImmediatePropagation(); return; }
  if (!canEdit(cell.cellIndex) || matchMedia('(pointer: coarse)').matches) return;
  event.stopImmediatePropagation();
  clearTimeout(opening);
  const isText = String(getSelection());
  if (event.detail === 1 && !isText && !open) opening = setTimeout(() => $('a', cell.parentElement)?.click(), PAUSE);
}, true);

document.addEventListener('dblclick', (event) => {
  const cell = event.target.closest?.('#list tbody th, #list tbody td');
  if (!cell || event.target.closest('.le, input')) return;
  clearTimeout(opening);
  event.preventDefault();
  getSelection()?.removeAllRanges();
  begin(cell.parentElement, cell.cellIndex);
});

document.addEventListener('focusout', (event) => {
  if (!open || !open.form.contains(event.target)) return;
  // The list under a box of records and the calendar are part of it.
  const mine = open;
  setTimeout(() => { if (open === mine && !mine.form.contains(document.activeElement) && !document.activeElement?.closest('.lk, .cal') && document.hasFocus()) save(); }, 150);
});

document.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  if (open?.form.contains(event.target)) {
    const isOpen = event.target.getAttribute('aria-expanded') === 'true';
    if (event.key === 'Escape' && !isOpen) { event.preventDefault(); event.stopPropagation(); close(); }
    else if (event.key === 'Tab') { event.preventDefault(); go(event.shiftKey ? -1 : 1, 0); }
    else if (event.key === 'Enter' && !event.defaultPrevented && !isOpen) { event.preventDefault(); go(0, event.shiftKey ? -1 : 1); }
    return;
  }
  if (event.key !== 'e' || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input:not(.lst-ck), textarea, select, dialog[open]')) return;
  const row = event.target.closest?.('#list tbody tr');
  if (!row) return;
  const at = heads().findIndex((_, i) => canEdit(i));
  if (at >= 0) { event.preventDefault(); begin(row, at); }
});

// Implicit submission would leave the page.
document.addEventListener('submit', (event) => { if (event.target.matches?.('.le')) event.preventDefault(); });
