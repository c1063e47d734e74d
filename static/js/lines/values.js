/** What the rows of a line grid hold, as plain data: for undo, duplicates and drafts. A row is read once, until something in it changes. */
import { mark } from '../invalid.js';
import { t } from '../texts.js';

const known = new WeakMap();

/** Something in a row has changed: it is read anew when next asked for. */
export const touch = (row) => known.delete(row);

function cellOf(grid, row, code, input) {
  const lookup = grid.lookup(row, code), picks = input.closest('[data-picks]');
  if (picks) return { picks: [...picks.querySelectorAll('li')].map((li) => [li.querySelector('input').value, li.firstElementChild.textContent]) };
  if (lookup) return { id: lookup.key, label: input.value, carry: carried(grid, row, code) };
  if (input.type === 'checkbox') return input.checked;
  return input.multiple ? [...input.selectedOptions].map((o) => o.value) : input.value;
}

/** A row as plain data: `{key, id, cells: {code: text | bool | [code] | {id, label, carry} | {picks}}, auto: {code: text}}`. */
export function valuesOf(grid, row) {
  let found = known.get(row);
  if (found) return found;
  const cells = {}, auto = {};
  for (const [code, input] of Object.entries(grid.parts(row).inputs)) {
    cells[code] = cellOf(grid, row, code, input);
    if (input.dataset.auto !== undefined) auto[code] = input.dataset.auto;
  }
  found = { key: row.dataset.key, id: row.cells[0].lastElementChild.value, cells, auto };
  known.set(row, found);
  return found;
}

/** Put plain data into a row. */
export function writeInto(grid, row, values) {
  delete row.dataset.fresh;
  if (values.id !== undefined) row.cells[0].lastElementChild.value = values.id;
  for (const [code, value] of Object.entries(values.cells)) {
    const input = grid.input(row, code), lookup = grid.lookup(row, code);
    if (!input) continue;
    mark(input, null);
    if (value?.picks) grid.dispatchEvent(new CustomEvent('picks:set', { bubbles: true, detail: { box: input.closest('[data-picks]'), picks: value.picks } }));
    else if (lookup) {
      lookup.set(value.id ? value : null);
      if (!value.id && value.label) { input.value = value.label; mark(input, t('not_found', { text: value.label })); }
      carry(grid, row, code, value.carry ?? {});
    } else if (input.type === 'checkbox') input.checked = value;
    else if (input.multiple) for (const option of input.options) option.selected = value.includes(option.value);
    else input.value = value;
    if (values.auto?.[code] === undefined) delete input.dataset.auto;
    else input.dataset.auto = values.auto[code];
  }
  row.classList.toggle('ghost', false);
  touch(row);
}

/** Columns looked up through a reference, shown beside it. */
export function carry(grid, row, code, values) {
  for (const column of grid.model.carried[code] ?? []) {
    const out = grid.parts(row).carried[column];
    if (!out) continue;
    const [shown, plain] = values?.[column] ?? ['', ''];
    out.textContent = shown;
    out.title = shown;
    out.dataset.plain = plain;
  }
  const mono = grid.cell(row, code)?.querySelector('.code');
  if (mono) mono.textContent = values?.code?.[0] ?? '';
}

export function carried(grid, row, code) {
  const found = {};
  for (const column of grid.model.carried[code] ?? []) {
    const out = grid.parts(row).carried[column];
    if (out) found[column] = [out.textContent, out.dataset.plain ?? ''];
  }
  const mono = grid.cell(row, code)?.querySelector('.code');
  if (mono) found.code = [mono.textContent, ''];
  return found;
}

/** Put rows in an order, moving as few as can be told at a glance: each that moves is laid out anew. */
function arrange(body, order) {
  const wanted = new Set(order);
  for (const row of [...body.rows]) if (!wanted.has(row)) row.remove();
  let at = body.firstElementChild;
  for (const row of order) {
    if (row === at) at = at.nextElementSibling;
    else body.insertBefore(row, at);
  }
}

/** Make the rows be as they were; a row that holds what it held keeps its boxes untouched. Returns those that were written. */
export function putBack(grid, before) {
  const here = new Map(grid.rows.map((row) => [row.dataset.key, row]));
  const kept = before.map((values) => here.get(values.key) ?? null);
  const missing = grid.grow(kept.filter((row) => !row).length);
  const order = kept.map((row) => row ?? missing.shift());
  arrange(grid.body, order);
  const written = order.filter((row, i) => known.get(row) !== before[i]);
  order.forEach((row, i) => { if (known.get(row) !== before[i]) writeInto(grid, row, before[i]); });
  return written;
}
