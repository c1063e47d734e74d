/** The draft as this page knows it: sends operations one after the other, keeps the selection, tells the other modules. */
import { $, $$, embedded, toast } from '../dom.js';

const model = embedded('dz-model'), texts = embedded('dz-texts');
// Operations about the form of this page; the others name what they are about themselves.
const OF_FORM = /^(add_field|move|resize|set|delete|restore|duplicate|convert_type|recode|(add|set|move|delete)_section|set_form)$/;

/** A text of the page, with its {names} filled in. */
export const saying = (key, params = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? '');
/** Say something to people who hear the page instead of seeing it. */
export const announce = (text) => { $('#said').textContent = text; };
/** The element of a path on the canvas. */
export const at = (path) => (path ? $(`#canvas [data-path="${path}"]`) : null);
export const base = model.base;

let path = '', tail = Promise.resolve(), waiting = 0, held = null;

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`designer:${name}`, { detail }));
const rev = () => Number($('#rev').dataset.rev);

/* The selection. */

function described(of) {
  const found = at(of);
  if (!found) return { type: 'form', path: '', form: model.form };
  const { type } = found.dataset;
  const known = { type, path: of, form: model.form };
  if (type === 'section') return { ...known, section: of.slice(1) };
  if (type === 'tab') return { ...known, tab: of.slice(1) };
  if (type === 'column') { const [lines, field] = of.split('.'); return { ...known, lines, field }; }
  return { ...known, field: of, section: found.closest('[data-drop]')?.dataset.drop || undefined };
}

/** What is selected: {type, path, form, field?, lines?, section?, tab?}. */
export const selected = () => described(path);

/** Mark what is selected on the canvas; one stop of the canvas is in the tab order, as in any list. */
export function mark() {
  const found = at(path);
  for (const each of $$('#canvas [data-stop]')) {
    each.toggleAttribute('aria-current', false);
    each.tabIndex = -1;
  }
  const stop = found ?? $('#canvas [data-stop]');
  if (stop) stop.tabIndex = 0;
  found?.setAttribute('aria-current', 'true');
  if (!found) path = '';
}

/** Select by path; '' is the form itself. */
export function select(wanted, { focus = false, reveal = true } = {}) {
  path = wanted && at(wanted) ? wanted : '';
  mark();
  const found = at(path);
  if (found && reveal) tell('reveal', { found });
  if (found && focus) found.focus({ preventScroll: true });
  if (found && reveal) found.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  tell('select', selected());
}

/** Show another name at once; what is kept follows with an operation. */
export function mirror(of, text) {
  const found = at(of);
  const name = found && $('[data-name]', found);
  if (name) name.textContent = text;
  tell('label', { path: of, text });
}

/* The way to the server. */

function state(name) {
  const box = $('#saved');
  box.classList.toggle('is-busy', name === 'saving');
  box.classList.toggle('is-off', name === 'unsaved');
  if (name !== 'saved') $('.dz-saved-text', box).textContent = saying(name);
}

async function ask(address, body = null) {
  const headers = { 'HX-Request': 'true' };
  if (body) {
    headers['Content-Type'] = 'application/json';
    headers['X-CSRFToken'] = $('#publish-form input[name=csrf_token]').value;
  }
  try {
    return await fetch(address, { method: body ? 'POST' : 'GET', headers, credentials: 'same-origin', body: body && JSON.stringify(body) });
  } catch {
    return null;
  }
}

const created = () => $('#rev').dataset.created.split(',').filter(Boolean);

/** A field that was named got the code of its name: what was selected stays selected. */
function follow(ops) {
  const named = ops.find((op) => op.op === 'set' && op.name === 'label'), [code] = created();
  if (!named || !code) return;
  const full = (field) => (named.lines ? `${named.lines}.${field}` : field);
  if (path === full(named.field)) path = full(code);
  else if (!named.lines && path.startsWith(`${named.field}.`)) path = `${code}.${path.split('.')[1]}`;
}

/** Put the parts an answer brings in their places; while something is dragged they wait. */
async function swap(text, ops = []) {
  if (held) await held;
  const active = document.activeElement, id = active?.id, of = active?.dataset?.path;
  await window.htmx.swap({ text, sourceElement: document.body, target: document.body, swap: 'none' });
  follow(ops);
  mark();
  if (document.activeElement === document.body || document.activeElement === $('#main')) (at(of) ?? document.getElementById(id || 'main'))?.focus({ preventScroll: true });
}

/** Nothing is redrawn until the returned function is called: for a field in the air. */
export function hold() {
  let free;
  held = new Promise((resolve) => { free = resolve; });
  return () => { held = null; free(); };
}

const role = () => $('#as')?.value ?? '';

/** Draw everything again as the server has it. */
export async function redraw() {
  const answer = await ask(`${base}/canvas?as=${encodeURIComponent(role())}`);
  if (!answer?.ok) return false;
  await swap(await answer.text());
  state('saved');
  tell('changed', { rev: rev(), ops: [], created: [] });
  return true;
}

function reason(answer, text) {
  const trigger = answer.headers.get('HX-Trigger');
  return (trigger && JSON.parse(trigger)['ui:toast']?.text) || text || saying('refused');
}

async function refused(answer, isQuiet) {
  const text = reason(answer, await answer.text());
  await redraw();
  if (!isQuiet) toast(text, { stay: true });
  return { ok: false, rev: rev(), created: [], text, status: answer.status };
}

async function change(what, body, ops, isQuiet) {
  state('saving');
  const answer = await ask(`${base}/${what}`, { base_rev: rev(), as: role(), ...body });
  if (!answer) {
    state('unsaved');
    toast(saying('no_answer'), { stay: true });
    await redraw();
    return { ok: false, rev: rev(), created: [], text: saying('no_answer'), status: 0 };
  }
  if (!answer.ok) return refused(answer, isQuiet);
  await swap(await answer.text(), ops);
  const made = created();
  tell('changed', { rev: rev(), ops, created: made });
  return { ok: true, rev: rev(), created: made };
}

function queued(work) {
  waiting += 1;
  const run = tail.then(work).finally(() => { waiting -= 1; });
  tail = run.catch(() => {});
  return run;
}

const key = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, '0')).join('');

/** Carry out operations on the draft, after those that are under way. Answers {ok, rev, created, text?}. */
export function send(ops, { quiet = false } = {}) {
  const full = ops.map((op) => (OF_FORM.test(op.op) && !op.form ? { ...op, form: model.form } : op));
  return queued(() => change('ops', { ops: full, key: key() }, full, quiet));
}

/** Something else that changes the draft: publishing. */
export const post = (what, body) => queued(() => change(what, body, [], true));

async function step(what, isOpen, said, nothing) {
  if (!isOpen && !waiting) return toast(saying(nothing));
  const done = await queued(() => change(what, {}, [], false));
  if (done.ok) announce(saying(said));
  return done;
}
const may = (id) => $(id).getAttribute('aria-disabled') !== 'true';

export const undo = () => step('undo', may('#undo'), 'undone', 'nothing_to_undo');
export const redo = () => step('redo', may('#redo'), 'redone', 'nothing_to_redo');

document.addEventListener('click', (event) => {
  if (event.target.closest('#undo')) undo();
  else if (event.target.closest('#redo')) redo();
});
addEventListener('beforeunload', (event) => { if (waiting) event.preventDefault(); });
