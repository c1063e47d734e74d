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

/** Records are found by fields that a column goes into; nothing is looked for when all is new. */
function offerKeys() {
  const box = $('[data-keys]');
  if (!box) return;
  const taken = new Set($$('[data-take]').map((select) => select.value));
  for (const key of $$('[data-key]', box)) {
    key.hidden = !taken.has(key.dataset.key);
    if (key.hidden) $('input', key).checked = false;
  }
  box.hidden = $('[data-mode]:checked')?.value === 'add' && ![...taken].some((take) => take.includes('.'));
}
for (const mode of $$('[data-mode]')) mode.addEventListener('change', offerKeys);

for (const row of $$('[data-column]')) {
  $('[data-take]', row).addEventListener('change', () => { settle(row); count(); offerKeys(); });
  settle(row);
}
offerKeys();
$('[data-focus]')?.focus();
