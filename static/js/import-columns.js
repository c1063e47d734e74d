/** What a column becomes decides which of its inputs count. */
import { $, $$ } from './dom.js';

for (const select of $$('[data-submit]')) select.addEventListener('change', () => select.form.requestSubmit());

function settle(row) {
  const take = $('[data-take]', row).value;
  row.classList.toggle('is-skipped', take === '');
  for (const input of $$('[data-new]', row)) input.hidden = take !== '+';
  for (const text of $$('[data-old]', row)) text.hidden = take === '+';
}

for (const row of $$('[data-column]')) {
  $('[data-take]', row).addEventListener('change', () => settle(row));
  settle(row);
}
$('[data-focus]')?.focus();
