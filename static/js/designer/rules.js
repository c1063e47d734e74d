/** Rules and checks of a form: a condition as rows or as a formula, and what then holds. */
import { $, $$, el, icon } from '../dom.js';
import { base, send } from './studio.js';
import { FormulaBox } from './panel-formula.js';

const NUMBERS = /^(number|money|quantity|percent|rating)$/;
let dialog = null, box = null, path = '';

const data = (name) => JSON.parse(dialog.dataset[name]);

/** Open the dialog for a rule or check; `at` is its place in the list, empty for a new one. */
export async function edit(sort, at, of, lines = null) {
  const address = new URL(`${base}/rules/edit`, location.href);
  address.searchParams.set('sort', sort);
  address.searchParams.set('path', of);
  if (at !== '') address.searchParams.set('at', at);
  if (lines !== null) address.searchParams.set('lines', lines);
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' }).catch(() => null);
  if (!answer?.ok) return;
  const opener = document.activeElement;
  dialog?.remove();
  dialog = document.adoptNode(new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('dialog'));
  document.body.append(dialog);
  path = of;
  box = null;
  begin();
  dialog.addEventListener('close', () => { dialog?.remove(); if (opener?.isConnected) opener.focus(); });
  dialog.showModal();
}

function begin() {
  const condition = data('condition'), shown = $('#ru-text', dialog).value;
  if (condition) for (const each of condition.rows.length ? condition.rows : [null]) add(each);
  else written(shown);
  joined();
  effect($('[data-effect][aria-pressed=true]', dialog));
  level($('[data-level][aria-pressed=true]', dialog));
  dialog.addEventListener('click', clicked);
  dialog.addEventListener('change', changed);
  $('form', dialog).addEventListener('submit', (event) => { event.preventDefault(); save(); });
}

/* Conditions as rows. */

const field = (stored) => data('fields').find((each) => each.stored === stored);

function add(row = null) {
  const fields = data('fields'), words = data('operators'), say = dialog.dataset;
  const choice = (value, text, isOn) => el('option', { value, selected: isOn }, text);
  const made = el('li', { class: 'ru-row' },
    el('select', { class: 'inp', 'data-part': 'field', 'aria-label': say.sayField }, choice('', say.sayField, !row), fields.map((each) => choice(each.stored, each.label, each.stored === row?.field))),
    el('select', { class: 'inp', 'data-part': 'operator', 'aria-label': say.sayOperator }, words.map(([value, text]) => choice(value, text, value === row?.operator))),
    el('span', { 'data-part': 'place' }),
    el('button', { type: 'button', class: 'btn btn-ghost btn-icon', 'aria-label': say.sayDrop, 'data-drop-row': true }, icon('x', 'ic-16')));
  $('.ru-rows', dialog).append(made);
  valued(made, row?.value ?? '');
  return made;
}

/** The box for what is compared with: a list for options and yes or no, else a box to type in. */
function valued(row, value) {
  const known = field($('[data-part=field]', row).value), operator = $('[data-part=operator]', row), say = dialog.dataset;
  const is = known?.kind === 'boolean', options = is ? [{ value: 'TRUE', text: say.sayYes }, { value: 'FALSE', text: say.sayNo }] : known?.options ?? [];
  const isEmpty = /^(empty|filled)$/.test(operator.value), name = { 'data-part': 'value', 'aria-label': say.sayValue, class: 'inp' };
  const made = options.length
    ? el('select', name, options.map((each) => el('option', { value: each.value, selected: each.value === value }, each.text)))
    : el('input', { ...name, value, autocomplete: 'off', inputmode: NUMBERS.test(known?.kind) ? 'decimal' : null, placeholder: known?.kind === 'date' ? '2026-01-31' : null });
  $('[data-part=place]', row).replaceChildren(isEmpty ? '' : made);
}

function joined() { $('.ru-join', dialog).hidden = $$('.ru-row', dialog).length < 2; }

const quoted = (text) => `"${text.replaceAll('"', '""')}"`;

