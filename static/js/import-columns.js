/** What a column becomes decides which of its inputs count. */
import { $, $$ } from './dom.js';

for (const select of $$('[data-submit]')) select.addEventListener('change', () => select.form.requestSubmit());

function settle(row) {
  const select = $('[data-take]', row), take = select.value;
  row.classList.toggle('is-skipped', take === '');
  for (const input of $$('[data-new]', row)) input.hidden = take !== '+';
  for (const text of $$('[data-old]', row)) {
    text.hidden = take === '+';
    text.textContent = select.selectedOptions[0]?.dataset.kind ?? '—';
  }
}

/** Say which required fields still have no column. */
function count() {
  const taken = new Set($$('[data-take]').map((select) => select.value));
  const needs = $$('[data-need]');
  for (const need of needs) need.hidden = taken.has(need.dataset.need);
  $('#missing').hidden = needs.every((need) => need.hidden);
}

for (const row of $$('[data-column]')) {
  $('[data-take]', row).addEventListener('change', () => { settle(row); count(); });
  settle(row);
}
$('[data-focus]')?.focus();
