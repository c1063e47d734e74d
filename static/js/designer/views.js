/** The views of a form: the list of them, and the sheet one is drawn up on. */
import { $, $$, composing, el, icon } from '../dom.js';
import { base } from './studio.js';
import { change, form } from './tab-page.js';
import { Where } from './view-where.js';

let dialog = null, where = null;

const views = () => JSON.parse($('#views').dataset.views);
const keep = (value) => change({ op: 'set_form', form, name: 'views', value });
const data = (name) => JSON.parse(dialog.dataset[name]);

/* The list. */

$('#main').addEventListener('click', (event) => {
  const row = event.target.closest('[data-view-at]'), step = event.target.closest('[data-view-do]');
  if (event.target.closest('#vw-add')) open('');
  else if (row) open(row.dataset.viewAt);
  else if (step) DO[step.dataset.viewDo](Number(step.dataset.at), step);
});

const DO = {
  up: (at) => moved(at, -1),
  down: (at) => moved(at, 1),
  copy: (at, { dataset }) => {
    const all = views(), { code: _code, ...rest } = all[at];
    all.splice(at + 1, 0, { ...rest, label: dataset.label });
    keep(all);
  },
  drop: (at) => keep(views().filter((_each, place) => place !== at)),
};

function moved(at, by) {
  const all = views(), [own] = all.splice(at, 1);
  all.splice(at + by, 0, own);
  keep(all);
}

/* The sheet. */

/** A change that is on its way belongs to what the sheet begins with. */
const settled = () => new Promise((resolve) => {
  if ($('#saved').classList.contains('is-busy')) document.addEventListener('tab:drawn', resolve, { once: true });
  else resolve();
});

async function open(at) {
  await settled();
  const address = new URL(`${base}/views/edit`, location.href);
  if (at !== '') address.searchParams.set('at', at);
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' }).catch(() => null);
  if (!answer?.ok) return;
  const opener = document.activeElement;
  dialog = document.adoptNode(new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('dialog'));
  document.body.append(dialog);
  where = new Where($('.vw-where', dialog), data('model'), dialog.dataset);
  for (const list of $$('[data-list]', dialog)) for (const item of $$('li', list)) drawn(list, item);
  for (const add of $$('[data-add]', dialog)) offered(add);
  typed(kind());
  dialog.addEventListener('click', clicked);
  dialog.addEventListener('change', ({ target }) => { if (target.matches('[data-add]')) added(target); });
  dialog.addEventListener('close', () => { dialog.remove(); if (opener?.isConnected) opener.focus(); else $('#vw-add')?.focus(); });
  $('form', dialog).addEventListener('submit', (event) => { event.preventDefault(); save(); });
  // Enter in a box would press the first button there is; here it saves, but not within a composition.
  dialog.addEventListener('keydown', (event) => { if (event.key === 'Enter' && event.target.matches('input:not([type=checkbox])') && !composing(event)) { event.preventDefault(); save(); } });
  dialog.showModal();
  if (at === '') $('#vw-name', dialog).focus();
}

const kind = () => $('[data-type][aria-pressed=true]', dialog).dataset.type;

function typed(to) {
  for (const each of $$('[data-type]', dialog)) each.setAttribute('aria-pressed', String(each.dataset.type === to));
  for (const each of $$('[data-for]', dialog)) each.hidden = !each.dataset.for.split(' ').includes(to);
}

function clicked(event) {
  const hit = (selector) => event.target.closest(selector);
  if (hit('[data-close]')) dialog.close();
  else if (hit('[data-type]')) typed(hit('[data-type]').dataset.type);
  else if (hit('[data-item-do]')) stepped(hit('[data-item-do]'));
}

/* Lists of fields: columns, sort keys, groups, totals. */

const known = (code) => data('model').shown.find((each) => each.code === code);

