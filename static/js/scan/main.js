/** The scan screens: which of them is shown, and what stands at the top of each. The address behind # says it. */
import { $, el, icon, toast } from '../dom.js';
import { listen } from '../scanner.js';
import { showTask } from './job.js';
import { Offline, Refusal, SignedOut, ask } from './net.js';
import { read, readAll, write } from './store.js';
import { onChange, send, standing } from './sync.js';
import { w } from './words.js';

const { base, home } = document.body.dataset;
const main = $('#scan');
const COMMANDS = ['receive', 'issue', 'stocktake', 'transfer'];
let shown = null;

/** The bar on top: the way back, what this is, and how the queue stands. */
export function bar(title, back) {
  return el('header', { class: 'sc-bar' },
    el('a', { class: 'sc-back', href: back, 'aria-label': back === home ? w('home') : w('back') }, icon('chevron-left')),
    el('h1', { class: 'trunc' }, title), el('p', { class: 'sc-net', id: 'net', role: 'status' }));
}

/** Say how the queue stands, in the bar and in full where something is to be done. */
async function drawStanding() {
  const scans = await readAll('scans'), tasks = await readAll('tasks');
  const closed = new Set(tasks.filter((task) => task.closed).map((task) => task.key));
  const mine = scans.filter((scan) => scan.user === standing.user?.id && !closed.has(scan.task));
  const chip = $('#net');
  if (!chip) return;
  const isOff = standing.state === 'offline';
  const said = isOff ? w('offline', { n: mine.length }) : standing.state === 'signed_out' ? w('pending', { n: scans.length }) : mine.length ? w('pending', { n: mine.length }) : w('online');
  chip.replaceChildren(icon(isOff ? 'wifi-off' : mine.length ? 'cloud-upload' : 'cloud-check', 'ic-16'), el('span', {}, said));
  chip.className = `sc-net${isOff || standing.state === 'signed_out' ? ' is-off' : ''}`;
  const others = scans.filter((scan) => standing.user && scan.user !== standing.user.id);
  const notes = [];
  if (standing.state === 'signed_out') notes.push(el('div', { class: 'sc-note' }, el('span', { class: 'grow' }, w('signed_out')), el('a', { class: 'btn', href: `/sign-in?next=${encodeURIComponent(base)}` }, w('sign_in'))));
  if (others.length) notes.push(el('div', { class: 'sc-note' }, w('other_user', { name: others[0].who, n: others.length })));
  $('#notes')?.replaceChildren(...notes);
}

/** Put a screen up. */
export function put(...parts) {
  main.replaceChildren(...parts.filter(Boolean));
  drawStanding();
}

/** Ask the server, or take what is kept of it when there is no network. */
async function askOrKept(path, store, key) {
  try {
    const found = await ask(path);
    await write(store, found, key);
    return found;
  } catch (error) {
    if (error instanceof Offline || error instanceof SignedOut) return read(store, key);
    throw error;
  }
}

async function showForms() {
  const found = standing.forms.length ? standing : await read('meta', 'start');
  const forms = found?.forms ?? [];
  const groups = COMMANDS.map((command) => [command, forms.filter((form) => form.command === command)]).filter(([, own]) => own.length);
  put(bar(w('scan'), home), el('div', { id: 'notes' }), ...groups.map(([command, own]) => el('section', { class: 'sc-group' }, el('h2', {}, w(command)),
    ...own.map((form) => el('a', { class: 'sc-tile', href: `#${form.app}/${form.form}` }, icon(form.icon), el('span', { class: 'grow' }, form.label), icon('chevron-right'))))),
  !groups.length && el('p', { class: 'sc-empty' }, standing.state === 'sending' || !found ? w('loading') : w('none')));
}

