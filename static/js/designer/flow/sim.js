/** A dry run: a document or typed values and an initiator; the path lights up and names who is asked. */
import { $, $$, composing } from '../../dom.js';
import { saying, select } from '../studio.js';

const box = $('#sim'), opener = $('#sim-open'), PAUSE = 250;
let timer = 0, request = null;

async function run(isFirst = false) {
  request?.abort();
  request = new AbortController();
  const address = new URL(opener.dataset.from, location.href), form = $('form', box);
  if (form && !isFirst) for (const [name, value] of new FormData(form)) address.searchParams.append(name, value);
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin', signal: request.signal }).catch((error) => (error.name === 'AbortError' ? undefined : null));
  if (answer === undefined) return;
  if (!answer?.ok) { $('.sim-out', box)?.replaceChildren(saying('flow_failed')); return; }
  const text = await answer.text().catch(() => null);
  if (text === null) return;
  await window.htmx.swap({ text, sourceElement: box, target: box, swap: 'innerMorph' });
  light();
}

/** Light the way up: cards that are reached, lanes that are taken, the lines between them. */
export function light() {
  const out = $('.sim-out', box), isOn = !box.hidden && out;
  const reached = new Set(isOn ? JSON.parse(out.dataset.path) : []), nobody = new Set(isOn ? JSON.parse(out.dataset.nobody) : []);
  const canvas = $('#canvas');
  canvas.classList.toggle('is-run', Boolean(isOn));
  for (const each of $$('[data-stop]', canvas)) {
    each.classList.toggle('on', reached.has(each.dataset.path));
    each.classList.toggle('nobody', nobody.has(each.dataset.path));
  }
  for (const fork of $$('.brw', canvas)) lanes(fork, reached);
  for (const each of $$('.fp-wrap', canvas)) each.classList.toggle('on', follows(each, reached));
  $('#flow-end')?.classList.toggle('on', Boolean(isOn) && out.dataset.end === '1');
}

/** A line is lit where what stands before it was reached and left. */
function follows(line, reached) {
  const before = line.previousElementSibling;
  if (!before) return false;
  const path = before.dataset.path ?? before.dataset.fork ?? $('[data-stop]', before)?.dataset.path;
  return reached.has(path);
}

function lanes(fork, reached) {
  const all = $$(':scope > .br > .col', fork), hits = all.map((each) => reached.has(each.dataset.lane));
  const mid = (all.length - 1) / 2;
  fork.classList.toggle('on', reached.has(fork.dataset.fork));
  all.forEach((each, at) => {
    each.classList.toggle('on', hits[at]);
    // The bar runs from the middle of the fork to each lane that is taken.
    each.classList.toggle('hl-r', hits.some((hit, to) => hit && ((to < mid && at >= to && at < mid) || (to > mid && at < to && at >= mid))));
    each.classList.toggle('hl-l', hits.some((hit, to) => hit && ((to < mid && at > to && at <= mid) || (to > mid && at <= to && at > mid))));
  });
}

function open(isOpen) {
  box.hidden = !isOpen;
  opener.setAttribute('aria-pressed', String(isOpen));
  if (isOpen) run(true); else { light(); opener.focus(); }
}

if (opener) {
  opener.addEventListener('click', () => open(box.hidden));
  box.addEventListener('input', (event) => { if (!composing(event)) { clearTimeout(timer); timer = setTimeout(run, PAUSE); } });
  box.addEventListener('submit', (event) => { event.preventDefault(); run(); });
  box.addEventListener('click', (event) => {
    if (event.target.closest('#sim-close')) open(false);
    const step = event.target.closest('[data-go]');
    if (step) select(step.dataset.go);
  });
  box.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !composing(event)) { event.stopPropagation(); open(false); } });
  document.addEventListener('designer:changed', () => { if (!box.hidden) run(); });
}
