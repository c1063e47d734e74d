/** The page of one formula: checks what is typed, tries it on a record, lists what may stand in it. */
import { $, $$, askJson, composing, el, embedded, icon, toast } from '../dom.js';
import { FormulaEditor } from './formula-editor.js';
import { Names } from './formula-names.js';

const PAUSE = 250;
const model = embedded('fx-model'), texts = embedded('fx-texts');
const say = (key, params = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? '');
const form = $('#fx-form'), box = $('#fx-text'), saved = box.value;
let names = new Names(), editor = null, answer = null, request = null, timer = 0, isSaving = false, isLoaded = false;
const trial = { record: null, typed: {} };

function where() {
  const { form: code, lines, field, part, result, places: digits } = model;
  if (!model.isNew) return { form: code, lines, field, part, result, places: digits };
  const places = $('#fx-places').value.trim();
  return {
    form: form.elements.form.value, lines: form.elements.lines.value, field: '', part: 'formula',
    result: form.elements.result.value, places: /^\d+$/.test(places) ? Number(places) : null,
  };
}

/* The check: one request for the present text; an older one is dropped. */

function later() {
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

async function check() {
  clearTimeout(timer);
  request?.abort();
  const text = editor.text;
  if (!text.trim()) return show({ problems: [], reads: [], fine: false }, say('empty'));
  request = new AbortController();
  try {
    const found = await askJson(model.check, { body: { ...where(), text, trial }, signal: request.signal });
    if (text !== editor.text) return later();
    if (!found) return state(say(navigator.onLine ? 'refused' : 'offline'), 'warn');
    show(found);
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

function state(text, tone, ...more) {
  const pictures = { ok: 'circle-check', err: 'alert-circle', warn: 'alert-triangle', wait: 'loader-2' };
  $('#fx-state').replaceChildren(el('span', { class: `fx-say fx-${tone}` }, icon(pictures[tone] ?? 'info-circle', 'ic-16'), text), ...more);
}

function show(given, text = '') {
  // A name that is still being chosen is no mistake yet; it is looked at again when the list has closed.
  const isChoosing = given.problems.some((each) => editor.isChoosing(each.span));
  const found = isChoosing ? { ...given, problems: [] } : given;
  if (isChoosing) later();
  answer = found;
  editor.mark(found);
  const errors = found.problems.filter((each) => !each.warning);
  if (found.type) state(say('fine', { what: found.typeText }), errors.length ? 'err' : 'ok', ...found.notes.map((note) => el('span', { class: 'muted' }, note)));
  else if (text) state(text, 'wait');
  else if (errors.length) state(say('wrong', { n: errors.length }), 'err');
  else $('#fx-state').replaceChildren();
  $('#fx-problems').replaceChildren(...found.problems.map(problem));
  $('#fx-copy').hidden = !found.labelled;
  showTrial(found.trial);
}

function problem(each) {
  const fixes = each.fixes.slice(0, 3).map((fix) => el('button', {
    type: 'button', class: 'btn btn-sm', onclick: () => editor.replaceSpan(each.span, fix),
  }, say('use', { what: fix })));
  const go = el('button', { type: 'button', class: 'fx-go', onclick: () => editor.select(each.span) }, icon(each.warning ? 'alert-triangle' : 'alert-circle', 'ic-16'), each.text);
  return el('li', { class: each.warning ? 'fx-warn' : 'fx-err' }, go, ...fixes);
}

/* The trial: the value on a record, the values it was made of, and boxes to type others. */

function showTrial(found) {
  const results = $('#fx-results');
  if (!found) {
    results.replaceChildren(el('p', { class: 'muted' }, say('noTrial')));
    return;
  }
  results.replaceChildren(...found.results.map((each, place) => el('div', { class: each.error ? 'fx-result fx-err' : 'fx-result' },
    el('span', { class: 'muted' }, found.perLine ? say('row', { n: place + 1 }) : say('result')),
    el('b', { class: 'num' }, each.error ?? (each.text || '—')), (each.error ? each.text : each.note) && el('span', { class: 'muted' }, each.error ? each.text : each.note))));
  if (found.more) results.append(el('p', { class: 'muted' }, say('moreLines', { n: found.more })));
  values(found.fields);
  editor.show(new Map(found.fields.map((each) => [each.stored, each.text])));
}

function values(fields) {
  const home = $('#fx-values'), shown = $$('[data-stored]', home).map((each) => each.dataset.stored);
  if (!fields.length) { home.replaceChildren(el('p', { class: 'muted' }, say('noFields'))); return; }
  if (fields.map((each) => each.stored).join() !== shown.join()) home.replaceChildren(el('dl', {}, fields.map(row)));
  fields.forEach((each, place) => {
    const home_ = $$('[data-stored]', home)[place], input = $('input', home_);
    $('.fx-value', home_).textContent = each.text || '—';
    $('.err-msg', home_).textContent = each.mistake;
    if (input) input.setAttribute('aria-invalid', String(Boolean(each.mistake)));
  });
}

function row(each) {
  const input = each.typable && el('input', {
    class: 'inp', autocomplete: 'off', 'aria-label': say('typeValue', { what: each.label }), placeholder: each.many ? `${texts.typed} 1, 2, 3` : texts.typed,
    value: trial.typed[each.stored] ?? '',
    oninput: (event) => { trial.typed[each.stored] = event.target.value; later(); },
    onkeydown: (event) => { if (event.key === 'Enter' && !composing(event)) event.preventDefault(); },
  });
  return el('div', { 'data-stored': each.stored }, el('dt', {}, el('span', { class: 'fx-chip' }, each.label)),
    el('dd', {}, el('span', { class: 'fx-value num' }), input, el('span', { class: 'err-msg', role: 'alert' })));
}

/* The record of the trial. */

const picker = { box: $('#fx-record'), list: $('#fx-records'), at: -1, timer: 0, request: null, label: '' };

async function records(query) {
  picker.request?.abort();
  picker.request = new AbortController();
  const address = new URL(model.records, location.href);
  address.searchParams.set('form', where().form);
  address.searchParams.set('q', query);
  return (await askJson(address, { signal: picker.request.signal }))?.records ?? [];
}

function choose(record) {
  trial.record = record?.id ?? null;
  picker.label = picker.box.value = record?.label ?? '';
  closePicker();
  check();
}

function closePicker() {
  picker.list.hidden = true;
  picker.box.setAttribute('aria-expanded', 'false');
  picker.box.removeAttribute('aria-activedescendant');
}

async function openPicker(query) {
  try {
    const found = await records(query);
    const option = (record, place) => el('div', { class: 'fx-o', role: 'option', id: `fx-o-${place}`, 'aria-selected': 'false', onmousedown: (event) => { event.preventDefault(); choose(record); } },
      el('span', { class: 'grow trunc' }, record ? record.label : say('noRecord')), record?.note && el('span', { class: 'muted' }, record.note));
    picker.found = [...found, null];
    picker.list.replaceChildren(...picker.found.map(option));
    if (!found.length) picker.list.prepend(el('p', { class: 'muted fx-none' }, say('noRecords')));
    picker.list.hidden = false;
    picker.box.setAttribute('aria-expanded', 'true');
    pick(query && found.length ? 0 : -1);
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

function pick(place) {
  const options = $$('[role=option]', picker.list);
  picker.at = options.length ? (place + options.length) % options.length : -1;
  if (place < 0) picker.at = -1;
  options.forEach((each, at) => each.setAttribute('aria-selected', String(at === picker.at)));
  if (picker.at < 0) picker.box.removeAttribute('aria-activedescendant');
  else { picker.box.setAttribute('aria-activedescendant', options[picker.at].id); options[picker.at].scrollIntoView({ block: 'nearest' }); }
}

picker.box.addEventListener('focus', () => { picker.box.select(); openPicker(''); });
picker.box.addEventListener('input', () => { clearTimeout(picker.timer); picker.timer = setTimeout(() => openPicker(picker.box.value.trim()), 180); });
picker.box.addEventListener('blur', () => { closePicker(); picker.box.value = picker.label; });
picker.box.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  const isOpen = !picker.list.hidden;
  if (event.key === 'ArrowDown') { event.preventDefault(); if (isOpen) pick(picker.at + 1); else openPicker(''); }
  else if (event.key === 'ArrowUp' && isOpen) { event.preventDefault(); pick(Math.max(picker.at, 0) - 1 + (picker.at <= 0 ? picker.found.length : 0)); }
  else if (event.key === 'Escape' && isOpen) { event.preventDefault(); closePicker(); picker.box.value = picker.label; }
  else if (event.key === 'Enter') { event.preventDefault(); if (isOpen && picker.at >= 0) choose(picker.found[picker.at]); }
});

/* Fields and functions beside the editor: one stop of the Tab key, arrows inside. */

const side = { list: $('#fx-list'), find: $('#fx-find'), doc: $('#fx-doc'), shown: 'fields' };
const MOST_SHOWN = 120;

function listed() {
  if (!isLoaded) return;
  const text = side.find.value;
  const rows = side.shown === 'fields' ? names.fields(text) : names.functionsLike(text);
  const groups = new Map();
  // Columns of other forms are many: they show once somebody looks for them.
  const wanted = side.shown === 'fields' && !text.trim() ? rows.filter((each) => each.group !== 'other') : rows;
  for (const each of wanted.slice(0, MOST_SHOWN)) {
    const group = side.shown === 'fields' ? (each.place || say(each.group)) : each.category;
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(each);
  }
  const made = [...groups].map(([group, items]) => el('div', { role: 'group', 'aria-label': group || null },
    group && el('div', { class: 'fx-g', 'aria-hidden': 'true' }, group), items.map(side.shown === 'fields' ? fieldItem : functionItem)));
  if (!wanted.length) made.push(el('p', { class: 'muted fx-none' }, say('nothing', { what: text })));
  if (wanted.length > MOST_SHOWN) made.push(el('p', { class: 'muted fx-none' }, say('more', { n: wanted.length - MOST_SHOWN })));
  side.list.replaceChildren(...made);
}

const fieldItem = (each) => el('button', { type: 'button', class: 'fx-item', tabindex: '-1', title: each.code, onclick: () => editor.insertField(each.stored) },
  el('span', { class: 'grow trunc' }, each.label), el('span', { class: 'muted' }, each.type_text));

const functionItem = (each) => el('button', { type: 'button', class: 'fx-item', tabindex: '-1', onclick: () => explain(each), ondblclick: () => editor.insertCall(each.name) },
  el('b', { class: 'mono' }, each.name), el('span', { class: 'grow trunc muted' }, each.help));

function explain(each) {
  if (!each) { side.doc.replaceChildren(el('p', { class: 'muted' }, say('pickFunction'))); return; }
  side.doc.replaceChildren(
    el('div', { class: 'row' }, el('h3', { class: 'mono grow' }, each.signature), el('button', { type: 'button', class: 'btn btn-sm', onclick: () => editor.insertCall(each.name) }, say('insert'))),
    el('p', {}, each.help),
    each.aliases.length ? el('p', { class: 'muted' }, `${say('aliases')} ${each.aliases.join(' ')}`) : '',
    each.examples.length ? el('dl', { class: 'fx-ex', 'aria-label': say('examples') }, each.examples.map(([written, value]) => el('div', {}, el('dt', { class: 'mono' }, written), el('dd', { class: 'mono' }, value)))) : '',
  );
}

function help(name) {
  switchSide('functions');
  explain(name ? names.byName.get(name.toUpperCase()) : null);
  side.doc.scrollIntoView({ block: 'nearest' });
}

function switchSide(which) {
  side.shown = which;
  for (const each of $$('[data-side]')) each.setAttribute('aria-pressed', String(each.dataset.side === which));
  side.doc.hidden = which !== 'functions';
  listed();
}

function walk(event) {
  const items = $$('.fx-item', side.list), at = items.indexOf(document.activeElement);
  if (event.key === 'ArrowDown') { event.preventDefault(); items[Math.min(at + 1, items.length - 1)]?.focus(); }
  else if (event.key === 'ArrowUp' && at >= 0) { event.preventDefault(); (items[at - 1] ?? side.find).focus(); }
  else if (event.key === 'Enter' && at < 0 && !composing(event)) { event.preventDefault(); items[0]?.click(); }
}

/* The page. */

function changed(text) {
  box.value = text;
  $('#fx-dirty').textContent = text === saved ? '' : say('leave');
  later();
}

/** How the function is written in which somebody stands. */
function hinted(name) { $('#fx-sig').textContent = names.byName.get(name?.toUpperCase())?.signature ?? ''; }

function save() { if (!isSaving) form.requestSubmit(); }

async function load() {
  const address = new URL(model.names, location.href), place = where();
  address.searchParams.set('form', place.form);
  address.searchParams.set('lines', place.lines);
  const found = await askJson(address);
  names = new Names(found?.names, found?.functions);
  isLoaded = true;
  listed();
  editor.redraw();
  const [latest] = await records('').catch(() => []);
  trial.record = latest?.id ?? null;
  picker.label = picker.box.value = latest?.label ?? '';
  check();
}

function start() {
  names.learn(model.known);
  box.hidden = true;
  for (const part of ['#fx-editor', '#fx-side', '#fx-trial']) $(part).hidden = false;
  editor = new FormulaEditor($('#fx-editor'), {
    text: box.value, label: texts.editor, hint: texts.hint, names: () => names, on: { change: changed, save, help, move: hinted },
  });
  switchSide('fields');
  explain(null);
  load();
  const refusal = $('#fx-refusal');
  if (refusal) refusal.focus();
  else if (!model.isNew) editor.focus();
}

form.addEventListener('submit', () => {
  isSaving = true;
  $('button[form=fx-form]').setAttribute('aria-busy', 'true');
});
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') { event.preventDefault(); save(); }
});
$('#fx-side').addEventListener('keydown', walk);
side.find.addEventListener('input', listed);
for (const each of $$('[data-side]')) each.addEventListener('click', () => switchSide(each.dataset.side));
// The label is of the box the editor stands in for.
$('label[for=fx-text]').addEventListener('click', (event) => { event.preventDefault(); editor.focus(); });
$('#fx-copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(answer.labelled);
    toast(say('copied'));
  } catch { toast(say('notCopied')); }
});
$('[data-where]')?.addEventListener('change', (event) => {
  const [code, lines] = event.target.value.split('|');
  form.elements.form.value = code;
  form.elements.lines.value = lines;
  trial.typed = {};
  load();
});
for (const name of ['result', 'places']) form.elements[name]?.addEventListener('change', later);

start();
