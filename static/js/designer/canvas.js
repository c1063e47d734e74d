/** The canvas: select by a click, the tools over what is selected, names written in place, width by the handle. */
import { $, $$, composing, el, icon } from '../dom.js';
import { addSection, duplicate, mayRequire, remove, rename, toggleRequired } from './canvas-edits.js';
import { WIDTHS, resize, show, step, widen } from './canvas-moves.js';
import { at, saying, select, selected } from './studio.js';

const stage = $('#stage'), tools = $('#tools'), grip = $('#grip'), box = $('#rename');
let page = '', renamed = null;

/* The tools. */

const TOOLS = {
  required: { icon: 'asterisk', say: 'required_button', keys: '*', run: toggleRequired },
  earlier: { icon: 'arrow-left', say: 'earlier', keys: 'Alt+ArrowLeft', run: () => step(selected().path, -1) },
  later: { icon: 'arrow-right', say: 'later', keys: 'Alt+ArrowRight', run: () => step(selected().path, 1) },
  narrower: { icon: 'arrows-minimize', say: 'narrower', keys: 'Shift+ArrowLeft', run: () => widen(selected().path, -1) },
  wider: { icon: 'arrows-horizontal', say: 'wider', keys: 'Shift+ArrowRight', run: () => widen(selected().path, 1) },
  duplicate: { icon: 'copy', say: 'duplicate_button', keys: 'Control+D', run: duplicate },
  delete: { icon: 'trash', say: 'delete_button', keys: 'Delete', run: remove },
};
const OF = {
  field: ['required', 'earlier', 'later', 'narrower', 'wider', 'duplicate', 'delete'],
  column: ['required', 'earlier', 'later', 'duplicate', 'delete'],
  section: ['earlier', 'later', 'delete'],
  tab: ['delete'],
};

function toolNames(found) {
  const isTable = found.dataset.kind === 'lines';
  return OF[found.dataset.type].filter((each) => !(each === 'required' && !mayRequire(found)) && !(isTable && ['narrower', 'wider'].includes(each)));
}

function drawTools(found) {
  const names = toolNames(found), isRow = found.dataset.type === 'section';
  const keyOf = document.activeElement?.dataset?.tool;
  tools.replaceChildren(...names.map((each) => {
    const { icon: picture, say, keys } = TOOLS[each];
    const turned = isRow ? { earlier: 'arrow-up', later: 'arrow-down' }[each] ?? picture : picture;
    return el('button', {
      type: 'button', 'data-tool': each, title: `${saying(say)} ${keys.replace('Arrow', '').replaceAll('+', ' ')}`, 'aria-keyshortcuts': keys, 'aria-label': saying(say),
      'aria-pressed': each === 'required' ? String('required' in found.dataset) : null,
    }, icon(turned, 'ic-14'), el('span', {}, saying(say)));
  }));
  if (keyOf) $(`[data-tool=${keyOf}]`, tools)?.focus({ preventScroll: true });
}

const narrow = matchMedia('(max-width:860px)');

function placeTools() {
  const found = at(selected().path);
  tools.hidden = !found || document.body.classList.contains('is-dragging');
  const isWide = found?.dataset.type === 'field' && found.dataset.kind !== 'lines';
  grip.hidden = tools.hidden || !isWide || narrow.matches || stage.dataset.device === 'phone';
  if (tools.hidden) return;
  const from = stage.getBoundingClientRect(), box2 = found.getBoundingClientRect();
  const top = box2.top - from.top, right = box2.right - from.left;
  tools.style.left = `${Math.max(0, right - tools.offsetWidth)}px`;
  tools.style.top = `${top - tools.offsetHeight - 1 < -6 ? top + box2.height + 3 : top - tools.offsetHeight - 1}px`;
  if (found.dataset.type === 'section' || found.dataset.type === 'tab') tools.style.top = `${top + (box2.height - tools.offsetHeight) / 2}px`;
  grip.style.left = `${right - 7}px`;
  grip.style.top = `${top}px`;
  grip.style.height = `${box2.height}px`;
}

/** Draw again what lies over the canvas. */
export function refresh() {
  openPage(page);
  const found = at(selected().path);
  if (found) drawTools(found);
  placeTools();
}

/* Tabs of the form: one page is in sight, what stands on none always is. */

function openPage(code) {
  const all = $$('#canvas [data-type=tab]');
  const known = all.map((each) => each.dataset.path.slice(1));
  page = known.includes(code) ? code : known[0] ?? '';
  for (const each of all) each.classList.toggle('is-open', each.dataset.path === `#${page}`);
  for (const each of $$('#canvas .page-of')) each.hidden = Boolean(each.dataset.page) && each.dataset.page !== page;
}

