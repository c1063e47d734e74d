/** The canvas of a flow: clicks and keys; every edit has both. */
import { $, composing } from '../../dom.js';
import { model } from '../tab-model.js';
import { pane } from '../pane.js';
import { announce, at, redo, saying, select, selected, undo } from '../studio.js';
import { openMenu } from './menu.js';
import { addBranch, change, copy, isPhone, move, nodes, remove } from './flow.js';

const canvas = () => $('#canvas');
let copied = '';

document.addEventListener('click', (event) => {
  const hit = (selector) => event.target.closest(selector);
  if (hit('#flow-make')) { change([{ op: 'add_flow', form: model.form, flow: undefined, ...(model.document ? {} : { trigger: { on: 'create' } }) }]).then((done) => { if (done.ok) location.reload(); }); return; }
  if (!canvas()?.contains(event.target)) return;
  const add = hit('.fadd'), branch = hit('[data-add-branch]'), node = hit('[data-stop]');
  if (add) openMenu(add);
  else if (branch) addBranch(branch.dataset.addBranch);
  else if (node) { select(node.dataset.path, { reveal: false }); if (isPhone()) pane('props'); }
});

/* Keys: a list of nodes, read from the top; branches lie side by side. */

const beside = (found, by) => {
  const home = found.closest('.col'), next = by > 0 ? home?.nextElementSibling : home?.previousElementSibling;
  return next ? $('.fcnd', next) : null;
};

function walk(key) {
  const found = at(selected().path), all = nodes(), place = all.indexOf(found);
  const next = { ArrowDown: () => all[place + 1], ArrowUp: () => all[place - 1], ArrowRight: () => beside(found, 1) ?? all[place + 1], ArrowLeft: () => beside(found, -1) ?? all[place - 1] }[key]();
  if (next) select(next.dataset.path, { focus: true });
}

/** The + behind a node; of a branch the one at its head. */
const plusOf = (found) => {
  const home = found.dataset.type === 'fork' || found.dataset.kind === 'loop' ? found.closest('[data-home]') : found;
  return home.nextElementSibling?.querySelector('.fadd');
};

function paste() {
  const found = at(selected().path);
  if (!copied || !found || !at(copied)) return null;
  if (at(copied).dataset.type === 'branch') return copy(copied);
  const plus = plusOf(found);
  return plus && copy(copied, { in: plus.dataset.in, index: Number(plus.dataset.index) });
}

function command(event) {
  const key = event.key.toLowerCase(), { path } = selected();
  if (key === 'z') return event.shiftKey ? redo : undo;
  if (key === 'y') return redo;
  if (key === 'enter') return () => $('#publish').click();
  if (!canvas()?.contains(event.target)) return null;
  if (key === 'c' && path && !String(getSelection())) return () => { copied = path; announce(saying('flow_kept', { label: at(path).dataset.label })); };
  if (key === 'v') return paste;
  return key === 'd' && path ? () => copy() : null;
}

function plain(event, found) {
  if (event.altKey) {
    const by = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[event.key];
    return by ? () => move(by) : null;
  }
  if (/^Arrow/.test(event.key)) return () => walk(event.key);
  if (event.key === 'Enter' || event.key === ' ') return () => { select(found.dataset.path, { reveal: false }); pane('props'); document.dispatchEvent(new CustomEvent('flow:settings')); };
  if (event.key === '+' || event.key === '/') return () => { const plus = plusOf(found); if (plus) openMenu(plus); };
  if (event.key === 'Delete' || event.key === 'Backspace') return () => remove(found.dataset.path);
  if (event.key === 'Home') return () => select(nodes()[0].dataset.path, { focus: true });
  return event.key === 'End' ? () => select(nodes().at(-1).dataset.path, { focus: true }) : null;
}

const writing = (target) => target.closest?.('input, textarea, select, [contenteditable], dialog[open], .fmenu');

document.addEventListener('keydown', (event) => {
  if (composing(event) || event.defaultPrevented || writing(event.target)) return;
  const found = event.target.closest?.('#canvas [data-stop]');
  const run = event.ctrlKey || event.metaKey ? command(event) : found && plain(event, found);
  if (!run) return;
  event.preventDefault();
  run();
});

/** The middle of a wide flow is where it begins. */
export function centre() {
  const box = $('.fc-scroll');
  if (box) box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;
}
