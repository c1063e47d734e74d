/** The settings of what is selected: every control says which property it sets and to what. */
import { $, $$, composing, elementsOf } from '../../dom.js';
import { pane } from '../pane.js';
import { settle } from '../settle.js';
import { model } from '../tab-model.js';
import { at, base, mirror, select, selected } from '../studio.js';
import { begin as beginCondition } from './conditions.js';
import { change, copy, move, remove } from './flow.js';
import { tick, ticked } from './matrix.js';

const home = $('#props');
let path = null, tab = 'main', compare = '', request = null, wantsName = '';

const panel = () => $('#panel', home);
const op = () => JSON.parse(panel().dataset.op);

/* What is shown. */

async function show() {
  const of = selected().path || 'start';
  if (!at('start')) { home.replaceChildren(); return; }
  request?.abort();
  const own = request = new AbortController();
  const address = new URL(`${base}/panel`, location.href);
  address.searchParams.set('path', of);
  if (compare) address.searchParams.set('compare', compare);
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin', signal: own.signal }).catch(() => null);
  if (!answer?.ok) return;
  const text = await answer.text().catch(() => null);
  // Another step was chosen while this one was on its way.
  if (text === null || own !== request) return;
  const isSame = of === path && panel();
  path = of;
  if (isSame) {
    await window.htmx.swap({ text, sourceElement: home, target: home, swap: 'innerMorph' });
    settle(home);
    conditioned(text);
  } else {
    home.replaceChildren(...elementsOf(text));
    home.closest('.dz-r').scrollTo(0, 0);
    beginCondition(home);
  }
  turn($(`[data-pp-tab=${tab}]`, home) ? tab : 'main');
  ticked(home);
  named();
  document.dispatchEvent(new CustomEvent('flow:panel'));
}

/** A condition somebody is writing is theirs until it is whole; any other is drawn as the server has it.
 *
 * Its rows and its editor are made here: a morph would take them for something the server has removed, so it
 * leaves them alone (hx-morph-skip), and whether they are replaced is decided and done in one go.
 */
function conditioned(text) {
  const shown = $('.cw', home);
  if (!shown || shown.contains(document.activeElement)) return;
  const fresh = [...elementsOf(text)].map((each) => each.querySelector?.('.cw')).find(Boolean);
  if (fresh) shown.replaceWith(fresh);
  beginCondition(home);
}

function named() {
  if (wantsName !== path) return;
  wantsName = '';
  if (matchMedia('(max-width:860px)').matches) { pane('props'); return; }
  const box = $('#fs-name', home);
  box.focus();
  box.select();
}

function turn(to) {
  tab = to;
  for (const each of $$('[data-pp-tab]', home)) {
    const isHere = each.dataset.ppTab === to;
    each.setAttribute('aria-selected', String(isHere));
    each.tabIndex = isHere ? 0 : -1;
  }
  for (const each of $$('[data-pp-panel]', home)) each.hidden = each.dataset.ppPanel !== to;
}

document.addEventListener('designer:select', () => { if ((selected().path || 'start') !== path) { compare = ''; show(); } });
document.addEventListener('designer:changed', show);
document.addEventListener('flow:named', ({ detail }) => { wantsName = detail.path; named(); });
document.addEventListener('flow:settings', () => $('#panel .pp-body:not([hidden]) button, #panel .pp-body:not([hidden]) select, #fs-name', home)?.focus());

/* What is changed. */

const set = (name, value) => change([{ ...op(), name, value }]);
const given = (text) => JSON.parse(text);

/** What a box says; undefined when it says nothing that can be kept. */
function read(box) {
  const { as, least } = box.dataset, text = box.value.trim();
  if (as === 'int') return /^-?\d{1,5}$/.test(text.normalize('NFKC')) && Number(text.normalize('NFKC')) >= Number(least) ? Number(text.normalize('NFKC')) : undefined;
  if (as === 'lines') return text ? text.split('\n').map((each) => each.trim()).filter(Boolean) : null;
  if (as === 'kept') return box.value;
  return text || null;
}

