/** Another sheet opens at once; a region is dragged over the cells, as its edges may be typed below. */
import { $, $$ } from './dom.js';

for (const select of $$('[data-submit]')) select.addEventListener('change', () => select.form.requestSubmit());
$('[data-focus]')?.focus();

const grid = $('[data-grid]');
const form = grid?.closest('[data-region]');
let from = null;

/** Row and column of a cell. */
function place(target) {
  const cell = target.closest?.('td[data-col]');
  return cell && grid.contains(cell)
    ? { row: Number(cell.parentElement.dataset.row), column: Number(cell.dataset.col) } : null;
}

function edges(one, other) {
  return {
    top: Math.min(one.row, other.row), bottom: Math.max(one.row, other.row),
    left: Math.min(one.column, other.column), right: Math.max(one.column, other.column),
  };
}

function letters(number) {
  let text = '';
  for (let rest = number; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCharCode(65 + ((rest - 1) % 26)) + text;
  }
  return text;
}

function draw(found) {
  for (const cell of $$('td[data-col]', grid)) {
    const row = Number(cell.parentElement.dataset.row);
    const column = Number(cell.dataset.col);
    const isIn = row >= found.top && row <= found.bottom && column >= found.left && column <= found.right;
    cell.classList.toggle('is-picked', isIn);
  }
}

/** What was dragged stands in the fields, for checking, typing over and sending. */
function take(found) {
  const last = Math.max(...$$('tr[data-row]', grid).map((row) => Number(row.dataset.row)));
  form.elements.top.value = found.top;
  // Dragged to the last row that is shown, a region goes on to the end of the sheet.
  form.elements.bottom.value = found.bottom >= last ? '' : found.bottom;
  form.elements.left.value = letters(found.left);
  form.elements.right.value = letters(found.right);
  form.elements.header_first.value = found.top;
  form.elements.header_last.value = found.top;
}

function typed() {
  const number = (name) => Number(form.elements[name].value);
  const column = (name) => form.elements[name].selectedIndex + 1;
  draw({
    top: number('top'), bottom: number('bottom') || Infinity,
    left: Math.min(column('left'), column('right')), right: Math.max(column('left'), column('right')),
  });
}

grid?.addEventListener('pointerdown', (event) => {
  const here = event.button === 0 && event.pointerType !== 'touch' ? place(event.target) : null;
  if (!here) return;
  event.preventDefault();
  from = here;
  draw(edges(here, here));
});
grid?.addEventListener('pointermove', (event) => {
  const here = from && place(event.target);
  if (here) draw(edges(from, here));
});
document.addEventListener('pointerup', (event) => {
  const here = from && (place(event.target) ?? from);
  // One cell is a click, not a region.
  if (here && (here.row !== from.row || here.column !== from.column)) take(edges(from, here));
  from = null;
});
for (const name of ['top', 'bottom', 'left', 'right']) form?.elements[name].addEventListener('input', typed);