/** One row in the language of formulas; null while it is not filled in. */
function rowText(row) {
  const known = field($('[data-part=field]', row).value), operator = $('[data-part=operator]', row).value;
  if (!known) return null;
  if (operator === 'empty') return `ISBLANK(${known.stored})`;
  if (operator === 'filled') return `NOT(ISBLANK(${known.stored}))`;
  const value = $('[data-part=value]', row).value.trim();
  if (known.kind === 'boolean') return `${known.stored}${operator}${value}`;
  if (NUMBERS.test(known.kind)) return number(known.stored, operator, value, known.kind);
  if (known.kind === 'date') return /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${known.stored}${operator}DATE(${value.split('-').map(Number).join(',')})` : null;
  return value ? `${known.stored}${operator}${quoted(value)}` : null;
}

function number(stored, operator, value, kind) {
  const text = value.normalize('NFKC').replace(/[,，\s]/g, '');
  const isPercent = kind === 'percent' && text.endsWith('%');
  const plain = isPercent ? text.slice(0, -1) : text;
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return null;
  return `${stored}${operator}${plain}${isPercent ? '%' : ''}`;
}

function rowsText() {
  const rows = $$('.ru-row', dialog), texts = rows.map(rowText), at = texts.indexOf(null);
  if (!rows.length || at >= 0) { $('select, input', rows[Math.max(at, 0)] ?? dialog).focus(); return null; }
  return texts.length === 1 ? texts[0] : `${$('#ru-join', dialog).value === 'or' ? 'OR' : 'AND'}(${texts.join(',')})`;
}

/* Conditions as a formula. */

function written(text) {
  if (box) return;
  const model = { ...data('model'), text };
  box = new FormulaBox($('#ru-editor', dialog), model, { says: $('#ru-says', dialog), save });
  box.ready.then(() => box.editor.focus());
}

function how(button) {
  const to = button.dataset.how;
  for (const each of $$('[data-how]', dialog)) each.setAttribute('aria-pressed', String(each === button));
  for (const each of $$('[data-for]', dialog)) each.hidden = each.dataset.for !== to;
  $('#ru-says', dialog).hidden = to === 'rows';
  if (to === 'formula') {
    const texts = $$('.ru-row', dialog).map(rowText).filter(Boolean);
    written($('#ru-text', dialog).value || (texts.length > 1 ? `AND(${texts.join(',')})` : texts[0] ?? ''));
  } else if (!$('.ru-row', dialog)) add();
}

const isWritten = () => $('[data-how=formula]', dialog).getAttribute('aria-pressed') === 'true';

/* What then. */

function chosen(button, name) {
  if (!button) return;
  for (const each of $$(`[data-${name}]`, button.parentElement)) each.setAttribute('aria-pressed', String(each === button));
  const note = $(`#ru-${name}-n`, dialog);
  note.textContent = note.dataset[button.dataset[name]];
}
const effect = (button) => chosen(button, 'effect');
const level = (button) => chosen(button, 'level');

function clicked(event) {
  const hit = (selector) => event.target.closest(selector);
  if (hit('[data-close]')) dialog.close();
  else if (hit('#ru-more')) { $('select', add()).focus(); joined(); }
  else if (hit('[data-drop-row]')) { hit('.ru-row').remove(); joined(); $('#ru-more', dialog).focus(); }
  else if (hit('[data-how]')) how(hit('[data-how]'));
  else if (hit('[data-effect]')) effect(hit('[data-effect]'));
  else if (hit('[data-level]')) level(hit('[data-level]'));
}

function changed(event) {
  const row = event.target.closest('.ru-row');
  if (row && event.target.matches('[data-part=field], [data-part=operator]')) valued(row, $('[data-part=value]', row)?.value ?? '');
  else if (event.target.id === 'ru-lines') edit(dialog.dataset.sort, dialog.dataset.at, path, event.target.value);
}

function said(text, place) {
  $('#ru-err', dialog).textContent = text;
  place?.focus();
}

async function save() {
  const say = dialog.dataset, button = $('#ru-save', dialog);
  said('');
  button.setAttribute('aria-busy', 'true');
  const condition = isWritten() ? await box.stored() : rowsText();
  button.removeAttribute('aria-busy');
  if (!condition) { said(say.sayCondition); return; }
  const item = dialog.dataset.sort === 'rule' ? rule(condition) : check(condition);
  if (!item) return;
  const all = data('items'), at = dialog.dataset.at, name = `${dialog.dataset.sort}s`;
  if (at === '') all.push(item); else all[Number(at)] = item;
  dialog.close();
  send([{ op: 'set_form', form: dialog.dataset.form, name, value: all }]);
}

/** A label with another Chinese text; what it is called in English stays. */
function labelled(kept, text) { return kept?.en ? { ...kept, zh: text } : text; }

function rule(when) {
  const { label: before, ...kept } = data('item'), ticked = (name) => $$(`input[name=${name}]:checked`, dialog).map((each) => each.value);
  const fields = ticked('field'), sections = ticked('section'), text = $('#ru-label', dialog).value.trim();
  if (!fields.length && !sections.length) { said(dialog.dataset.sayTargets, $('input[name]', dialog)); return null; }
  const made = { ...kept, code: kept.code || fresh(), when, effect: $('[data-effect][aria-pressed=true]', dialog).dataset.effect };
  for (const [name, list] of [['fields', fields], ['sections', sections]]) if (list.length) made[name] = list; else delete made[name];
  if (text) made.label = labelled(before, text);
  return placed(made);
}

function check(formula) {
  const kept = data('item'), text = $('#ru-label', dialog).value.trim(), at = $('#ru-field', dialog).value;
  if (!text) { said(dialog.dataset.sayMessage, $('#ru-label', dialog)); return null; }
  const made = { ...kept, formula, message: labelled(kept.message, text), field: at };
  if (!at) delete made.field;
  made.level = $('[data-level][aria-pressed=true]', dialog).dataset.level;
  // What a check does unless it says otherwise is left unsaid.
  if (made.level === 'error') delete made.level;
  return placed(made);
}

function placed(made) {
  const lines = dialog.dataset.lines;
  if (lines) return { ...made, lines };
  const { lines: _none, ...rest } = made;
  return rest;
}

function fresh() {
  const taken = new Set(data('items').map((each) => each.code));
  let n = taken.size + 1;
  while (taken.has(`rule_${n}`)) n += 1;
  return `rule_${n}`;
}

/** Take a rule or check away; undo brings it back. */
export function drop(sort, at, list, form) {
  send([{ op: 'set_form', form, name: `${sort}s`, value: list.filter((_each, place) => place !== at) }]);
}
