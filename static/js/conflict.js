/**
 * Somebody else saved first: each field on which the two disagree, as it was when the page was opened, as it
 * was typed here and as it is now. What was not touched here takes the latest by itself; either can be taken.
 */
import { $, $$ } from './dom.js';

/** What a box held when the page was opened. */
function before(input) {
  if (input.type === 'checkbox') return input.defaultChecked ? '✓' : '';
  if (input.tagName === 'SELECT') return [...input.options].filter((o) => o.defaultSelected).map((o) => o.text.trim()).join('、');
  return input.defaultValue;
}

const isTouched = (input) => (input.type === 'checkbox' ? input.checked !== input.defaultChecked : input.tagName === 'SELECT' ? [...input.options].some((o) => o.selected !== o.defaultSelected && o.value) : input.value !== input.defaultValue);

/** What stands in a box now, in the form in which the other value came. */
function held(input) {
  const lookup = input.closest('ref-lookup');
  if (lookup) return { id: lookup.key, text: input.value };
  return { id: input.type === 'checkbox' ? String(input.checked) : input.value, text: input.value };
}

function put(input, { id, text }) {
  const lookup = input.closest('ref-lookup');
  if (lookup) lookup.choose(id ? { id, label: text } : null, { isLate: true });
  else if (input.type === 'checkbox') input.checked = id === 'true';
  else if (input.tagName === 'SELECT') input.value = id;
  else input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
}

function follow(row) {
  const input = document.getElementById(row.dataset.at);
  if (!input) return;
  const values = { mine: held(input), theirs: { id: row.dataset.id, text: row.dataset.value } };
  const choose = (which) => {
    put(input, values[which]);
    for (const button of $$('[data-take]', row)) button.setAttribute('aria-pressed', String(button.dataset.take === which));
  };
  $('[data-was]', row).textContent = before(input) || '—';
  const isOurs = isTouched(input);
  for (const button of $$('[data-take]', row)) button.addEventListener('click', () => choose(button.dataset.take));
  if (!isOurs) choose('theirs');
}

function settle() {
  const conflict = $('#problems [data-conflict]');
  if (!conflict) return;
  for (const row of $$('tr[data-at]', conflict)) follow(row);
  const form = $('form[data-draft]');
  $('[data-overwrite]', conflict)?.addEventListener('click', (event) => {
    $('input[name=version]', form).value = event.currentTarget.dataset.overwrite;
    const save = $('button[name=_then][value=save]');
    // For a task nothing is saved by itself: what was chosen goes along with the answer.
    if (save) form.requestSubmit(save); else conflict.remove();
  });
}

document.addEventListener('htmx:after:settle', (event) => { if (event.target.id === 'problems') settle(); });
settle();
