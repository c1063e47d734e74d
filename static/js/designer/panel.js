/** The property panel: follows the selection, sends what is changed, shows what the draft then says. */
import { $, $$, composing, elementsOf } from '../dom.js';
import { base, mirror, select, selected, send } from './studio.js';
import { act, isList, value as listed } from './panel-lists.js';
import { open as openFormula } from './panel-formula.js';
import { ask } from './panel-uses.js';
import { drop, edit } from './rules.js';
import { settle } from './settle.js';

const home = $('#props'), PAUSE = 300;
let path = '', tab = 'props', timer = 0, isDirty = false, request = null, extra = null;
const known = new Map();

export const panel = () => $('#panel', home);

/** A part of the page as it is now; null when it is no longer wanted or could not be had. */
async function fetched(address, signal) {
  try {
    const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin', signal });
    return answer.ok ? await answer.text() : null;
  } catch { return null; }
}

const addressed = (address, of) => `${address}?path=${encodeURIComponent(of)}`;

/* What is shown. */

/** Show the panel of a path; the same one is morphed, so that the caret stays where it is. */
async function show(of) {
  request?.abort();
  request = new AbortController();
  const text = await fetched(addressed(`${base}/panel`, of), request.signal);
  // Somebody goes on typing: what they type is sent soon, and brings the panel again.
  if (text === null || isDirty) return;
  const isSame = panel()?.dataset.path === of && of === path;
  path = of;
  if (isSame) {
    await window.htmx.swap({ text, sourceElement: home, target: home, swap: 'innerMorph' });
    settle(home);
  } else home.replaceChildren(...elementsOf(text));
  arrived(isSame);
}

function arrived(isSame) {
  if (!isSame) home.closest('.dz-r')?.scrollTo(0, 0);
  turn($(`[data-pp-tab=${tab}]`, home) ? tab : 'props');
  const last = known.get(path);
  if (last) fill(last);
  more();
}

/** Formulas, uses and problems take the server a moment: they come after the rest. */
async function more() {
  extra?.abort();
  extra = new AbortController();
  const of = path, here = panel();
  if (!here) return;
  const text = await fetched(addressed(here.dataset.more, of), extra.signal);
  if (text === null || of !== path) return;
  known.set(of, text);
  fill(text);
}

function fill(text) {
  const brought = new DOMParser().parseFromString(text, 'text/html');
  for (const each of brought.querySelectorAll('[data-formula-of]')) {
    const box = $(`.pf[data-formula="${each.dataset.formulaOf}"]`, home);
    if (!box) continue;
    $('.pf-box', box).replaceChildren(...each.querySelector('[data-pieces]').childNodes);
    $('.pf-more', box).replaceChildren(each.querySelector('p'));
  }
  put('#pp-problems', brought.querySelector('[data-part=problems]'));
  const used = brought.querySelector('[data-part=used]'), count = $('#pp-used-n', home);
  put('#pp-used', used);
  if (count) { count.hidden = used.dataset.count === '0'; count.textContent = used.dataset.count; }
}

const put = (place, part) => { $(place, home)?.replaceChildren(...(part?.childNodes ?? [])); };

function turn(to) {
  if ($(`[data-pp-tab=${to}]`, home)) tab = to;
  for (const each of $$('[data-pp-tab]', home)) {
    const isHere = each.dataset.ppTab === to;
    each.setAttribute('aria-selected', String(isHere));
    each.tabIndex = isHere ? 0 : -1;
  }
  for (const each of $$('[data-pp-panel]', home)) {
    each.hidden = each.dataset.ppPanel !== to;
    if (!each.hidden && each.dataset.load) load(each);
  }
}

/** A tab that is drawn when it is opened. */
async function load(box) {
  const of = path, text = await fetched(addressed(box.dataset.load, of));
  if (text !== null && of === path && box.isConnected) box.replaceChildren(...elementsOf(text));
}

/* What is changed. */

function operation(name, value) {
  const { op, what, tabs } = panel().dataset, made = JSON.parse(op);
  if (what === 'tab') {
    const all = JSON.parse(tabs).map((each) => (each.code === made.tab ? { ...each, [name]: value } : each));
    return { op: 'set_form', form: made.form, name: 'tabs', value: all };
  }
  return name === 'width' ? { ...made, op: 'resize', width: value } : { ...made, name, value };
}

/** Send one property of what is selected, with what has to change along with it. */
export async function commit(name, value, also = []) {
  clearTimeout(timer);
  isDirty = false;
  const done = await send([...also, operation(name, value)]);
  if (!done.ok) show(path);
}