function drawn(list, item) {
  const name = list.dataset.list, { code, fn } = item.dataset, field = known(code), text = field?.label ?? code, say = dialog.dataset;
  const button = (what, sign, label) => el('button', { type: 'button', class: 'btn btn-ghost btn-icon btn-sm', 'data-item-do': what, 'aria-label': `${label}：${text}`, title: label }, icon(sign, 'ic-14'));
  const toggle = (sign, label) => { const made = button('toggle', sign, label); made.setAttribute('aria-pressed', String('on' in item.dataset)); return made; };
  item.className = 'pk-item';
  item.replaceChildren(el('span', { class: 'grow trunc' }, text),
    name === 'totals' ? el('select', { class: 'inp vw-fn', 'aria-label': `${say.sayFn}：${text}` }, (field?.fns ?? [fn]).map((each) => el('option', { value: each, selected: each === fn }, data('model').fnTexts[each]))) : '',
    name === 'columns' ? toggle('pin', say.sayPin) : '', name === 'sort' ? toggle('sort-descending', say.sayDescending) : '',
    button('up', 'arrow-up', say.sayUp), button('down', 'arrow-down', say.sayDown), button('remove', 'x', say.sayRemove));
}

function added(select) {
  const name = select.dataset.add, list = $(`[data-list=${name}]`, dialog), code = select.value;
  if (!code) return;
  const item = el('li', { 'data-code': code, ...(name === 'totals' ? { 'data-fn': known(code).fns[0] } : {}) });
  list.append(item);
  drawn(list, item);
  offered(select);
  select.focus();
}

/** What is chosen already is not offered again, nor more than a list holds. */
function offered(select) {
  const items = $$(`[data-list=${select.dataset.add}] > li`, dialog), taken = new Set(items.map((each) => each.dataset.code));
  for (const each of select.options) each.hidden = taken.has(each.value);
  select.value = '';
  select.disabled = items.length >= Number(select.dataset.most ?? 60);
}

function stepped(button) {
  const item = button.closest('li'), list = item.parentElement, what = button.dataset.itemDo;
  if (what === 'toggle') {
    item.toggleAttribute('data-on');
    button.setAttribute('aria-pressed', String('on' in item.dataset));
  } else if (what === 'remove') {
    const next = item.nextElementSibling ?? item.previousElementSibling, add = $(`[data-add=${list.dataset.list}]`, dialog);
    item.remove();
    offered(add);
    ($('[data-item-do=remove]', next ?? document.createElement('li')) ?? add).focus();
  } else {
    const other = what === 'up' ? item.previousElementSibling : item.nextElementSibling;
    if (other) { if (what === 'up') other.before(item); else other.after(item); }
    button.focus();
  }
}

const LISTS = {
  columns: ({ code, width, on }) => ({ field: code, ...(Number(width) ? { width: Number(width) } : {}), ...(on === undefined ? {} : { pinned: true }) }),
  sort: ({ code, on }) => ({ field: code, ...(on === undefined ? {} : { descending: true }) }),
  group: ({ code }) => code,
  totals: ({ code }, item) => ({ field: code, fn: $('select', item).value }),
};

/* Saving. */

function said(text, place) {
  $('#vw-err', dialog).textContent = text;
  place?.focus();
}

/** What places a record, of the fields this kind of view asks for; null where one is missing. */
function placed() {
  const found = {};
  for (const box of $$('[data-place]', dialog)) {
    if (box.closest('.field').hidden || box.closest('[hidden]')) continue;
    if (box.value) found[box.dataset.place] = box.value;
    else if ('needed' in box.dataset) {
      said(dialog.dataset.sayPlace.replace('{what}', $(`label[for=${box.id}]`, dialog).textContent), box);
      return null;
    }
  }
  return found;
}

function save() {
  said('');
  const name = $('#vw-name', dialog), text = name.value.trim(), english = $('#vw-en', dialog).value.trim(), say = dialog.dataset;
  if (!text) { said(say.sayName, name); return; }
  const at = placed();
  if (!at) return;
  const conditions = where.read();
  if (!conditions) { $('#vw-err', dialog).textContent = say.sayCondition; return; }
  const before = data('view'), view = { ...(before.code ? { code: before.code } : {}), label: english ? { zh: text, en: english } : text, type: kind(), ...at };
  if (Object.keys(conditions).length) view.where = conditions;
  for (const [list, read] of Object.entries(LISTS)) {
    const box = $(`[data-list=${list}]`, dialog), items = box.closest('.field').hidden ? [] : $$('li', box);
    if (items.length) view[list] = items.map((item) => read(item.dataset, item));
  }
  const roles = $$('input[name=role]:checked', dialog).map((each) => each.value);
  if (roles.length) view.roles = roles;
  const all = data('views'), place = say.at;
  if (place === '') all.push(view); else all[Number(place)] = view;
  dialog.close();
  keep(all);
}
