/** The keyboard of the canvas: every edit has a key. */
import { $, composing, toast } from '../dom.js';
import { duplicate, remove, toggleRequired } from './canvas-edits.js';
import { nearest, row, step, stops, widen } from './canvas-moves.js';
import { edit } from './canvas.js';
import { openInsert } from './insert.js';
import { at, redo, saying, select, selected, undo } from './studio.js';

const writing = (target) => target.closest?.('input, textarea, select, [contenteditable], dialog[open]');
const here = (target) => target === document.body || target.id === 'main' || Boolean(target.closest?.('#canvas'));

function walk(key) {
  const found = at(selected().path), all = stops();
  if (!found) return select(all[0]?.dataset.path ?? '', { focus: true });
  const place = all.indexOf(found);
  const next = { ArrowLeft: () => all[place - 1], ArrowRight: () => all[place + 1], ArrowUp: () => nearest(found, -1) ?? all[place - 1], ArrowDown: () => nearest(found, 1) ?? all[place + 1] }[key]();
  return next && select(next.dataset.path, { focus: true });
}

function arrow(event) {
  const { path } = selected(), by = /Right|Down/.test(event.key) ? 1 : -1, isAcross = /Left|Right/.test(event.key);
  if (event.altKey) return isAcross ? step(path, by) : row(path, by);
  if (event.shiftKey) return isAcross ? widen(path, by) : null;
  return walk(event.key);
}

function draftKey(event) {
  const key = event.key.toLowerCase();
  if (key === 'z') return event.shiftKey ? redo : undo;
  if (key === 'y') return redo;
  if (key === 'enter') return () => $('#publish').click();
  return key === 's' ? () => toast(saying('saved')) : null;
}

function fieldKey(event) {
  const { path } = selected();
  if (event.key === 'Delete' || event.key === 'Backspace') return path ? remove : null;
  if (event.key === 'Enter' || event.key === 'F2') return path ? () => edit(path) : null;
  if (event.key === '*') return toggleRequired;
  if (event.key === 'Home' || event.key === 'End') return () => select(stops().at(event.key === 'Home' ? 0 : -1)?.dataset.path ?? '', { focus: true });
  if (event.key === 'Escape') return path ? () => { select(''); $('#main').focus({ preventScroll: true }); } : null;
  return null;
}

function wanted(event) {
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && !event.altKey) {
    const found = draftKey(event);
    if (found) return found;
    return event.key.toLowerCase() === 'd' && here(event.target) && selected().field ? duplicate : null;
  }
  if (!here(event.target) || isCommand) return null;
  if (/^Arrow/.test(event.key)) return () => arrow(event);
  if (event.key === '/' && !event.altKey) return () => openInsert();
  // A button of the canvas keeps its own keys.
  return event.target.closest('button') ? null : fieldKey(event);
}

document.addEventListener('keydown', (event) => {
  if (composing(event) || event.defaultPrevented || writing(event.target)) return;
  const run = wanted(event);
  if (!run) return;
  event.preventDefault();
  run();
});
// Whoever walks in by Tab selects what they land on; a pointer says itself what it selects.
let isPointing = false;
$('#stage').addEventListener('pointerdown', () => { isPointing = true; }, true);
addEventListener('pointerup', () => setTimeout(() => { isPointing = false; }), true);
addEventListener('dragend', () => { isPointing = false; }, true);
$('#stage').addEventListener('focusin', (event) => {
  const found = event.target.closest('[data-stop]');
  if (!isPointing && found && found === event.target && found.dataset.path !== selected().path) select(found.dataset.path);
});
