/** Where things stand on the canvas and how they get elsewhere: shown at once, kept by an operation. */
import { $, $$ } from '../dom.js';
import { announce, at, saying, select, send } from './studio.js';

export const WIDTHS = [2, 3, 4, 6, 8, 9, 12];
const children = (holder) => [...holder.children].filter((each) => each.matches('[data-stop]'));
const shown = (each) => each.offsetParent !== null;
export const stops = () => $$('#canvas [data-stop]').filter(shown);
const name = (found) => found.dataset.label;

/** The group a field stands in, and its place there. */
function standing(found) {
  const holder = found.parentElement;
  return { holder, index: children(holder).indexOf(found), count: children(holder).length };
}

function put(found, holder, index) {
  const others = children(holder).filter((each) => each !== found);
  const isFocused = document.activeElement === found;
  holder.insertBefore(found, others[index] ?? (holder.matches('[data-columns]') ? $('.sc-add', holder) : null));
  if (isFocused) found.focus({ preventScroll: true });
}

/** Move a field or column to a place of a group and keep that. */
export function moveTo(found, holder, index) {
  const { path, type } = found.dataset;
  put(found, holder, index);
  select(path);
  announce(saying('moved', { label: name(found), place: index + 1 }));
  if (type === 'column') {
    const [lines, field] = path.split('.');
    return send([{ op: 'move', lines, field, to: { index } }]);
  }
  return send([{ op: 'move', field: path, to: placeOf(holder, index) }]);
}

/** What an operation calls a place: forms without sections have none to name. */
export function placeOf(holder, index) {
  const section = holder.dataset.drop;
  return section ? { section, index } : { index };
}

const groups = () => $$('#canvas [data-drop]').filter((each) => each.dataset.drop || $$('#canvas [data-drop]').length === 1);

function along(found, by) {
  const { holder, index, count } = standing(found);
  const next = index + by;
  if (next >= 0 && next < count) return moveTo(found, holder, next);
  if (found.dataset.type === 'column') return announce(saying('at_end'));
  const all = groups(), other = all[all.indexOf(holder) + by];
  if (!other) return announce(saying('at_end'));
  return moveTo(found, other, by > 0 ? 0 : children(other).length);
}

function sections() {
  return $$('#canvas [data-section]').filter((each) => each.dataset.section);
}

function alongSections(found, by) {
  const own = found.closest('[data-section]'), all = sections(), index = all.indexOf(own) + by;
  const other = all[index];
  if (!other || other.parentElement !== own.parentElement) return announce(saying('at_end'));
  other[by > 0 ? 'after' : 'before'](own);
  found.focus({ preventScroll: true });
  announce(saying('moved_section', { label: name(found), place: index + 1 }));
  return send([{ op: 'move_section', section: own.dataset.section, index }]);
}

/** Tabs of the form as they stand. */
export const tabs = () => $$('#canvas [data-type=tab]').map((each) => ({ code: each.dataset.path.slice(1), found: each }));

/** Move what is selected one place on (1) or back (-1). */
export function step(path, by) {
  const found = at(path);
  if (!found) return null;
  if (found.dataset.type === 'section') return alongSections(found, by);
  if (found.dataset.type === 'tab') return null;
  return along(found, by);
}

const middle = (each) => { const box = each.getBoundingClientRect(); return { x: box.left + box.width / 2, y: box.top + box.height / 2, box }; };

/** The stop above (-1) or below (1) that is nearest. */
export function nearest(found, by, among = stops()) {
  const own = middle(found);
  let best = null;
  for (const each of among) {
    if (each === found || each.contains(found) || found.contains(each)) continue;
    const its = middle(each);
    const away = by > 0 ? its.box.top - own.box.bottom : own.box.top - its.box.bottom;
    if (away < -8) continue;
    const rank = Math.max(0, away) * 4 + Math.abs(its.x - own.x) + (own.box.left >= its.box.left - 4 && own.box.left < its.box.right ? 0 : 40);
    if (!best || rank < best.rank) best = { each, rank };
  }
  return best?.each ?? null;
}

/** Move what is selected to the row above or below. */
export function row(path, by) {
  const found = at(path);
  if (!found) return null;
  if (found.dataset.type !== 'field') return step(path, by);
  const fields = stops().filter((each) => each.dataset.type === 'field');
  const { holder, index } = standing(found);
  const other = nearest(found, by, fields);
  const own = groups(), hop = own[own.indexOf(holder) + by];
  if (!other || (other.parentElement !== holder && hop && hop !== other.parentElement)) {
    if (!hop) return along(found, by);
    return moveTo(found, hop, by > 0 ? 0 : children(hop).length);
  }
  if (other.parentElement !== holder) return moveTo(found, other.parentElement, by > 0 ? 0 : children(other.parentElement).length);
  const there = children(holder).indexOf(other);
  return there === index ? null : moveTo(found, holder, there);
}

/** Give a field a width, shown at once. */
export function show(found, width) {
  for (const each of WIDTHS) found.classList.toggle(`c-${each}`, each === width);
  found.dataset.width = width;
}

export function resize(path, width) {
  const found = at(path);
  if (!found || found.dataset.type !== 'field' || found.dataset.kind === 'lines') return null;
  show(found, width);
  announce(saying('resized', { label: name(found), width }));
  return send([{ op: 'resize', field: path, width }]);
}

/** One width more (1) or less (-1). */
export function widen(path, by) {
  const found = at(path);
  if (!found) return null;
  const now = Number(found.dataset.width), place = WIDTHS.findIndex((each) => each >= now);
  const next = WIDTHS[place + by];
  return next ? resize(path, next) : announce(saying('at_end'));
}

/** What to select when something goes away. */
export function neighbour(found) {
  const { holder, index } = standing(found);
  const all = children(holder);
  return (all[index + 1] ?? all[index - 1])?.dataset.path ?? found.closest('[data-section]')?.querySelector('[data-type=section]')?.dataset.path ?? '';
}