document.addEventListener('designer:reveal', ({ detail: { found } }) => {
  const code = found.dataset.type === 'tab' ? found.dataset.path.slice(1) : found.closest('[data-page]')?.dataset.page;
  if (code && code !== page) openPage(code);
});
document.addEventListener('designer:select', refresh);
document.addEventListener('designer:changed', refresh);
document.addEventListener('designer:placed', placeTools);
addEventListener('resize', placeTools);
new ResizeObserver(placeTools).observe(stage);

/* Clicks. */

tools.addEventListener('click', (event) => {
  const name = event.target.closest('[data-tool]')?.dataset.tool;
  if (name) TOOLS[name].run();
});
tools.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  const all = $$('button', tools), place = all.indexOf(event.target);
  const next = { ArrowRight: place + 1, ArrowLeft: place - 1 }[event.key];
  if (event.key === 'Escape') at(selected().path)?.focus();
  else if (next === undefined) return;
  else all.at(next % all.length)?.focus();
  event.preventDefault();
  event.stopPropagation();
});

stage.addEventListener('click', (event) => {
  // What was clicked may be gone already: the tools are drawn again by what they do.
  if ([tools, box, grip].some((each) => event.composedPath().includes(each))) return;
  if (event.target.closest('#add-section')) { addSection(); return; }
  if (event.target.closest('[data-add-column]')) return;
  const found = event.target.closest('[data-stop]');
  const section = event.target.closest('.sec-none')?.closest('[data-section]')?.querySelector('[data-type=section]');
  const wanted = (found ?? section)?.dataset.path ?? '';
  // A second click on the name of what is selected already writes another one.
  if (found && wanted === selected().path && event.target.closest('[data-name]') && event.detail < 3) { edit(wanted); return; }
  select(wanted, { focus: Boolean(wanted), reveal: Boolean(wanted) });
});
stage.addEventListener('dblclick', (event) => {
  const found = event.target.closest('[data-stop]');
  if (found && event.target.closest('[data-name], .sec-h')) edit(found.dataset.path);
});
// A click beside the paper selects the form itself.
$('#main').addEventListener('click', (event) => { if (event.target === event.currentTarget) select(''); });

/* Names, written where they stand. */

/** Open the box for the name of something on the canvas. */
export function edit(path) {
  const found = at(path);
  if (!found) return;
  if (selected().path !== path) select(path);
  renamed = path;
  const name = $('[data-name]', found), from = stage.getBoundingClientRect(), where = name.getBoundingClientRect();
  box.hidden = false;
  box.value = found.dataset.label;
  const room = found.getBoundingClientRect();
  box.style.left = `${Math.max(0, where.left - from.left - 7)}px`;
  box.style.top = `${where.top - from.top + (where.height - box.offsetHeight) / 2}px`;
  box.style.width = `${Math.max(140, Math.min(300, room.right - where.left + 4))}px`;
  box.focus({ preventScroll: true });
  box.select();
}

function close(isKept, isBack = true) {
  const path = renamed;
  if (path === null) return;
  renamed = null;
  box.hidden = true;
  if (isBack) at(path)?.focus({ preventScroll: true });
  if (isKept) rename(path, box.value.trim());
}

box.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  event.stopPropagation();
  if (event.key === 'Enter') { event.preventDefault(); close(true); }
  else if (event.key === 'Escape') { event.preventDefault(); close(false); }
});
box.addEventListener('blur', () => close(true, false));

/* The handle: as wide as the pointer says, in steps. */

grip.addEventListener('pointerdown', (event) => {
  const found = at(selected().path);
  if (!found || event.button !== 0) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  document.body.classList.add('is-resizing');
  const holder = found.parentElement.getBoundingClientRect(), left = found.getBoundingClientRect().left, was = Number(found.dataset.width);
  const unit = holder.width / 12;
  const follow = (moved) => {
    const wanted = (moved.clientX - left) / unit;
    const width = WIDTHS.reduce((best, each) => (Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best));
    if (width !== Number(found.dataset.width)) { show(found, width); placeTools(); }
  };
  const end = () => {
    grip.removeEventListener('pointermove', follow);
    document.body.classList.remove('is-resizing');
    const width = Number(found.dataset.width);
    if (width !== was) resize(found.dataset.path, width);
  };
  grip.addEventListener('pointermove', follow);
  grip.addEventListener('lostpointercapture', end, { once: true });
});
