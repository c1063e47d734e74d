/** Beside the canvas: its size, its JSON, what stands where. */
import { $, $$, composing, toast } from '../../dom.js';
import { model } from '../tab-model.js';
import { saying } from '../studio.js';
import { change } from './flow.js';
import { centre } from './canvas.js';

const KEPT = 'dajian.flow.zoom', LEAST = 50, MOST = 140;

/* Zoom. */

function zoom(to) {
  const size = Math.min(MOST, Math.max(LEAST, to));
  $('#canvas').dataset.zoom = String(size);
  $('#zoom').textContent = `${size}%`;
  localStorage.setItem(KEPT, String(size));
}
const size = () => Number(localStorage.getItem(KEPT)) || 100;

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-zoom]:not(#canvas)');
  if (button) zoom(size() + Number(button.dataset.zoom));
  else if (event.target.closest('#json-open')) json($('#json').hidden);
  else if (event.target.closest('#json-close')) json(false);
  else if (event.target.closest('#json-keep')) keep();
  else if (event.target.closest('[data-new-flow]')) fresh(event.target.closest('[data-new-flow]').dataset.newFlow);
});
document.addEventListener('designer:changed', () => { if ($('#zoom') && size() !== 100) $('#canvas').dataset.zoom = String(size()); });

/* JSON. */

const written = () => JSON.stringify(JSON.parse($('#flow-json').textContent), null, 2);

function json(isOpen) {
  $('#json').hidden = !isOpen;
  $('#json-open').setAttribute('aria-pressed', String(isOpen));
  if (isOpen) { $('#json-text').value = written(); $('#json-text').focus(); } else $('#json-open').focus();
}

async function keep() {
  let value = null;
  try { value = JSON.parse($('#json-text').value); } catch (error) { toast(saying('flow_json_wrong', { why: error.message }), { stay: true }); return; }
  const done = await change([{ op: 'set_part', flow: undefined, part: 'workflows', code: model.flow, value }]);
  if (done.ok) toast(saying('flow_json_kept'));
}
document.addEventListener('designer:changed', () => { if (!$('#json').hidden && document.activeElement !== $('#json-text')) $('#json-text').value = written(); });
$('#json').addEventListener('keydown', (event) => { if (event.key === 'Escape' && !composing(event)) { event.stopPropagation(); json(false); } });

/* One more flow. */

async function fresh(on) {
  const trigger = on === 'submit' ? {} : { trigger: { on } };
  const done = await change([{ op: 'add_flow', flow: undefined, form: model.form, ...trigger }]);
  if (done.ok) location.assign(model.base.replace(/\/flows\/[^/]+$/, `/flows/${done.created[0]}`));
}

/* What is wrong stands on the card it is about. */

document.addEventListener('designer:problems', () => {
  const found = $$('#problems-list [data-path]').filter((each) => each.dataset.path && !each.dataset.href);
  for (const each of $$('#canvas [data-problem-of]')) {
    const own = found.find((one) => one.dataset.path === each.dataset.problemOf), card = each.closest('[data-stop]');
    each.hidden = !own;
    each.classList.toggle('is-warn', Boolean(own) && !own.matches('.is-err'));
    each.textContent = own?.dataset.text ?? '';
    card.classList.toggle('err', Boolean(own?.matches('.is-err')));
    card.classList.toggle('warn', Boolean(own) && !own.matches('.is-err'));
  }
  panelProblems(found);
});

function panelProblems(found = $$('#problems-list [data-path]')) {
  const box = $('#pp-problems'), of = $('#panel')?.dataset.path;
  if (!box) return;
  const own = found.filter((each) => each.dataset.path === of && !each.dataset.href);
  box.hidden = !own.length;
  box.replaceChildren(...own.map((each) => {
    const made = document.createElement('li');
    made.className = each.matches('.is-err') ? 'pp-err' : 'pp-warn';
    made.textContent = each.dataset.text;
    return made;
  }));
}
document.addEventListener('flow:panel', () => panelProblems());

if ($('#zoom')) zoom(size());
centre();
