/** Dragging with the mouse: fields, columns, sections, and new ones out of the library. */
import Sortable from '../../vendor/sortable.js';
import { $, $$ } from '../dom.js';
import { moveTo, placeOf } from './canvas-moves.js';
import { add } from './insert.js';
import { announce, hold, redraw, saying, select, send } from './studio.js';

const narrow = matchMedia('(max-width:860px)');
const common = { animation: 140, ghostClass: 'sortable-ghost', chosenClass: 'is-chosen', delayOnTouchOnly: true, delay: 250, scroll: true, bubbleScroll: true };
const children = (holder) => [...holder.children].filter((each) => each.matches('[data-stop], .chip'));
let free = null;

function begin() {
  document.body.classList.add('is-dragging');
  free = hold();
  document.dispatchEvent(new CustomEvent('designer:placed'));
}

function end() {
  document.body.classList.remove('is-dragging');
  free?.();
  free = null;
  document.dispatchEvent(new CustomEvent('designer:placed'));
}

/** A kind was let go over a group: the chip gives way to the field. */
function dropped({ item, to }) {
  const index = children(to).indexOf(item), { kind } = item.dataset;
  item.remove();
  if (kind.startsWith('@')) { add(kind); return; }
  const lines = to.dataset.columns;
  add(kind, { where: lines ? { lines, to: { index } } : { to: placeOf(to, index) } });
}

function moved({ item, to, from, oldDraggableIndex, newDraggableIndex }) {
  if (!item.matches('[data-stop]')) return;
  if (to === from && oldDraggableIndex === newDraggableIndex) { select(item.dataset.path); return; }
  moveTo(item, to, children(to).indexOf(item));
}

function sorted({ item, oldDraggableIndex, newDraggableIndex }) {
  if (oldDraggableIndex === newDraggableIndex) return;
  const all = $$('#canvas [data-section]').filter((each) => each.dataset.section);
  const index = all.indexOf(item);
  announce(saying('moved_section', { label: $('[data-name]', item).textContent, place: index + 1 }));
  send([{ op: 'move_section', section: item.dataset.section, index }]);
}

// A line table takes no other line table and nothing of the layout.
const takesColumn = (_to, _from, item) => item.matches('.sc') ? _to.el === _from.el : item.matches('.chip') && !item.hasAttribute('data-header-only');

function dress(holder, options) {
  const known = Sortable.get(holder);
  if (known) { known.option('disabled', narrow.matches); return; }
  Sortable.create(holder, { ...common, disabled: narrow.matches, onStart: begin, onEnd: (event) => { end(); if (event.from !== event.to || event.item.matches('[data-stop]')) options.done(event); }, ...options });
}

/** Give every group of the canvas its dragging; groups that were dressed stay as they are. */
function dressAll() {
  for (const holder of $$('#canvas [data-drop]')) {
    // What no section holds can be taken out, not put in.
    const isLoose = !holder.dataset.drop && $$('#canvas [data-drop]').length > 1;
    dress(holder, { group: { name: 'fields', put: isLoose ? false : ['fields', 'kinds'] }, draggable: '.cf', filter: '.subt', preventOnFilter: false, done: moved, onAdd: added });
  }
  for (const holder of $$('#canvas [data-columns]')) dress(holder, { group: { name: `columns-${holder.dataset.columns}`, put: takesColumn }, draggable: '.sc:not(.sc-add)', done: moved, onAdd: added });
  for (const holder of $$('#canvas [data-page]')) dress(holder, { group: `sections-${holder.dataset.page}`, draggable: '.sec', handle: '[data-grip]', done: sorted });
}

function added(event) { if (event.item.matches('.chip')) dropped(event); }

for (const shelf of $$('#library [data-shelf]')) {
  Sortable.create(shelf, { ...common, group: { name: 'kinds', pull: 'clone', put: false }, sort: false, draggable: '.chip', disabled: narrow.matches, onStart: begin, onEnd: end });
}
dressAll();
document.addEventListener('designer:changed', dressAll);
narrow.addEventListener('change', () => {
  dressAll();
  for (const shelf of $$('#library [data-shelf]')) Sortable.get(shelf).option('disabled', narrow.matches);
});
// Escape while something is in the air puts it back.
document.addEventListener('dragend', (event) => { if (event.dataTransfer?.dropEffect === 'none' && free) { end(); redraw(); } });