function relabelled(box) {
  const text = box.value.trim(), { zh, en } = box.dataset;
  if (!text) { box.value = zh; return null; }
  if (!en) return set('label', text);
  return set('label', document.documentElement.lang.startsWith('en') ? { zh: zh || text, en: text } : { zh: text, en });
}

/** A list of small things (checks): one part of one of them, or one more, or one less. */
function rows(box, how) {
  const list = given(box.dataset.value);
  how(list);
  set(box.dataset.rows, list.length ? list : null);
}

home.addEventListener('change', (event) => {
  const box = event.target;
  if (box.matches('[data-label]')) relabelled(box);
  else if (box.matches('[data-compare]')) { compare = box.value; show(); }
  else if (box.matches('[data-column], [data-group]')) set('access', tick(box));
  else if (box.matches('[data-adds]')) { if (box.value) set(`${box.dataset.adds}/${box.value}`, ''); }
  else if (box.matches('[data-part]') && box.closest('[data-rows]')) rows(box.closest('[data-rows]'), (list) => { list[box.dataset.at][box.dataset.part] = box.value.trim(); });
  else if (box.matches('[data-name][type=checkbox]')) set(box.dataset.name, given(box.checked ? box.dataset.on : box.dataset.off));
  else if (box.matches('select[data-name]')) { if (box.value !== '') set(box.dataset.name, given(box.value)); }
  else if (box.matches('[data-name][data-as]')) kept(box);
});

function kept(box) {
  const value = read(box);
  if (value === undefined) { box.setAttribute('aria-invalid', 'true'); return; }
  box.removeAttribute('aria-invalid');
  set(box.dataset.name, value);
}

const DO = {
  move: (button) => move(Number(button.dataset.by)),
  copy: () => copy(),
  delete: () => remove(),
  'delete-flow': () => change([{ op: 'delete_flow' }]).then((done) => { if (done.ok) location.assign(model.base.replace(/\/flows\/[^/]+$/, '/flow')); }),
  close: () => { pane('canvas'); at(path)?.focus(); },
  'add-row': (button) => rows(button.closest('[data-rows]'), (list) => list.push(given(button.dataset.blank))),
  'drop-row': (button) => rows(button.closest('[data-rows]'), (list) => list.splice(Number(button.dataset.at), 1)),
};

home.addEventListener('click', (event) => {
  const hit = (selector) => event.target.closest(selector), button = hit('button');
  if (!button) return;
  if (button.dataset.ppTab) turn(button.dataset.ppTab);
  else if (button.dataset.ops) change(given(button.dataset.ops));
  else if (button.dataset.value !== undefined && button.dataset.name) set(button.dataset.name, given(button.dataset.value));
  else DO[button.dataset.do]?.(button);
});

home.addEventListener('input', (event) => {
  const box = event.target;
  if (box.matches('[data-label]')) mirror(path, box.value);
  else if (box.matches('[data-find-field]')) {
    const wanted = box.value.trim().toLowerCase();
    for (const row of $$('[data-field]', home)) row.hidden = Boolean(wanted) && !row.dataset.find.includes(wanted);
  }
});

function along(event, all, by) {
  const next = all[(all.indexOf(event.target) + by + all.length) % all.length];
  next.focus();
  return next;
}

home.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (event.target.matches('[data-label]') && event.key === 'Enter') event.target.blur();
  else if (event.target.matches('[data-label]') && event.key === 'Escape') { event.target.value = event.target.defaultValue; event.target.blur(); select(path, { focus: true }); }
  else if (by && event.target.matches('[data-pp-tab]')) turn(along(event, $$('[data-pp-tab]', home), by).dataset.ppTab);
  else if (by && event.target.matches('.fs-opt')) along(event, $$('.fs-opt', home), by);
  else return;
  event.preventDefault();
});
