/** Boards and calendars: a record is moved by dragging, by a choice beside it, or with Alt and the arrows. */
import { $, $$, composing, toast } from '../dom.js';
import { shiftDay } from '../typed.js';
import { t } from '../texts.js';

const look = () => $('#look');
const HEADERS = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' };
let dragged = null, asked = null;

/** Draw the look again as its address says it; the card that was moved keeps the focus. */
async function redraw(id) {
  await window.htmx.ajax('GET', location.href, { target: '#look', swap: 'outerMorph' });
  setTimeout(() => $(`#card-${id} a`)?.focus({ preventScroll: true }), 50);
}

/** On a board of states moving is an act: a draft is submitted, a document goes out of force with a reason. */
async function act(card, lane) {
  const href = JSON.parse(card.dataset.acts)[lane], title = $('a', card).textContent;
  if (!href) { if (lane !== card.dataset.value) toast(t('no_way', { what: title })); redraw(card.dataset.id); return; }
  const reason = lane === 'cancelled' ? await whyAsked() : '';
  if (reason === null) { redraw(card.dataset.id); return; }
  const body = new URLSearchParams({ version: card.dataset.version, reason, csrf_token: $('input[name=csrf_token]').value });
  const answer = await fetch(href, { method: 'POST', body, headers: HEADERS, credentials: 'same-origin' }).catch(() => null);
  await redraw(card.dataset.id);
  if (answer?.ok) { toast(title); return; }
  const said = answer && new DOMParser().parseFromString(await answer.text(), 'text/html');
  const problems = said && $$('li', said).map((each) => each.textContent.trim()).filter(Boolean).join('；');
  toast(problems || said?.body.textContent.trim().slice(0, 200) || t('no_answer'), { stay: true });
}

/** Why a document is cancelled; null when it is kept after all. */
function whyAsked() {
  const dialog = $('#cancel-dialog'), reason = $('#cancel-reason');
  reason.value = '';
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => { dialog.addEventListener('close', () => resolve(dialog.returnValue === 'cancel' ? reason.value : null), { once: true }); });
}

/** Save one value of a record through its cell; the message offers the way back. */
async function move(card, value, { isUndo = false } = {}) {
  if (card.dataset.acts) { act(card, value); return; }
  const { id, version, value: was } = card.dataset, field = look().dataset.field;
  // A moment keeps its time of day when it goes to another day.
  const kept = was.length > value.length && was[10] === ' ' ? value + was.slice(10) : value;
  if (!field || kept === was) return;
  const body = new URLSearchParams({ version, [field]: kept, columns: '', csrf_token: $('input[name=csrf_token]').value });
  let answer = null;
  try {
    answer = await fetch(`${look().dataset.cells}/${id}/cells/${field}`, { method: 'POST', body, headers: HEADERS, credentials: 'same-origin' });
  } catch { /* said below */ }
  if (!answer?.ok) {
    const isJson = answer?.headers.get('Content-Type')?.includes('json');
    toast(isJson ? (await answer.json()).problems.join('；') : answer ? await answer.text() : t('no_answer'), { stay: true });
    return redraw(id);
  }
  const { version: now } = await answer.json();
  const title = card.title || $('a', card).textContent;
  await redraw(id);
  // What undoing gives back is the value as the server wrote it.
  if (!isUndo) toast(title, { undo: () => move({ title, dataset: { id, version: now, value: kept } }, was, { isUndo: true }) });
}

const target = (event) => event.target.closest?.('.kb-lane, .mo-d');
const valueOf = (place) => place.dataset.lane ?? place.dataset.day;

document.addEventListener('dragstart', (event) => {
  dragged = event.target.closest?.('[draggable=true]');
  if (!dragged) return;
  event.dataTransfer.effectAllowed = 'move';
  event.dataTransfer.setData('text/plain', $('a', dragged).href);
  dragged.classList.add('is-dragged');
});
document.addEventListener('dragover', (event) => {
  const place = dragged && target(event);
  for (const each of $$('.is-over')) if (each !== place) each.classList.remove('is-over');
  if (!place) return;
  event.preventDefault();
  place.classList.add('is-over');
});
document.addEventListener('drop', (event) => {
  const place = dragged && target(event);
  if (!place) return;
  event.preventDefault();
  move(dragged, valueOf(place));
});
document.addEventListener('dragend', () => {
  dragged?.classList.remove('is-dragged');
  dragged = null;
  for (const each of $$('.is-over')) each.classList.remove('is-over');
});

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-move]')) move(event.target.closest('article'), event.target.value);
});

document.addEventListener('click', (event) => {
  const dialog = $('#day-dialog');
  const opener = event.target.closest('[data-day-move]');
  if (opener) {
    asked = opener.closest('article');
    $('#day-value').value = asked.closest('[data-day]').dataset.day;
    dialog.returnValue = '';
    dialog.showModal();
  }
  if (event.target.closest('[data-day-close]')) dialog.close();
  if (event.target.closest('[data-cancel-close]')) $('#cancel-dialog').close();
});
$('#day-dialog')?.addEventListener('close', () => {
  if ($('#day-dialog').returnValue === 'move' && asked && $('#day-value').value) move(asked, $('#day-value').value);
  asked = null;
});

document.addEventListener('keydown', (event) => {
  if (composing(event) || !event.altKey || !event.key.startsWith('Arrow')) return;
  const card = event.target.closest?.('[draggable=true]');
  if (!card) return;
  const day = card.closest('[data-day]');
  const lanes = $$('.kb-lane'), at = lanes.indexOf(card.closest('.kb-lane'));
  const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  const lane = lanes[at + (event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0)];
  event.preventDefault();
  if (day) move(card, shiftDay(day.dataset.day, days));
  else if (lane) move(card, lane.dataset.lane);
});
