/** Working in a list: the dialog that asks, the rows that are ticked, what is said when it is done. */
import { $, $$, composing, toast } from '../dom.js';
import { tools } from './tools.js';
import './cells.js';

const dialog = $('#work'), bar = $('#picked');
let isAll = false, last = null;

const boxes = () => $$('#list tbody .lst-ck');
const ticked = () => boxes().filter((box) => box.checked);

/** The list's own address, with what is asked about it. */
function asking(href, more) {
  const address = new URL(href, location.href);
  for (const [name, value] of new URL(location.href).searchParams) if (!['after', 'before'].includes(name)) address.searchParams.append(name, value);
  for (const [name, value] of Object.entries(more)) address.searchParams.set(name, value);
  return address.pathname + address.search;
}

function open(title, href) {
  $('#work-title').textContent = title;
  $('#work-body').replaceChildren();
  dialog.showModal();
  htmx.ajax('GET', href, { target: '#work-body', swap: 'innerHTML' });
}

function show() {
  if (!bar) return;
  const count = ticked().length, all = boxes().length;
  const head = $('#list thead .lst-ck');
  if (head) { head.checked = count > 0 && count === all; head.indeterminate = count > 0 && count < all; }
  if (!count) isAll = false;
  bar.hidden = !count;
  document.body.classList.toggle('has-picked', count > 0);
  for (const box of boxes()) box.closest('tr').classList.toggle('is-picked', box.checked);
  const everything = $('[data-everything]', bar);
  everything?.setAttribute('aria-pressed', String(isAll));
  $('[data-count]', bar).textContent = isAll ? bar.dataset.all : bar.dataset.some.replace('{n}', count);
}

function tick(box, isOn) { box.checked = isOn; }

function none() { for (const box of boxes()) tick(box, false); isAll = false; last = null; show(); }

/** From the last row that was ticked to this one. */
function reach(box) {
  const all = boxes(), from = all.indexOf(last), to = all.indexOf(box);
  if (from < 0) return;
  for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) tick(each, box.checked);
}

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-work]');
  if (opener && dialog) {
    $('#work-title').textContent = opener.dataset.title ?? opener.textContent.trim();
    $('#work-body').replaceChildren();
    dialog.showModal();
  }
  if (event.target.closest('[data-work-close]')) dialog?.close();
  const act = event.target.closest('#picked [data-act]');
  if (act) {
    const scope = isAll ? { scope: 'all' } : { ids: ticked().map((box) => box.value).join(',') };
    open(act.dataset.title, asking(act.dataset.href, { action: act.dataset.act, ...scope }));
  }
  // The sheet shows what the list shows now.
  const sheet = event.target.closest('a[data-sheet]');
  if (sheet) sheet.href = asking(sheet.pathname, {});
  if (event.target.closest('[data-none]')) none();
  if (event.target.closest('[data-everything]')) { isAll = !isAll; show(); }
  const box = event.target.closest('.lst-ck');
  if (!box) return;
  if ('all' in box.dataset) for (const each of boxes()) tick(each, box.checked);
  else { if (event.shiftKey) reach(box); last = box; }
  if (!box.checked) isAll = false;
  show();
});

// A file comes as a download: the page stays, so the dialog closes by itself.
document.addEventListener('submit', (event) => {
  if (event.target.dataset.workDone === 'close') setTimeout(() => dialog?.close());
});

/** Ask for the list again as its address says it. */
export const refresh = () => htmx.ajax('GET', location.href, { target: '#list', swap: 'outerMorph' });

async function undo(address) {
  const body = new URLSearchParams({ csrf_token: $('input[name=csrf_token]').value });
  const headers = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' };
  const answer = await fetch(address, { method: 'POST', body, headers, credentials: 'same-origin' });
  if (answer.headers.has('HX-Redirect')) location.assign(answer.headers.get('HX-Redirect'));
  else if (answer.ok) done(JSON.parse(answer.headers.get('HX-Trigger'))['work:done']);
  else toast(await answer.text(), { stay: true });
}

function done({ text, undo: address }) {
  dialog?.close();
  none();
  toast(text, { undo: address ? () => undo(address) : null });
  refresh();
}

document.addEventListener('work:done', ({ detail }) => done(detail));

// What is asked may need boxes of every kind: they come alive when they arrive.
document.addEventListener('htmx:after:swap', () => {
  const body = $('#work-body');
  if (body?.firstElementChild && !body.dataset.ready) { tools(body); $('[autofocus]', body)?.focus(); }
  show();
});

const typing = (target) => target.closest?.('input:not(.lst-ck), textarea, select, dialog[open], .le');

document.addEventListener('keydown', (event) => {
  if (composing(event) || typing(event.target)) return;
  const row = event.target.closest?.('#list tbody tr');
  if ((event.ctrlKey || event.metaKey) && event.key === 'a' && boxes().length) {
    event.preventDefault();
    for (const box of boxes()) tick(box, true);
    show();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape' && ticked().length && !$('dialog[open]')) none();
  const box = row && $('.lst-ck', row);
  if (!box) return;
  if (event.shiftKey && ['ArrowDown', 'ArrowUp'].includes(event.key)) {
    // The list has gone to the next row by now or will: both ends of the step are ticked.
    const all = boxes(), next = all[all.indexOf(box) + (event.key === 'ArrowDown' ? 1 : -1)];
    tick(box, true);
    if (next) tick(next, true);
    last = next ?? box;
    show();
  } else if (event.key === 'x' || event.key === ' ') {
    event.preventDefault();
    tick(box, !box.checked);
    last = box;
    show();
  } else if (event.key === 'Delete' && bar) {
    if (!ticked().length) { tick(box, true); show(); }
    $('[data-act=delete]', bar)?.click();
  }
});

show();
