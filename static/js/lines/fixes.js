/**
 * The texts a block or a scanner brought that nobody knows: each once, with the lines it stands in, a way
 * there and a box to say what was meant. One choice puts all of its lines right.
 */
import { $, $$, el, icon } from '../dom.js';
import { isMarked } from '../invalid.js';
import { takeFound } from '../line-entry.js';
import { t } from '../texts.js';

/** The unknown texts of a grid: `column → text → rows`. */
function unknown(grid) {
  const found = new Map();
  for (const cell of $$('tbody td.bad:has(ref-lookup)', grid)) {
    const input = $('input', cell), text = input.value.trim();
    if (!isMarked(input) || !text) continue;
    const key = `${cell.dataset.col} ${text}`;
    if (!found.has(key)) found.set(key, { column: cell.dataset.col, text, rows: [] });
    found.get(key).rows.push(cell.parentElement);
  }
  return [...found.values()];
}

/** A box like the cell's own, without a name: it is asked, not saved. */
function boxFor(grid, { column, text }) {
  const box = $('template', grid).content.querySelector(`td[data-col="${CSS.escape(column)}"] ref-lookup`).cloneNode(true);
  const [input, hidden] = [box.firstElementChild, box.lastElementChild];
  for (const one of [input, hidden]) for (const name of ['name', 'id', 'aria-describedby', 'aria-invalid']) one.removeAttribute(name);
  input.className = 'inp';
  input.value = '';
  hidden.value = '';
  input.placeholder = t('fix_choose');
  input.setAttribute('aria-label', t('fix_for', { text }));
  return box;
}

function itemOf(grid, one, redraw) {
  const lines = one.rows.map((row) => row.rowIndex), shown = lines.slice(0, 5).join(t('comma')) + (lines.length > 5 ? '…' : '');
  const go = () => { one.rows[0].scrollIntoView({ block: 'center' }); grid.focusCell(one.rows[0], one.column); };
  const box = boxFor(grid, one);
  const put = (found) => {
    grid.keep();
    for (const row of one.rows) takeFound(grid, row, one.column, found);
    grid.refresh(one.rows);
    redraw();
    ($('.fixes input', grid) ?? grid.input(one.rows[0], grid.stops.at(-1)))?.focus();
  };
  box.addEventListener('ref:chosen', (event) => { event.stopPropagation(); if (event.detail.row) put(event.detail.row); });
  return el('li', {}, el('button', { type: 'button', class: 'btn btn-ghost btn-sm', onclick: go, title: t('fix_go') }, el('b', {}, one.text)),
    el('span', { class: 'muted' }, t('fix_lines', { lines: shown })), box);
}

/** Show the list where there is something to put right, and keep it true. */
export function showFixes(grid) {
  const draw = () => {
    const found = unknown(grid), old = $('.fixes', grid);
    if (old?.contains(document.activeElement) && found.length === Number(old.dataset.n)) return;
    old?.remove();
    if (!found.length) return;
    const made = el('div', { class: 'fixes', role: 'group', 'aria-label': t('fix_title', { n: found.length }), 'data-n': found.length },
      el('p', {}, icon('alert-circle', 'ic-16'), t('fix_title', { n: found.length })),
      el('ul', {}, found.slice(0, 50).map((one) => itemOf(grid, one, draw))));
    // Enter takes what the list offers; it neither submits nor moves in the grid. Ctrl+Z is the grid's, too.
    made.addEventListener('keydown', (event) => {
      const isBack = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !event.target.value;
      if (isBack || (event.key === 'Enter' && event.target.matches('input'))) event.preventDefault();
      if (isBack) { grid.undo(); showFixes(grid); }
    });
    $('.lg-scroll', grid).after(made);
  };
  draw();
  if (grid.hasFixes) return;
  grid.hasFixes = true;
  grid.addEventListener('grid:changed', () => { if ($('.fixes', grid)) draw(); });
}
