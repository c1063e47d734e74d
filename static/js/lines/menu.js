/** What is seldom done with one line: its menu, and the line opened as a form; fetched when somebody works in the lines. */
import { $, $$, composing, el, icon, place } from '../dom.js';
import { t } from '../texts.js';

/** The same for everybody: `[icon, text, keys, what happens]`. */
function choices(grid, row) {
  const isFirst = !row.previousElementSibling, isLast = row.nextElementSibling?.classList.contains('ghost');
  return [
    grid.mayAdd && ['row-insert-top', 'insert_above', 'Insert', () => grid.insert(row)],
    grid.mayAdd && ['copy', 'duplicate', '', () => grid.duplicate(row)],
    !isFirst && ['arrow-up', 'up', 'Alt ⇧ ↑', () => grid.move(row, -1)],
    !isLast && ['arrow-down', 'down', 'Alt ⇧ ↓', () => grid.move(row, 1)],
    ['list-details', 'as_form', 'Alt ↵', () => openForm(grid, row)],
    grid.mayRemove(row) && ['trash', 'remove', 'Ctrl Del', () => grid.remove(row)],
  ].filter(Boolean);
}

let menu = null;

function closeMenu(isBack = true) {
  if (!menu) return;
  const { box, opener } = menu;
  menu = null;
  box.remove();
  opener.setAttribute('aria-expanded', 'false');
  if (isBack) opener.focus();
}

export function openMenu(grid, row, opener) {
  if (menu?.opener === opener) { closeMenu(); return; }
  closeMenu(false);
  const line = row.rowIndex, done = (run) => () => { closeMenu(false); run(); };
  const items = choices(grid, row).map(([name, text, keys, run]) => el('button', { type: 'button', role: 'menuitem', class: name === 'trash' ? 'danger' : '', onclick: done(run) },
    icon(name, 'ic-16'), el('span', { class: 'grow' }, t(text)), keys && el('kbd', { class: 'hide-m' }, keys)));
  const box = el('div', { class: 'menu menu-row', role: 'menu', 'aria-label': t('row_menu', { line }) }, items);
  box.addEventListener('keydown', (event) => {
    const at = items.indexOf(document.activeElement), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); items[(at + step + items.length) % items.length].focus(); }
    if (event.key === 'Escape' || event.key === 'Tab') { event.preventDefault(); event.stopPropagation(); closeMenu(); }
  });
  menu = { box, opener };
  opener.setAttribute('aria-expanded', 'true');
  ($('main') ?? document.body).append(box);
  place(opener, box);
  items[0].focus();
}

document.addEventListener('mousedown', (event) => { if (menu && !menu.box.contains(event.target) && !menu.opener.contains(event.target)) closeMenu(false); });

/**
 * A line as a form: the same boxes, laid out one under the other with their labels, every column among them.
 * The row stays where it is in the document, so all that knows it goes on working.
 */
export function openForm(grid, row) {
  if (row.classList.contains('ghost') || $('.as-form', grid)) return;
  const scrolled = grid.querySelector('.lg-scroll').scrollLeft, veil = el('div', { class: 'veil', onclick: () => close() });
  const turn = (step) => {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other || other.classList.contains('ghost')) return;
    close();
    openForm(grid, other);
  };
  const bar = el('div', { class: 'as-form-bar' }, el('b', { class: 'grow' }, t('line_form', { line: row.rowIndex })),
    el('button', { type: 'button', class: 'btn btn-ghost btn-icon', 'aria-label': t('line_before'), title: t('line_before'), onclick: () => turn(-1) }, icon('chevron-up', 'ic-16')),
    el('button', { type: 'button', class: 'btn btn-ghost btn-icon', 'aria-label': t('line_after'), title: t('line_after'), onclick: () => turn(1) }, icon('chevron-down', 'ic-16')),
    el('button', { type: 'button', class: 'btn btn-primary btn-sm', onclick: () => close() }, t('line_done')));
  function onKey(event) {
    if (composing(event)) return;
    if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); close(); }
    if (event.key === 'PageDown' || event.key === 'PageUp') { event.preventDefault(); turn(event.key === 'PageUp' ? -1 : 1); }
    if (event.key !== 'Tab') return;
    const stops = $$('input:not([type=hidden]):not([readonly]), select, textarea, .as-form-bar button', row).filter((box) => box.checkVisibility?.() ?? box.offsetParent);
    const end = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement === end) { event.preventDefault(); (event.shiftKey ? stops.at(-1) : stops[0]).focus(); }
  }
  function close() {
    row.removeEventListener('keydown', onKey);
    row.classList.remove('as-form');
    bar.remove();
    veil.remove();
    grid.querySelector('.lg-scroll').scrollLeft = scrolled;
    grid.focusCell(row, grid.stopsOf(row)[0] ?? grid.stops[0]);
  }
  row.classList.add('as-form');
  row.cells[0].append(bar);
  grid.append(veil);
  row.addEventListener('keydown', onKey);
  grid.focusCell(row, grid.stopsOf(row)[0] ?? grid.stops[0]);
}
