/** Several people or departments: what the box finds becomes a chip; Backspace in the empty box takes the last one away. */
import { $, $$, composing, el, icon } from './dom.js';
import { t } from './texts.js';

const told = (box) => box.dispatchEvent(new Event('change', { bubbles: true }));

function chip(box, row) {
  return el('li', { class: 'pick' }, el('span', {}, row.label), el('input', { type: 'hidden', name: box.dataset.picks, value: row.id }),
    el('button', { type: 'button', 'data-unpick': '', 'aria-label': t('removed', { name: row.label }) }, icon('x', 'ic-14')));
}

document.addEventListener('ref:chosen', (event) => {
  const box = event.target.closest('[data-picks]');
  const row = event.detail?.row;
  if (!box || !row) return;
  // What was chosen stands beside the box, not in it.
  const lookup = event.target;
  lookup.hidden_input.value = '';
  lookup.input.value = '';
  lookup.input.dataset.shown = '';
  const list = $('ul', box);
  if ($$('input', list).some((input) => input.value === String(row.id))) return;
  list.append(chip(box, row));
  told(box);
});

/** A row of a table gets back what it held: after undo, in a copy, from a draft. */
document.addEventListener('picks:set', ({ detail: { box, picks } }) => {
  $('ul', box).replaceChildren(...picks.map(([id, label]) => chip(box, { id, label })));
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-unpick]');
  if (!button) return;
  const box = button.closest('[data-picks]');
  button.closest('li').remove();
  told(box);
  $('[role=combobox]', box).focus();
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Backspace' || composing(event) || event.target.value) return;
  const box = event.target.closest?.('[data-picks]');
  const last = box && $('ul', box).lastElementChild;
  if (!last) return;
  event.preventDefault();
  last.remove();
  told(box);
});
