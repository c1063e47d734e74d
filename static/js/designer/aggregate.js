/** The sheet of an aggregate table: a column for each source, a row for each group and figure. */
import { $, el, embedded, icon } from '../dom.js';

const OPS = ['sum', 'count', 'min', 'max', 'average', 'distinct'];
const sheet = structuredClone(embedded('ag-value')), model = embedded('ag-model'), words = embedded('ag-words');
const table = $('#ag-sheet'), form = $('#ag-form');
let count = 0;

const fresh = () => `+${(count += 1)}`;
const said = (label) => (label && typeof label === 'object' ? label.zh : label) ?? '';
/** The name in the language one types in; a translation stays. */
const renamed = (row, text) => { row.label = row.label?.en ? { ...row.label, zh: text } : text; };
const sourceOf = (each) => model.sources.find((one) => one.form === each.form && one.lines === (each.lines ?? ''));

sheet.checks ??= [];
if (!sheet.sources.length) {
  sheet.sources.push({ form: model.sources[0]?.form ?? '', dimensions: {}, measures: {} });
  sheet.dimensions.push({ code: fresh(), label: '' });
  sheet.measures.push({ code: fresh(), label: '', result: 'money' });
}

/* Controls: each writes into the sheet at once; what changes its shape draws it again. */

const input = (label, value, keep, more = {}) => el('input', { class: 'inp', 'aria-label': label, value: value ?? '', autocomplete: 'off', ...more, oninput: (event) => keep(event.target.value) });
const select = (label, choices, value, keep, empty = null) => {
  const made = el('select', { class: 'inp', 'aria-label': label, onchange: (event) => keep(event.target.value) },
    empty === null ? null : el('option', { value: '' }, empty),
    choices.map((each) => el('option', { value: each.value, selected: each.value === value }, each.text)));
  return made;
};
const button = (text, mark, act, more = {}) => el('button', { class: 'btn btn-sm', type: 'button', onclick: act, ...more }, icon(mark, 'ic-14'), text);
const remover = (what, act) => el('button', { class: 'btn btn-ghost btn-icon btn-sm', type: 'button', 'aria-label': `${words.remove} ${what}`, onclick: act }, icon('x', 'ic-14'));
const named = (row) => input(words.name, said(row.label), (text) => renamed(row, text), { maxlength: 60, placeholder: words.name });
const without = (list, row) => { list.splice(list.indexOf(row), 1); draw(); };

function sources() {
  const places = model.sources.map((each, place) => ({ value: String(place), text: each.text }));
  return el('tr', {}, el('th', { scope: 'col' }, words.source), sheet.sources.map((each) => el('th', { scope: 'col' },
    el('div', { class: 'ag-cell' },
      select(words.source, places, String(model.sources.indexOf(sourceOf(each))), (place) => chosen(each, model.sources[Number(place)])),
      sheet.sources.length > 1 ? remover(words.source, () => without(sheet.sources, each)) : null),
    input(words.where, each.where, (text) => kept(each, 'where', text), { class: 'inp mono', placeholder: words.where }))),
  el('th', {}, button(words.more_source, 'plus', () => { sheet.sources.push({ form: model.sources[0].form, dimensions: {}, measures: {} }); draw(); })));
}

function chosen(each, { form: code, lines }) {
  each.form = code;
  kept(each, 'lines', lines);
  each.dimensions = {};
  each.measures = {};
  draw();
}

function kept(each, name, value) {
  if (value === '' || value == null) delete each[name];
  else each[name] = value;
}

function group(row) {
  return el('tr', {}, el('th', { scope: 'row' }, el('div', { class: 'ag-cell' }, named(row), remover(said(row.label), () => without(sheet.dimensions, row)))),
    sheet.sources.map((each) => el('td', {}, select(said(row.label) || words.groups, sourceOf(each)?.groups ?? [], each.dimensions[row.code],
      (value) => kept(each.dimensions, row.code, value), words.choose))));
}

