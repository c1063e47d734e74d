/** The end of a task: what differs is read before it is submitted, and submitting twice is submitting once. */
import { el, toast } from '../dom.js';
import { Offline, Refusal, SignedOut, ask } from './net.js';
import { forget, scansOf, write } from './store.js';
import { send } from './sync.js';
import { plain, stateOf } from './tally.js';
import { w } from './words.js';

/** Ask, then submit what was scanned. */
export async function finish(job) {
  const rows = job.rows, scanned = rows.filter((row) => row.done !== null);
  if (!scanned.length) return toast(w('nothing'));
  const notes = rows.map((row) => [row, stateOf(row, job.isCount)]).flatMap(([row, state]) => {
    if (row.done === null) return [[row.name, w('missing'), 'warn']];
    if (state === 'over') return [[row.name, w('over', { n: plain(row.done - row.wanted) }), 'warn']];
    if (state === 'part' || state === 'open') return [[row.name, w('short', { n: plain(row.wanted - row.done) }), 'warn']];
    return state === 'extra' ? [[row.name, `${w('extra')} ${plain(row.done)}`, 'vio']] : [];
  });
  const sheet = el('dialog', { class: 'dlg sc-dlg', 'aria-labelledby': 'sure' }, el('form', { method: 'dialog', class: 'sc-form' },
    el('h2', { id: 'sure' }, w('sure')), el('p', {}, notes.length ? w('sure_text') : w('all_fits')),
    notes.length > 0 && el('ul', { class: 'sc-diff' }, ...notes.map(([name, said, tone]) => el('li', {}, el('span', { class: 'grow' }, name), el('span', { class: `tag tag-${tone}` }, said)))),
    el('div', { class: 'sc-steps' }, el('button', { class: 'btn sc-big', value: '' }, w('go_on')), el('button', { class: 'btn btn-primary sc-big grow', value: 'yes' }, w('submit')))));
  sheet.addEventListener('close', () => { sheet.remove(); if (sheet.returnValue === 'yes') submit(job); });
  document.body.append(sheet);
  return sheet.showModal();
}

async function submit(job) {
  await send();
  const waiting = await scansOf(job.key);
  if (waiting.length) return toast(navigator.onLine ? w('need_sent', { n: waiting.length }) : w('need_network'));
  // The same end is sent with the same name, however often the network breaks in between.
  const { task } = job;
  task.ending ??= crypto.randomUUID();
  await write('tasks', task);
  try {
    const done = await ask(`${job.key}/completion`, { uuid: task.ending, version: task.data.version });
    await forget(job.key, []);
    toast(w('finished', { title: done.title }));
    location.hash = `${job.form.app}/${job.form.form}`;
  } catch (error) {
    if (error instanceof Offline || error instanceof SignedOut) return toast(w('need_network'), { stay: true });
    if (!(error instanceof Refusal)) throw error;
    toast(w('failed', { why: error.message }), { stay: true });
    await send();
  }
  return undefined;
}
