/** Choosing lines of a conversion: all at once, and a line is chosen when a quantity is typed. */
import { $, $$ } from '../dom.js';

const form = $('[data-conversion]');
const all = $('[data-all]', form);
const lines = () => $$('tbody .ck:not(:disabled)', form);

function shown() {
  const chosen = lines().filter((box) => box.checked).length;
  all.checked = chosen > 0 && chosen === lines().length;
  all.indeterminate = chosen > 0 && !all.checked;
}

form.addEventListener('change', ({ target }) => {
  if (target === all) for (const box of lines()) box.checked = all.checked;
  shown();
});
form.addEventListener('input', ({ target }) => {
  if (!target.name?.startsWith('take.')) return;
  $('.ck', target.closest('tr')).checked = target.value.trim() !== '';
  shown();
});
shown();
$('[aria-invalid=true]', form)?.focus();
