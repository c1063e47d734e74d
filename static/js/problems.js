/** The error summary of an answer: the same words beside each field, focus on the summary, links that lead clear of the bars. */
import { $, $$ } from './dom.js';
import { mark, warn } from './invalid.js';
import { reveal } from './sections.js';
import { t } from './texts.js';

const title = document.title;

/** Bring what a link of the summary names into view and focus it. */
function goTo(id) {
  let input = document.getElementById(id);
  if (!input) return;
  // A line table as a whole: its first box.
  if (input.matches('section')) input = $('tbody .cell', input) ?? input;
  reveal(input);
  input.scrollIntoView({ block: 'center' });
  input.focus({ preventScroll: true });
  input.select?.();
}

/** Put the words of the summary beside their fields; true when there are any. */
export function spread() {
  for (const input of $$('[aria-invalid=true]')) mark(input, null);
  const summary = $('#problems [data-summary]');
  document.title = summary && !('onlyWarned' in summary.dataset) ? t('error_prefix') + title : title;
  if (!summary) return false;
  const seen = new Set();
  for (const link of $$('a[data-at]', summary)) {
    const input = document.getElementById(link.dataset.at);
    if (!input?.matches('input, select, textarea') || seen.has(input)) continue;
    seen.add(input);
    if ('warning' in link.dataset) warn(input, link.dataset.words); else mark(input, link.dataset.words);
  }
  return true;
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('#problems a[data-at]');
  if (!link) return;
  event.preventDefault();
  goTo(link.dataset.at);
});

/** After an answer with problems: spread them and hand the focus to the summary. */
export function report() {
  for (const open of $$('dialog[open]')) open.close();
  if (!spread()) return;
  const summary = $('#problems [data-summary]');
  scrollTo({ top: 0 });
  summary.focus({ preventScroll: true });
}

document.addEventListener('htmx:after:settle', (event) => { if (event.target.id === 'problems') report(); });
if ($('#problems [data-summary]')) report();
