/** The left side: library, outline, bin; on a phone one pane at a time. */
import { $, $$, composing, toast } from '../dom.js';
import { remove } from './canvas-edits.js';
import { row, step } from './canvas-moves.js';
import { edit } from './canvas.js';
import { pane } from './pane.js';
import { redraw, saying, select, selected, send } from './studio.js';

const tabs = $$('.dz-seg [role=tab]');

function open(tab, isFocused = false) {
  for (const each of tabs) {
    const isOpen = each === tab;
    each.setAttribute('aria-selected', String(isOpen));
    each.tabIndex = isOpen ? 0 : -1;
    document.getElementById(each.getAttribute('aria-controls')).hidden = !isOpen;
  }
  if (isFocused) tab.focus();
}
for (const tab of tabs) tab.addEventListener('click', () => open(tab));
$('.dz-seg').addEventListener('keydown', (event) => {
  if (composing(event)) return;
  const place = tabs.indexOf(event.target), next = { ArrowRight: place + 1, ArrowLeft: place - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  open(tabs.at(next % tabs.length), true);
});

/* The outline follows the selection, and the selection follows it. */

const leaves = () => $$('#outline [data-leaf]').filter((each) => each.dataset.path && each.offsetParent);

function follow() {
  const { path } = selected();
  for (const leaf of $$('#outline [data-leaf]')) {
    const isIt = Boolean(path) && leaf.dataset.path === path;
    leaf.setAttribute('aria-selected', String(isIt));
    leaf.tabIndex = -1;
  }
  const found = $('#outline [aria-selected=true]') ?? $('#outline [data-leaf]');
  if (found) { found.tabIndex = 0; if (found.offsetParent) $('.ol-row', found).scrollIntoView({ block: 'nearest' }); }
}
document.addEventListener('designer:select', follow);
document.addEventListener('designer:changed', follow);

const side = $('#view-outline');
const leaf = (path) => $(`#outline [data-path="${path}"]`);
side.addEventListener('click', (event) => {
  const found = event.target.closest('[data-leaf]');
  if (found?.dataset.path) { select(found.dataset.path); found.focus({ preventScroll: true }); }
});
side.addEventListener('dblclick', (event) => { const found = event.target.closest('[data-leaf]'); if (found?.dataset.path) { pane('canvas'); edit(found.dataset.path); } });
side.addEventListener('keydown', (event) => {
  if (composing(event) || !event.target.matches('[data-leaf]')) return;
  const { path } = event.target.dataset, all = leaves(), place = all.indexOf(event.target);
  const by = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by && event.altKey) Promise.resolve(/Up|Down/.test(event.key) ? step(path, by) : row(path, by)).then(() => leaf(path)?.focus());
  else if (by) { const next = all[place + by]; if (next) { select(next.dataset.path); next.focus(); } }
  else if (event.key === 'Enter' || event.key === 'F2') edit(path);
  else if (event.key === 'Delete') remove();
  else return;
  event.preventDefault();
});

/* The bin. */

$('#view-bin').addEventListener('click', async (event) => {
  const button = event.target.closest('[data-restore]');
  if (!button) return;
  const { restore, lines, label } = button.dataset;
  const done = await send([{ op: 'restore', ...(lines ? { lines } : {}), field_id: restore }]);
  if (!done.ok) return;
  toast(saying('restored', { label }));
  const code = done.created[0];
  if (code) select(lines ? `${lines}.${code}` : code);
  ($('#bin [data-restore]') ?? $('#tab-bin')).focus();
});

/* Panes of a phone. */

$('.dz-tabs').addEventListener('click', (event) => { const found = event.target.closest('[data-pane]'); if (found) pane(found.dataset.pane); });
document.addEventListener('designer:open', ({ detail: { what } }) => pane(what));
document.addEventListener('designer:asked', () => open($('#tab-lib')));

/* Through other eyes, and on another device. */

$('#as')?.addEventListener('change', ({ target: { value } }) => {
  const link = $('#preview'), address = new URL(link.href);
  if (value) address.searchParams.set('as', value); else address.searchParams.delete('as');
  link.href = address.href;
  redraw();
});
$('.dz-bar').addEventListener('click', (event) => {
  const button = event.target.closest('button[data-device]');
  if (!button) return;
  $('#stage').dataset.device = button.dataset.device;
  for (const each of $$('.dz-bar button[data-device]')) each.setAttribute('aria-pressed', String(each === button));
  document.dispatchEvent(new CustomEvent('designer:placed'));
});