const number = (text) => text.normalize('NFKC').replace(/[,，\s]/g, '');

function parsed(text) {
  if (!text.trim()) return null;
  try { return JSON.parse(text); } catch { return undefined; }
}

/** What a control says; undefined when it cannot be read. */
function read(box) {
  const { as } = box.dataset;
  if (isList(as)) return listed(box);
  if (as === 'switch') return box.checked === (box.dataset.default === 'yes') ? null : box.checked;
  if (as === 'choose') return box.value ? JSON.parse(box.value) : null;
  if (as === 'json') return parsed(box.value);
  if (as === 'label') return labelled(box);
  const text = as === 'long' ? box.value : box.value.trim();
  if (text === '') return null;
  if (as === 'bound') return /^[=＝]/.test(text) ? text.replace('＝', '=') : number(text);
  return as === 'int' ? whole(box, text) : text;
}

function whole(box, text) {
  const found = Number(number(text)), { least, most } = box.dataset;
  const isFine = Number.isInteger(found) && (!least || found >= Number(least)) && (!most || found <= Number(most));
  return isFine ? found : undefined;
}

function labelled(box) {
  const [zh, en] = ['zh', 'en'].map((each) => $(`[data-lang=${each}]`, box).value.trim());
  if (!zh) return box.dataset.prop === 'label' ? undefined : null;
  return en ? { zh, en } : zh;
}

function changed(box) {
  const found = read(box), input = box.matches('input, textarea, select') ? box : $('input', box);
  if (found === undefined) { isDirty = false; input?.setAttribute('aria-invalid', 'true'); return; }
  input?.removeAttribute('aria-invalid');
  if (box.dataset.as === 'default') changeDefault(box);
  else commit(box.dataset.prop, found);
}

/* The default value: one control for several properties of the field, and of the reference beside it. */

function changeDefault(box) {
  const mode = $('[data-part=mode]', box).value;
  for (const each of $$('[data-for]', box)) each.hidden = each.dataset.for !== mode;
  const fixed = $('[data-part=fixed]', box)?.value ?? '', link = $('[data-part=link]', box)?.value;
  // Choosing a mode that asks for more changes nothing yet.
  if ((mode === 'fixed' && !fixed) || (mode === 'link' && !link) || mode === 'formula') return;
  const also = unlinked(box), { kind } = panel().dataset;
  if (mode === 'current' || box.dataset.mode === 'current') also.push(operation('options/current', mode === 'current' || null));
  if (mode === 'link') also.push(linked(JSON.parse(link)));
  const kept = { fixed: typed(fixed, kind), '=TODAY()': '=TODAY()', '=NOW()': '=NOW()' };
  commit('default', kept[mode] ?? null, also);
}

function typed(text, kind) {
  if (kind === 'boolean') return text === 'true';
  if (kind === 'multi_choice') return [text];
  return /^(number|money|quantity|percent)$/.test(kind) ? number(text) : text;
}

/** What a field was filled by before is given up when it starts in another way. */
function unlinked(box) {
  const before = box.dataset.mode === 'link' && $('[data-part=link] option[selected]', box)?.value;
  return before ? [linked(JSON.parse(before), true)] : [];
}

function linked(source, isOver = false) {
  const [reference, column] = source.split('/'), made = JSON.parse(panel().dataset.op);
  const fills = JSON.parse($('[data-part=link]', home).dataset.fills ?? '{}')[reference] ?? {};
  const { [made.field]: _gone, ...rest } = fills;
  const fill = isOver ? rest : { ...rest, [made.field]: column };
  return { ...made, field: reference, name: 'options/fill', value: Object.keys(fill).length ? fill : null };
}

/* Listeners: all by delegation, so a panel that is swapped needs none. */

home.addEventListener('input', (event) => {
  const box = event.target.closest('[data-as]');
  if (event.target.matches('[data-pp-find]')) return find(event.target.value);
  if (!box || event.target.matches('select, [type=checkbox]')) return undefined;
  isDirty = true;
  if (box.dataset.as !== 'label') return undefined;
  if (box.dataset.prop === 'label' && event.target.dataset.lang === 'zh') mirror(path, event.target.value);
  clearTimeout(timer);
  if (!event.isComposing) timer = setTimeout(() => { if (isDirty) changed(box); }, PAUSE);
  return undefined;
});

home.addEventListener('change', (event) => {
  const box = event.target.closest('[data-as]');
  if (!box || event.target.matches('[data-pp-find]') || event.target.matches('[data-do=add]')) return;
  clearTimeout(timer);
  if (isDirty || event.target.matches('select, [type=checkbox]')) changed(box);
});

