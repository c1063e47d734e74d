/** Lists: a row is a link, j and k walk, f filters; the address is the whole state. */
import { $, $$, composing } from './dom.js';

const typing = (target) => target.closest?.('input, textarea, select, dialog[open]');
const filter = $('#filter');

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-filter-open]') && filter && !filter.open) filter.showModal();
  if (event.target.closest('[data-filter-close]')) filter?.close();
  const row = event.target.closest('tr[data-href]');
  if (!row || event.target.closest('a, button, input, label') || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) open(row.dataset.href, '_blank', 'noopener');
  else $('a', row).click();
});

// The sheet's fields arrive after it has opened; the cursor goes to the first, or stays where it was.
document.addEventListener('htmx:after:swap', () => {
  if (filter?.open && !$('#filter-body').contains(document.activeElement)) $('#filter-field')?.focus();
});

// The filter sheet closes when its answer has reached the list, and stays when it has something to say.
document.addEventListener('htmx:after:request', (event) => {
  const from = event.detail?.ctx?.sourceElement;
  if (from?.id === 'filter-form' && event.detail.ctx.response?.status === 200) filter?.close();
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
  else if (event.key === 'f') { const open = $('.lst-bar [data-filter-open]'); if (open) { event.preventDefault(); open.click(); } }
});
