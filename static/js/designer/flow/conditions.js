/** A condition of a branch: rows of field, comparison and value, kept as soon as they are whole; or a formula. */
import { $, $$, el, icon } from '../../dom.js';
import { saying, selected } from '../studio.js';
import { FormulaBox } from '../panel-formula.js';
import { change } from './flow.js';

const NUMBERS = /^(number|money|quantity|percent|rating)$/;
let home = null, box = null;

const data = (name) => JSON.parse(home.dataset[name]);
const known = (stored) => data('fields').find((each) => each.stored === stored);

/** Draw the rows of the panel's condition, where it has one. */
export function begin(root) {
  home = $('.cw', root);
  box = null;
  if (!home) return;
  const condition = data('condition');
  $('.cw-rows', home).replaceChildren();
  if (!condition) { written(); return; }
  for (const each of condition.rows.length ? condition.rows : [null]) add(each);
  joined();
}

const choice = (value, text, isOn) => el('option', { value, selected: isOn }, text);

function fieldBox(row) {
  const groups = new Map();
  for (const each of data('fields')) groups.set(each.group, [...(groups.get(each.group) ?? []), choice(each.stored, each.label, each.stored === row?.field)]);
  const parts = [...groups].map(([group, options]) => (group ? el('optgroup', { label: group }, options) : options)).flat();
  return el('select', { class: 'inp', 'data-cw': 'field', 'aria-label': saying('flow_field') }, choice('', saying('flow_pick_field'), !row), parts);
}

function add(row = null) {
  const made = el('div', { class: 'cw-row' }, fieldBox(row),
    el('button', { type: 'button', class: 'btn btn-ghost btn-icon btn-sm', 'data-do': 'drop-condition', 'aria-label': saying('flow_drop_row') }, icon('x', 'ic-16')),
    el('div', { class: 'cw-two' },
      el('select', { class: 'inp', 'data-cw': 'operator', 'aria-label': saying('flow_operator') }, data('operators').map(([value, text]) => choice(value, text, value === row?.operator))),
      el('span', { 'data-cw': 'place' })));
  $('.cw-rows', home).append(made);
  valued(made, row?.value ?? '');
  return made;
}

/** The box for what is compared with: a list for options and yes or no, else a box to type in. */
function valued(row, value) {
  const field = known($('[data-cw=field]', row).value), operator = $('[data-cw=operator]', row).value;
  const options = field?.kind === 'boolean' ? [{ value: 'TRUE', text: saying('flow_yes') }, { value: 'FALSE', text: saying('flow_no') }] : field?.options ?? [];
  const name = { 'data-cw': 'value', 'aria-label': saying('flow_value'), class: 'inp' };
  const made = options.length
    ? el('select', name, options.map((each) => choice(each.value, each.text, each.value === value)))
    : el('input', { ...name, value, autocomplete: 'off', inputmode: NUMBERS.test(field?.kind) ? 'decimal' : null, placeholder: field?.kind === 'date' ? '2026-01-31' : null });
  $('[data-cw=place]', row).replaceChildren(/^(empty|filled)$/.test(operator) ? '' : made);
}

function joined() { $('[data-join]', home).hidden = $$('.cw-row', home).length < 2; }

const quoted = (text) => `"${text.replaceAll('"', '""')}"`;

function number(stored, operator, value, kind) {
  const text = value.normalize('NFKC').replace(/[,，\s]/g, ''), isPercent = kind === 'percent' && text.endsWith('%');
  const plain = isPercent ? text.slice(0, -1) : text;
  return /^-?\d+(\.\d+)?$/.test(plain) ? `${stored}${operator}${plain}${isPercent ? '%' : ''}` : null;
}

/** One row in the language of formulas; null while it is not filled in. */
function rowText(row) {
  const field = known($('[data-cw=field]', row).value), operator = $('[data-cw=operator]', row).value;
  if (!field) return null;
  if (operator === 'empty') return `ISBLANK(${field.stored})`;
  if (operator === 'filled') return `NOT(ISBLANK(${field.stored}))`;
  const value = $('[data-cw=value]', row).value.trim();
  if (field.kind === 'boolean') return `${field.stored}${operator}${value}`;
  if (NUMBERS.test(field.kind)) return number(field.stored, operator, value, field.kind);
  if (field.kind === 'date') return /^\d{4}-\d{1,2}-\d{1,2}$/.test(value) ? `${field.stored}${operator}DATE(${value.split('-').map(Number).join(',')})` : null;
  return value ? `${field.stored}${operator}${quoted(value)}` : null;
}

function text() {
  const texts = $$('.cw-row', home).map(rowText);
  if (!texts.length) return null;
  if (texts.includes(null)) return undefined;
  return texts.length === 1 ? texts[0] : `${$('[data-join]', home).value}(${texts.join(',')})`;
}

const keep = (when) => change([{ op: 'set_step', step: selected().path, name: 'when', value: when }]);

function kept() {
  const when = text();
  if (when !== undefined) keep(when);
}

function written() {
  if (box) return;
  const model = { ...data('model') };
  if (!model.text) model.text = text() ?? '';
  box = new FormulaBox($('[data-editor]', home), model, { says: $('[data-says]', home), save: keepFormula });
}

async function keepFormula() {
  const stored = await box.stored();
  if (stored !== null) keep(stored);
}

function how(button) {
  for (const each of $$('[data-how]', home)) each.setAttribute('aria-pressed', String(each === button));
  for (const each of $$('[data-for]', home)) each.hidden = each.dataset.for !== button.dataset.how;
  if (button.dataset.how === 'formula') { written(); box.ready.then(() => box.editor.focus()); } else if (!$('.cw-row', home)) add();
}

document.addEventListener('change', (event) => {
  if (!home?.contains(event.target)) return;
  const row = event.target.closest('.cw-row');
  if (row && event.target.matches('[data-cw=field], [data-cw=operator]')) {
    valued(row, $('[data-cw=value]', row)?.value ?? '');
    // Of a number one asks for the large ones.
    if (event.target.matches('[data-cw=field]') && NUMBERS.test(known(event.target.value)?.kind) && $('[data-cw=operator]', row).value === '=') $('[data-cw=operator]', row).value = '>=';
    $('input[data-cw=value]', row)?.focus();
  }
  if (row || event.target.matches('[data-join]')) kept();
});

document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || !home?.contains(button)) return;
  if (button.dataset.how) how(button);
  else if (button.dataset.do === 'more-rows') { add(); joined(); $('.cw-row:last-child select', home).focus(); }
  else if (button.dataset.do === 'drop-condition') { button.closest('.cw-row').remove(); joined(); kept(); }
  else if (button.dataset.do === 'keep-formula') keepFormula();
});
