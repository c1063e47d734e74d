/** The inbox by keyboard and in batches: j and k walk, x chooses; what answers is in decide.js. */
import { $, $$, composing } from './dom.js';
import './decide.js';
import { t } from './texts.js';

const typing = (target) => target.closest?.('input:not(.ibx-ck), textarea, select, dialog[open]');
const root = () => $('#inbox'), links = () => $$('.ibx-list [data-item]'), boxes = () => $$('.ibx-ck');
const here = () => links().find((each) => each.getAttribute('aria-current') === 'true');

/** The line that is open: marked in the list, and alone on a phone. */
function mark(link) {
  for (const each of links()) { each.removeAttribute('aria-current'); each.removeAttribute('id'); }
  link.setAttribute('aria-current', 'true');
  link.id = 'ibx-current';
}

function walk(step) {
  const items = links(), next = items[items.indexOf(here()) + step];
  if (next) { next.click(); next.focus({ preventScroll: true }); next.scrollIntoView({ block: 'nearest' }); }
}

/** How many are chosen; the bar is there as long as any is. */
function count() {
  const bar = $('#ibx-batch'), chosen = boxes().filter((box) => box.checked).length;
  if (!bar) return;
  bar.hidden = !chosen;
  root().classList.toggle('is-choosing', chosen > 0);
  $('[data-count]', bar).textContent = t('chosen', { n: chosen });
  const all = $('[data-all]', bar);
  all.checked = chosen === boxes().length;
  all.indeterminate = chosen > 0 && !all.checked;
}

function choose(isChosen) { for (const box of boxes()) box.checked = isChosen; count(); }

function chooseHere() {
  const box = $('.ibx-ck', here()?.parentElement);
  if (box) { box.checked = !box.checked; count(); }
}

/** What would be approved is read once more, in a dialog. */
async function ask(form) {
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  await window.htmx.ajax('GET', address, { target: '#ibx-dialog', swap: 'innerHTML' });
  const dialog = $('#ibx-dialog');
  if (dialog.childElementCount) dialog.showModal();
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('.ibx-list [data-item]');
  if (link && !event.ctrlKey && !event.metaKey) { mark(link); root().classList.add('is-opened'); }
  const step = event.target.closest?.('[data-walk]');
  if (step) walk(Number(step.dataset.walk));
  if (event.target.closest?.('#ibx-batch [data-clear]')) choose(false);
  if (event.target.closest?.('#ibx-dialog [data-close]')) $('#ibx-dialog').close();
});
document.addEventListener('change', (event) => {
  if (event.target.matches?.('#ibx-batch [data-all]')) choose(event.target.checked);
  else if (event.target.matches?.('.ibx-ck')) count();
});
document.addEventListener('submit', (event) => {
  if (event.target.id !== 'ibx-batch') return;
  event.preventDefault();
  ask(event.target);
});
// An answer draws the list anew: the dialog has done its work, and nothing is chosen any more.
document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
  if (ctx?.sourceElement?.closest?.('#ibx-dialog')) $('#ibx-dialog').close();
  count();
});

document.addEventListener('keydown', (event) => {
  if (composing(event) || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const acts = { j: () => walk(1), k: () => walk(-1), ArrowDown: () => walk(1), ArrowUp: () => walk(-1), x: chooseHere };
  if (!(event.key in acts)) return;
  if (event.key.startsWith('Arrow') && !event.target.closest?.('.ibx-list')) return;
  event.preventDefault();
  acts[event.key]();
});
count();
