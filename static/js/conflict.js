/** Somebody else saved first: each difference with both values; what was not touched here takes the latest by itself. */
import { $, $$ } from './dom.js';
import { t } from './texts.js';

const isTouched = (input) => (input.type === 'checkbox' ? input.checked !== input.defaultChecked : input.tagName === 'SELECT' ? [...input.options].some((o) => o.selected !== o.defaultSelected) : input.value !== input.defaultValue);

function take(row) {
  const input = document.getElementById(row.dataset.at);
  if (!input) return;
  const lookup = input.closest('ref-lookup');
  if (lookup) lookup.choose(row.dataset.id ? { id: row.dataset.id, label: row.dataset.value } : null, { isLate: true });
  else if (input.type === 'checkbox') input.checked = row.dataset.id === 'true';
  else if (input.tagName === 'SELECT') input.value = row.dataset.id;
  else input.value = row.dataset.value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Show the differences: take the latest where nothing was typed, offer it elsewhere. */
function settle() {
  const conflict = $('#problems [data-conflict]');
  if (!conflict) return;
  for (const row of $$('tr[data-at]', conflict)) {
    const input = document.getElementById(row.dataset.at), button = $('button', row);
    const done = (key) => button.replaceWith(t(key));
    if (input && !isTouched(input)) { take(row); done('theirs_taken'); } else if (input) button.addEventListener('click', () => { take(row); done('took_theirs'); });
  }
  const form = $('form[data-draft]');
  $('[data-overwrite]', conflict)?.addEventListener('click', (event) => {
    form.elements.version.value = event.currentTarget.dataset.overwrite;
    form.requestSubmit(document.querySelector('button[name=_then][value=save]'));
  });
}

document.addEventListener('htmx:after:settle', (event) => { if (event.target.id === 'problems') settle(); });
settle();
