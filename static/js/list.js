/** Lists: a row is a link, j and k walk, f filters; sheets change the address, which is the whole state. */
import { $, $$, composing } from './dom.js';
import './list-columns.js';

const typing = (target) => target.closest?.('input, textarea, select, dialog[open]');
const sheet = $('#filter');

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-sheet]');
  if (opener && sheet && !sheet.open) {
    $('#filter-title').textContent = opener.dataset.sheet;
    $('#filter-body').replaceChildren();
    sheet.showModal();
  }
  if (event.target.closest('[data-sheet-close]')) sheet?.close();
  const row = event.target.closest('tr[data-href]');
  if (!row || event.target.closest('a, button, input, label') || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) open(row.dataset.href, '_blank', 'noopener');
  else $('a', row).click();
});

/** The first thing to fill in: a row without a field, what is wrong, else the first control. */
const first = (body) => $('[aria-invalid]', body) ?? $$('.flt-f', body).find((each) => !each.value)
  ?? $('#view-name, .flt-v, .lay-name input, select, input:not([type=hidden])', body);

// What a sheet shows arrives after it has opened; the cursor goes to where one begins, or stays where it was.
document.addEventListener('htmx:after:swap', () => {
  const body = $('#filter-body');
  if (sheet?.open && !body.contains(document.activeElement)) first(body)?.focus();
});

// A sheet closes when its answer has reached the list, and stays when it has something to say.
document.addEventListener('htmx:after:request', (event) => {
  const from = event.detail?.ctx?.sourceElement;
  const isSheet = from?.id === 'filter-form' || from?.id === 'layout-form';
  if (isSheet && event.detail.ctx.response?.status === 200) sheet?.close();
});

function walk(step) {
  const links = $$('#list tbody .lst-k a');
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: 'nearest' });
}

document.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  if (event.target.id === 'q' && event.key === 'ArrowDown') { event.preventDefault(); return walk(1); }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const inTable = event.target === document.body || event.target.closest?.('#list, #main');
  const steps = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps && inTable) { event.preventDefault(); walk(steps[event.key]); }
  else if (event.key === 'f' && $('#filter-open')) { event.preventDefault(); $('#filter-open').click(); }
});