async function showTasks(form) {
  const key = `${form.app}/${form.form}`;
  const [found, all, scans] = [await askOrKept(`${key}/tasks`, 'meta', `tasks ${key}`), await readAll('tasks'), await readAll('scans')];
  const kept = all.filter((task) => task.key.startsWith(`${key}/`));
  const known = new Set(kept.map((task) => task.data.id));
  const link = (id, title, note, extra) => el('a', { class: 'sc-tile', href: `#${key}/${id}` }, el('span', { class: 'grow stack' }, el('b', {}, title), note && el('small', { class: 'trunc' }, note)), extra, icon('chevron-right'));
  put(bar(form.label, '#'), el('div', { id: 'notes' }),
    found?.fresh && freshForm(key, form, found.fresh),
    kept.length > 0 && el('section', { class: 'sc-group' }, el('h2', {}, w('kept')), ...kept.map((task) => {
      const n = scans.filter((scan) => scan.task === task.key).length;
      return link(task.data.id, task.data.title, '', n > 0 && el('span', { class: 'tag tag-warn' }, w('pending', { n })));
    })),
    el('section', { class: 'sc-group' }, el('h2', {}, w('waiting')), ...(found?.tasks ?? []).filter((task) => !known.has(task.id)).map((task) => link(task.id, task.title, [task.note, task.at].filter(Boolean).join(' · '))),
      !found?.tasks?.some((task) => !known.has(task.id)) && el('p', { class: 'sc-empty' }, w('no_tasks'))));
}

/** What a new draft must say before scanning begins. */
function freshForm(key, form, fields) {
  const boxes = fields.map((field) => el('label', { class: 'sc-field' }, el('span', {}, field.label),
    el('select', { class: 'inp', name: field.code, required: true }, el('option', { value: '' }, w('choose')), ...field.choices.map((choice) => el('option', { value: choice.id }, choice.title)))));
  const uuid = crypto.randomUUID();
  const begin = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries([...new FormData(event.target)].map(([code, id]) => [code, Number(id)]));
    try {
      location.hash = `${key}/${(await ask(`${key}/tasks`, { key: uuid, values })).id}`;
    } catch (error) {
      if (error instanceof Offline) toast(w('need_network')); else if (error instanceof Refusal) toast(error.message, { stay: true }); else throw error;
    }
  };
  return el('details', { class: 'sc-fresh' }, el('summary', { class: 'sc-tile' }, icon('plus'), el('span', { class: 'grow' }, `${w('fresh')} · ${form.label}`)),
    el('form', { class: 'sc-form', onsubmit: begin }, ...boxes, el('button', { class: 'btn btn-primary sc-big' }, w('begin'))));
}

async function show() {
  const [app, form, id] = decodeURIComponent(location.hash.slice(1)).split('/');
  shown = null;
  try {
    if (!app) return await showForms();
    const forms = standing.forms.length ? standing.forms : (await read('meta', 'start'))?.forms ?? [];
    const found = forms.find((each) => each.app === app && each.form === form);
    if (!found) return await showForms();
    if (!id) return await showTasks(found);
    shown = await showTask(`${app}/${form}/${id}`, found);
  } catch (error) {
    if (error instanceof SignedOut) { await send(); return put(bar(w('scan'), home), el('div', { id: 'notes' })); }
    put(bar(w('scan'), '#'), el('div', { id: 'notes' }), el('p', { class: 'sc-empty' }, error instanceof Offline ? w('need_network') : error.message));
    if (!(error instanceof Refusal || error instanceof Offline)) throw error;
  }
}

listen((code) => shown?.scan(code));
onChange(async () => { await drawStanding(); await shown?.refresh(); });
addEventListener('hashchange', show);
if ('serviceWorker' in navigator) navigator.serviceWorker.register(`${base}worker.js`, { scope: base, updateViaCache: 'none' }).catch(() => {});
navigator.storage?.persist?.();
put(bar(w('scan'), home), el('p', { class: 'sc-empty' }, w('loading')));
// Without a network the device knows who held it last.
const last = await read('meta', 'start');
if (last) Object.assign(standing, { user: last.user, forms: last.forms });
await send();
show();
