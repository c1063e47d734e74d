/** Controls that hold several things: options, ordered lists, pairs. Each is read from its rows. */
import { $, $$, composing } from '../dom.js';

const LISTS = new Set(['options', 'pick', 'map', 'stock', 'together', 'checks', 'default']);
const COLOURS = ['', 'grey', 'blue', 'green', 'amber', 'red', 'violet'];
export const isList = (as) => LISTS.has(as);

const chosen = (select) => (select.value ? JSON.parse(select.value) : '');
const filled = (list) => (list.length ? list : null);

const READ = {
  options: (box) => filled($$('.op-row', box).map(option).filter((each) => each.code)),
  pick: (box) => filled($$('.pk-item', box).map((each) => JSON.parse(each.dataset.value))),
  checks: (box) => filled($$('input:checked', box).map((each) => JSON.parse(each.value))),
  map: (box) => {
    const pairs = $$('.pp-map', box).map((row) => ['own', 'column'].map((part) => chosen($(`[data-part=${part}]`, row))));
    const whole = pairs.filter(([own, column]) => own && column);
    return whole.length ? Object.fromEntries(whole) : null;
  },
  stock: (box) => {
    const [item, warehouse] = ['item', 'warehouse'].map((part) => chosen($(`[data-part=${part}]`, box)));
    if (item && warehouse) return { item, warehouse };
    return item || warehouse ? undefined : null;
  },
  together: (box) => filled($$('.pp-together .pk', box).map(READ.pick).filter((codes) => codes?.length > 1)),
  default: () => null,
};

/** What a control of several things says; undefined while it is only half filled. */
export const value = (box) => READ[box.dataset.as](box);

/** An option as it is kept: the label in the language it is typed in, the English untouched. */
function option(row) {
  const kept = JSON.parse(row.dataset.option), text = $('[data-part=label]', row).value.trim();
  const { label, colour: _colour, ...rest } = kept, colour = row.dataset.colour ?? kept.colour;
  const said = label?.en ? { ...label, zh: text } : text;
  const code = kept.code || (text && fresh(row));
  return { ...rest, code, ...(text && text !== code ? { label: said } : {}), ...(colour ? { colour } : {}) };
}

/** A code nobody has yet; once given it stays, whatever the option is called later. */
function fresh(row) {
  const taken = new Set($$('.op-row', row.parentElement).map((each) => JSON.parse(each.dataset.option).code));
  let n = taken.size;
  while (taken.has(`o${n}`)) n += 1;
  row.dataset.option = JSON.stringify({ ...JSON.parse(row.dataset.option), code: `o${n}` });
  return `o${n}`;
}

function moved(row, by) {
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (other) (by < 0 ? other.before(row) : other.after(row));
  return Boolean(other);
}

function added(box, text = '') {
  const list = $('.op-list, .pp-rows', box);
  list.append($('template', box).content.cloneNode(true));
  const row = list.lastElementChild, input = $('input, select', row);
  if (text) $('[data-part=label]', row).value = text;
  input.focus();
  return row;
}

function coloured(button) {
  const row = button.closest('.op-row'), now = row.dataset.colour ?? JSON.parse(row.dataset.option).colour ?? '';
  const next = COLOURS[(COLOURS.indexOf(now) + 1) % COLOURS.length];
  row.dataset.colour = next;
  button.className = `op-dot op-${next || 'none'}`;
}

/** A button of such a control was pressed: change the rows, then say what they are. */
export function act(button, commit) {
  // A list within a list (each combination of `together`) is told of by the outer one.
  const box = button.closest('[data-as=together]') ?? button.closest('[data-as]');
  const row = button.closest('li'), what = button.dataset.do;
  if (what === 'more') { added(box); return; }
  if (what === 'together') { button.before($('template', box).content.cloneNode(true)); return; }
  if (what === 'formula') return;
  if (what === 'up' || what === 'down') { moved(row, what === 'up' ? -1 : 1); button.focus(); }
  else if (what === 'remove') { (row.nextElementSibling ?? row.previousElementSibling)?.querySelector('input, button, select')?.focus(); row.remove(); }
  else if (what === 'colour') coloured(button);
  else if (what === 'add' && button.value) picked(button);
  const found = value(box);
  if (found !== undefined) commit(box.dataset.prop, found);
}

function picked(select) {
  const at = document.createElement('li');
  at.className = 'pk-item';
  at.dataset.value = select.value;
  $('.pk-list', select.closest('.pk')).append(at);
  select.selectedOptions[0].remove();
}

document.addEventListener('keydown', (event) => {
  const row = event.target.closest?.('.op-row');
  if (!row || composing(event)) return;
  if (event.altKey && /^Arrow(Up|Down)$/.test(event.key)) {
    event.preventDefault();
    if (moved(row, event.key === 'ArrowUp' ? -1 : 1)) { event.target.focus(); told(event.target); }
  } else if (event.key === 'Enter' && event.target.matches('[data-part=label]')) {
    event.preventDefault();
    if (event.target.value.trim()) { told(event.target); added(row.closest('[data-as]')); }
  }
});

/** Several lines at once become several options. */
document.addEventListener('paste', (event) => {
  const row = event.target.closest?.('.op-row'), text = event.clipboardData?.getData('text/plain') ?? '';
  const words = text.split(/[\r\n]+|\t/).map((each) => each.trim()).filter(Boolean);
  if (!row || words.length < 2) return;
  event.preventDefault();
  const box = row.closest('[data-as]'), [first, ...rest] = words;
  event.target.value = first;
  for (const word of rest) added(box, word);
  told($('[data-part=label]', box));
});

/** The panel hears of it as of a box somebody typed in. */
function told(input) {
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
}
