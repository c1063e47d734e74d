/** The flow of this page: its operations, its nodes, and where they stand. */
import { $, $$, toast } from '../../dom.js';
import { model } from '../tab-model.js';
import { announce, at, saying, select, selected, send, undo } from '../studio.js';

export const isPhone = () => matchMedia('(max-width:860px)').matches;
/** Steps and branches in the order they are read. */
export const nodes = () => $$('#canvas [data-stop]');
/** What kind of node a path is: `start`, `step`, `branch`, `fork`. */
export const typeOf = (path) => at(path)?.dataset.type;
export const nameOf = (path) => at(path)?.dataset.label ?? '';

/** Send operations on the flow of this page. */
export const change = (ops, options) => send(ops.map((op) => ({ flow: model.flow, ...op })), options);

/** Add a step where a + stands, and select it. */
export async function add(step, to, rest = false) {
  const done = await change([{ op: 'add_step', step, to, ...(rest ? { rest } : {}) }]);
  if (!done.ok) return;
  const fork = $(`#canvas [data-fork="${done.created[0]}"]`);
  // Of a fork the first condition is what comes next.
  const first = fork && $('.fcnd', fork)?.dataset.path;
  arrived(first ?? done.created[0]);
}

export async function addBranch(fork) {
  const done = await change([{ op: 'add_branch', step: fork }]);
  if (done.ok) arrived(done.created[0]);
}

/** What was just made is selected, and waits for its name. */
function arrived(path) {
  select(path);
  document.dispatchEvent(new CustomEvent('flow:named', { detail: { path } }));
  announce(saying('flow_added', { label: nameOf(path) }));
}

export async function remove(path = selected().path) {
  const found = at(path);
  if (!found || found.dataset.fixed !== undefined) { if (found) toast(saying('flow_stays')); return; }
  const all = nodes(), place = all.indexOf(found), label = nameOf(path), next = all[place - 1]?.dataset.path ?? '';
  const isFocused = $('#canvas').contains(document.activeElement);
  const done = await change([{ op: 'delete_step', step: path }]);
  if (!done.ok) return;
  select(next, { focus: isFocused });
  toast(saying('flow_removed', { label }), { undo });
}

export async function copy(path = selected().path, to = null) {
  const done = await change([{ op: 'copy_step', step: path, ...(to ? { to } : {}) }]);
  if (!done.ok) return;
  select(done.created[0], { focus: true });
  announce(saying('flow_copied', { label: nameOf(path) }));
}

/** One place up or down in its list; of a branch, its priority. */
export async function move(by, path = selected().path) {
  const found = at(path);
  if (!found?.dataset.index) return;
  const to = Number(found.dataset.index) + by, last = Number(found.dataset.last);
  if (to < 0 || to > last) { announce(saying('at_end')); return; }
  const home = found.dataset.type === 'branch' ? {} : { in: found.dataset.in };
  const done = await change([{ op: 'move_step', step: path, to: { ...home, index: to } }]);
  if (!done.ok) return;
  select(path, { focus: true });
  announce(saying('flow_moved', { label: nameOf(path), place: to + 1 }));
}