function figure(row) {
  const head = el('th', { scope: 'row' }, el('div', { class: 'ag-cell' }, named(row), select(words.result, model.results, row.result, (value) => { row.result = value; }),
    remover(said(row.label), () => without(sheet.measures, row))));
  if (row.formula !== undefined) {
    const text = input(words.formula, row.formula, (typed) => { row.formula = typed; }, { class: 'inp mono', placeholder: '=' });
    return el('tr', {}, head, el('td', { colspan: sheet.sources.length }, text));
  }
  return el('tr', {}, head, sheet.sources.map((each) => el('td', {}, cell(each, row))));
}

function cell(each, row) {
  const share = each.measures[row.code], figures = sourceOf(each)?.figures ?? [];
  const ops = OPS.map((op) => ({ value: op, text: words[op] }));
  const op = select(said(row.label) || words.figures, ops, share?.op, (value) => {
    if (value) each.measures[row.code] = { ...share, op: value, ...(value === 'count' ? {} : { of: share?.of ?? figures[0]?.value ?? '=' }) };
    else delete each.measures[row.code];
    if (value === 'count') delete each.measures[row.code].of;
    draw();
  }, words.none);
  if (!share || share.op === 'count') return el('div', { class: 'ag-cell' }, op, share ? sign(share) : null);
  const isFormula = !figures.some((one) => one.value === share.of);
  const of = select(words.of, [...figures, { value: '=', text: words.formula }], isFormula ? '=' : share.of, (value) => { share.of = value; draw(); });
  return el('div', {}, el('div', { class: 'ag-cell' }, op, of, sign(share)),
    isFormula ? input(words.formula, share.of, (text) => { share.of = text; }, { class: 'inp mono' }) : null);
}

const sign = (share) => el('label', { class: 'ag-sign' }, el('input', { type: 'checkbox', class: 'ck', checked: share.sign === -1,
  onchange: (event) => { if (event.target.checked) share.sign = -1; else delete share.sign; } }), words.minus);

const check = (row) => el('tr', {}, el('th', { scope: 'row' }, el('div', { class: 'ag-cell' },
  input(words.message, said(row.message), (text) => { row.message = row.message?.en ? { ...row.message, zh: text } : text; }, { placeholder: words.message }),
  remover(said(row.message), () => without(sheet.checks, row)))),
el('td', { colspan: sheet.sources.length }, input(words.formula, row.formula, (text) => { row.formula = text; }, { class: 'inp mono', placeholder: '=' })));

const heading = (text) => el('tr', {}, el('th', { class: 'ag-h', scope: 'colgroup', colspan: sheet.sources.length + 2 }, text));
const more = (...buttons) => el('tr', {}, el('td', { class: 'ag-more', colspan: sheet.sources.length + 2 }, buttons));
const adding = (text, list, row) => button(text, 'plus', () => { list.push(row()); draw(); });

/** Draw the sheet; where one is, stays. */
function draw() {
  const boxes = () => [...table.querySelectorAll('input, select, button')];
  const at = boxes().indexOf(document.activeElement);
  table.replaceChildren(el('thead', {}, sources()), el('tbody', {},
    heading(words.groups), sheet.dimensions.map(group), more(adding(words.more_group, sheet.dimensions, () => ({ code: fresh(), label: '' }))),
    heading(words.figures), sheet.measures.map(figure), more(
      adding(words.more_figure, sheet.measures, () => ({ code: fresh(), label: '', result: 'quantity' })),
      adding(words.more_derived, sheet.measures, () => ({ code: fresh(), label: '', result: 'quantity', formula: '=' }))),
    heading(words.checks), sheet.checks.map(check), more(adding(words.more_check, sheet.checks, () => ({ formula: '=', message: '' })))));
  if (at >= 0) boxes()[Math.min(at, boxes().length - 1)]?.focus();
}

form.addEventListener('submit', () => {
  const { checks, ...rest } = sheet;
  const derived = new Set(sheet.measures.filter((row) => row.formula !== undefined).map((row) => row.code));
  const codes = new Set([...sheet.dimensions, ...sheet.measures].map((row) => row.code));
  const live = (cells) => Object.fromEntries(Object.entries(cells).filter(([code]) => codes.has(code) && !derived.has(code)));
  const cleaned = rest.sources.map((each) => ({ ...each, dimensions: live(each.dimensions), measures: live(each.measures) }));
  form.elements.sheet.value = JSON.stringify({ ...rest, sources: cleaned, ...(checks.length ? { checks } : {}) });
});

draw();
