/** The fields of a step: ticks of a heading stand for all under it; arrows move, Shift+Space fills to the end. */
import { $, $$, composing } from '../../dom.js';

const rank = { see: 'hide', edit: 'edit', require: 'require' };
const boxes = (rows, column) => rows.map((row) => $(`[data-tick=${column}]`, row)).filter(Boolean);

/** The rows a heading is about: all, or those up to the next heading. */
function under(box) {
  const table = box.closest('.pm');
  if (box.dataset.column) return $$('[data-field]', table);
  const found = [];
  for (let row = box.closest('tr').nextElementSibling; row && !row.matches('.gr'); row = row.nextElementSibling) if (row.dataset.field) found.push(row);
  return found;
}

const said = (column, isOn, before) => {
  if (column === 'see') return isOn ? (before === 'hide' ? null : before) : 'hide';
  if (column === 'edit') return isOn ? (before === 'require' ? 'require' : 'edit') : null;
  return isOn ? rank.require : 'edit';
};

/** What the fields are after the tick of a heading. */
export function tick(box) {
  const column = box.dataset.column ?? box.dataset.group, access = JSON.parse(box.closest('.pm').dataset.access);
  for (const row of under(box)) {
    const path = row.dataset.field;
    if (!$(`[data-tick=${column}]`, row)) continue;
    // Nothing becomes required that may not be changed.
    if (column === 'require' && !['edit', 'require'].includes(access[path])) continue;
    const value = said(column, box.checked, access[path] ?? null);
    if (value) access[path] = value; else delete access[path];
  }
  return access;
}

/** Headings say whether all, none or some under them are ticked. */
export function ticked(root) {
  for (const box of $$('.pm [data-column], .pm [data-group]', root)) {
    const all = boxes(under(box), box.dataset.column ?? box.dataset.group), on = all.filter((each) => each.checked).length;
    box.checked = on > 0 && on === all.length;
    box.indeterminate = on > 0 && on < all.length;
  }
}

document.addEventListener('keydown', (event) => {
  const box = event.target.closest?.('.pm .ck');
  if (!box || composing(event)) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key], across = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const column = box.dataset.tick ?? box.dataset.group ?? box.dataset.column;
  if (by) next($$('.pm .ck', box.closest('.pm').parentElement).filter((each) => (each.dataset.tick ?? each.dataset.group ?? each.dataset.column) === column && !each.disabled), box, by);
  else if (across) next($$('.ck', box.closest('tr')).filter((each) => !each.disabled), box, across);
  else if (event.key === ' ' && event.shiftKey) fill(box, column);
  else return;
  event.preventDefault();
});

function next(all, box, by) { all[all.indexOf(box) + by]?.focus(); }

/** From here to the end of the column as this one is not. */
function fill(box, column) {
  const all = boxes($$('[data-field]', box.closest('.pm')), column), isOn = !box.checked;
  for (const each of all.slice(all.indexOf(box))) if (!each.disabled && each.checked !== isOn) { each.checked = isOn; each.dispatchEvent(new Event('change', { bubbles: true })); }
}