home.addEventListener('click', (event) => {
  const hit = (selector) => event.target.closest(selector);
  const segment = hit('[data-as=seg] [data-value]');
  if (segment) commit(hit('[data-prop]').dataset.prop, JSON.parse(segment.dataset.value));
  else if (hit('[data-pp-tab]')) turn(hit('[data-pp-tab]').dataset.ppTab);
  else if (hit('[data-select]')) select(hit('[data-select]').dataset.select, { focus: true });
  else if (hit('[data-rule]')) edit(hit('[data-rule]').dataset.rule, hit('[data-rule]').dataset.at ?? '', path);
  else if (hit('[data-drop]')) dropped(hit('[data-drop]'));
  else if (hit('[data-en]')) english(hit('[data-en]'));
  else if (hit('.menu [data-do]')) menu(hit('[data-do]').dataset.do);
  else if (hit('[data-access]')) grant(hit('[data-access]'));
  else if (hit('[data-do=formula]')) openFormula(path, (hit('.pf') ?? $('.pf', hit('.pg'))).dataset.formula, commit);
  else if (hit('[data-do]') && hit('[data-as]') && isList(hit('[data-as]').dataset.as)) act(hit('[data-do]'), commit);
});

home.addEventListener('change', (event) => { if (event.target.matches('select[data-do=add]')) act(event.target, commit); });

home.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  if (event.target.matches('[data-pp-tab]') && /^Arrow(Left|Right)$/.test(event.key)) {
    const all = $$('[data-pp-tab]', home), at = all.indexOf(event.target) + (event.key === 'ArrowRight' ? 1 : -1);
    const next = all.at(at % all.length);
    turn(next.dataset.ppTab);
    next.focus();
    event.preventDefault();
  } else if (event.key === 'Enter' && event.target.matches('input.inp:not([data-pp-find]):not([data-part])')) {
    event.target.dispatchEvent(new Event('change', { bubbles: true }));
  } else if (event.key === 'Escape' && event.target.matches('[data-pp-find]')) { event.target.value = ''; find(''); }
});

function english(button) {
  const box = document.getElementById(button.getAttribute('aria-controls'));
  box.hidden = false;
  button.hidden = true;
  $('input', box).focus();
}

/** Only the properties whose name has what is typed; groups without any are left out. */
function find(text) {
  const wanted = text.trim().toLowerCase(), all = $$('#pp-props .pg', home);
  let found = 0;
  for (const group of all) {
    const title = $('h3', group)?.textContent.toLowerCase() ?? '';
    const own = $$('[data-find]', group);
    for (const each of own) each.hidden = Boolean(wanted) && !each.dataset.find.includes(wanted) && !title.includes(wanted);
    group.hidden = Boolean(wanted) && !title.includes(wanted) && !own.some((each) => !each.hidden);
    found += group.hidden ? 0 : 1;
  }
  $('.pp-none', home).hidden = found > 0;
}

function menu(what) {
  const made = JSON.parse(panel().dataset.op), kind = panel().dataset.what;
  if (what === 'duplicate') send([{ op: 'duplicate', form: made.form, lines: made.lines, field: made.field }]);
  else if (what === 'delete' && kind === 'section') send([{ op: 'delete_section', form: made.form, section: made.section }]);
  else if (what === 'delete' && kind === 'tab') send([{ op: 'set_form', form: made.form, name: 'tabs', value: JSON.parse(panel().dataset.tabs).filter((each) => each.code !== made.tab) }]);
  else if (what === 'delete') ask('delete', path, () => send([{ op: 'delete', form: made.form, lines: made.lines, field: made.field }]));
  else ask(what, path);
}

function dropped(button) {
  const { drop: sort, at } = button.dataset, list = JSON.parse($('[data-edit]', home).dataset[`${sort}s`]);
  drop(sort, Number(at), list, JSON.parse(panel().dataset.op).form);
}

function grant(button) {
  const { role, field } = button.closest('[data-role]').dataset;
  const [code, lines] = field.split('.').reverse();
  send([{ op: 'set_field_access', role, form: JSON.parse(panel().dataset.op).form, lines, field: code, access: button.dataset.access }]);
}

show(selected().path);
document.addEventListener('designer:select', ({ detail }) => { isDirty = false; clearTimeout(timer); show(detail.path); });
document.addEventListener('designer:changed', () => show(path));
document.addEventListener('designer:label', ({ detail }) => {
  const box = detail.path === path && $('[data-prop=label] [data-lang=zh]', home);
  if (box && box !== document.activeElement) box.value = detail.text;
});

