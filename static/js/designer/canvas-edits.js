/** What one does to what is selected: required, duplicate, delete, another name, new sections and tabs. */
import { $, toast } from '../dom.js';
import { neighbour, tabs } from './canvas-moves.js';
import { announce, at, mirror, saying, select, selected, send, undo } from './studio.js';

// What the system fills, or what holds nothing, is never asked for.
const NEVER_REQUIRED = new Set(['formula', 'lookup', 'rollup', 'document_number', 'rmb', 'note', 'divider', 'button', 'query', 'barcode']);
const place = ({ lines, field }) => (lines ? { lines, field } : { field });

export const mayRequire = (found) => ['field', 'column'].includes(found?.dataset.type) && !NEVER_REQUIRED.has(found.dataset.kind);

export function toggleRequired() {
  const now = selected(), found = at(now.path);
  if (!mayRequire(found)) return null;
  const value = !('required' in found.dataset);
  $('[data-name]', found).classList.toggle('req', value);
  announce(saying(value ? 'required' : 'optional', { label: found.dataset.label }));
  return send([{ op: 'set', ...place(now), name: 'required', value }]);
}

export async function duplicate() {
  const now = selected(), found = at(now.path);
  if (!now.field) return;
  const done = await send([{ op: 'duplicate', ...place(now) }]);
  if (!done.ok) return;
  announce(saying('duplicated', { label: found.dataset.label }));
  if (done.created[0]) select(now.lines ? `${now.lines}.${done.created[0]}` : done.created[0], { focus: true });
}

async function away(op, next, text) {
  const isFocused = document.activeElement === document.body || $('#canvas').contains(document.activeElement);
  const done = await send([op]);
  if (!done.ok) return;
  select(next, { focus: isFocused });
  if (isFocused && !next) $('#main').focus({ preventScroll: true });
  toast(text, { undo });
}

/** Take what is selected away; who wants to ask first hears of it and goes on when people insist. */
export function remove() {
  const now = selected(), found = at(now.path);
  if (!found) return;
  const label = found.dataset.label;
  if (now.type === 'section') { away({ op: 'delete_section', section: now.section }, '', saying('section_removed', { label })); return; }
  if (now.type === 'tab') { removeTab(now.tab, label); return; }
  const op = { op: 'delete', ...place(now) }, next = neighbour(found);
  const go = () => away(op, next, saying('removed', { label }));
  const asked = new CustomEvent('designer:before-delete', { cancelable: true, detail: { op, go } });
  if (document.dispatchEvent(asked)) go();
}

function removeTab(code, label) {
  const left = tabs().filter((each) => each.code !== code).map(asTab);
  const own = [...document.querySelectorAll(`[data-page="${code}"] [data-section]`)].map((each) => each.dataset.section);
  const loose = own.map((section) => ({ op: 'set_section', section, name: 'tab', value: null }));
  send([...loose, { op: 'set_form', name: 'tabs', value: left }]).then((done) => {
    if (done.ok) { select(''); toast(saying('tab_removed', { label }), { undo }); }
  });
}

const asTab = ({ code, found }) => ({ code, label: written(found, found.dataset.label) });

/** A name in the language it is written in; the other language's is kept where somebody wrote one. */
function written(found, text) {
  const { other } = found.dataset;
  if (!other) return text;
  return document.documentElement.lang.startsWith('en') ? { zh: other, en: text } : { zh: text, en: other };
}

/** Keep another name of a field, section or tab. */
export function rename(path, text) {
  const found = at(path), was = found?.dataset.label;
  if (!found || !text || text === was) return null;
  const now = { ...selected(), path };
  const { type } = found.dataset;
  mirror(path, text);
  found.dataset.label = text;
  const value = written(found, text);
  if (type === 'section') return send([{ op: 'set_section', section: path.slice(1), name: 'label', value }]);
  if (type === 'tab') return send([{ op: 'set_form', name: 'tabs', value: tabs().map((each) => (each.found === found ? { code: each.code, label: value } : asTab(each))) }]);
  const [lines, field] = now.path.includes('.') ? now.path.split('.') : [null, now.path];
  return send([{ op: 'set', ...(lines ? { lines } : {}), field, name: 'label', value }]);
}

/** Add a section after the one that is selected, or at the end of the open page. */
export async function addSection() {
  const now = selected(), from = at(now.path)?.closest('[data-section]');
  const page = from?.closest('[data-page]') ?? $('.page-of:not([hidden])', $('#canvas'));
  const own = [...document.querySelectorAll('#canvas [data-section]')].filter((each) => each.dataset.section);
  const before = from ?? [...page.querySelectorAll('[data-section]')].at(-1);
  const to = own.includes(before) ? { index: own.indexOf(before) + 1 } : {};
  const section = { label: saying('new_section') };
  if (page?.dataset.page) section.tab = page.dataset.page;
  const done = await send([{ op: 'add_section', section, ...to }]);
  if (done.ok && done.created[0]) select(`§${done.created[0]}`, { focus: true });
  return done.ok;
}

/** Add a tab; the first one takes in all sections there are. */
export async function addTab() {
  const known = tabs();
  const codes = new Set(known.map((each) => each.code));
  const fresh = () => { let n = 1; while (codes.has(`tab_${n}`)) n += 1; codes.add(`tab_${n}`); return `tab_${n}`; };
  const first = known.length ? [] : [{ code: fresh(), label: saying('first_tab') }];
  const code = fresh();
  const all = [...known.map(asTab), ...first, { code, label: saying('new_tab') }];
  const moved = first.length ? [...document.querySelectorAll('#canvas [data-section]')].filter((each) => each.dataset.section) : [];
  const ops = [{ op: 'set_form', name: 'tabs', value: all }];
  for (const each of moved) ops.push({ op: 'set_section', section: each.dataset.section, name: 'tab', value: first[0].code });
  const done = await send(ops);
  if (done.ok) select(`#${code}`, { focus: true });
  return done.ok;
}
