/** One of a tree in a cell of a line (a region, a category): F4 or Alt+↓ opens lists level by level, and what is chosen is written as people write it. */
import { $, composing, el, place } from '../dom.js';
import { chooser, namesOf } from '../steps.js';
import { t } from '../texts.js';

let open = null;

function close(isBack = true) {
  if (!open) return;
  const { box, input } = open;
  open = null;
  box.remove();
  if (isBack) input.focus();
}

/** What a column knows of its tree; nothing of a column that has none. */
const treeOf = (input) => {
  const grid = input.closest('line-grid'), code = input.closest('td')?.dataset.col;
  return grid && code ? grid.model.fields[code].tree : null;
};

async function show(input, tree) {
  close(false);
  const label = input.getAttribute('aria-label'), { box: steps, ready } = chooser({ ...tree, label });
  const box = el('div', { class: 'cal tree-pop', role: 'dialog', 'aria-label': label }, steps, el('div', { class: 'cal-f' }, el('button', { type: 'button', class: 'btn btn-primary btn-sm', onclick: () => close() }, t('line_done'))));
  open = { box, input };
  // What follows the place in an address, the street, stays.
  const rest = tree.keepsRest ? input.value.match(/[^省市区县旗州盟 ]*\d.*$/)?.[0] ?? '' : '';
  box.addEventListener('change', async () => {
    input.value = [...(await namesOf(steps)), rest].filter(Boolean).join(tree.separator);
    input.dispatchEvent(new Event('input', { bubbles: true }));
    place(input, box);
  });
  box.addEventListener('keydown', (event) => { if (!composing(event) && event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); close(); } });
  ($('main') ?? document.body).append(box);
  await ready;
  place(input, box);
  $('select', steps).focus();
}

document.addEventListener('keydown', (event) => {
  if (composing(event) || !(event.key === 'F4' || (event.key === 'ArrowDown' && event.altKey && !event.shiftKey))) return;
  const tree = event.target.matches?.('line-grid input') && !event.target.readOnly ? treeOf(event.target) : null;
  if (!tree) return;
  event.preventDefault();
  event.stopPropagation();
  show(event.target, tree);
}, true);

document.addEventListener('dblclick', (event) => {
  const tree = event.target.matches?.('line-grid input') && !event.target.readOnly ? treeOf(event.target) : null;
  if (tree) show(event.target, tree);
});

document.addEventListener('mousedown', (event) => { if (open && !open.box.contains(event.target) && event.target !== open.input) close(false); });
